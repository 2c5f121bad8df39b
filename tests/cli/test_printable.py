"""What of a foreign text reaches the screen."""

from __future__ import annotations

import pytest

from turnwise.cli.printable import one_line, printable

CONTROLS = [*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), "\u2028", "\u2029", "\u202e", "\u2066", "\ud800"]


@pytest.mark.parametrize("control", [control for control in CONTROLS if control not in "\n\t"])
def test_control_characters_are_replaced(control: str) -> None:
    """No control, separator, direction override or lone surrogate stays."""
    assert printable(f"a{control}b") == "a\ufffdb"


def test_letters_of_every_script_stay() -> None:
    """Joiners, wide and unbroken blanks and emoji are text."""
    text = "naïve 你好\u3000世界 \u0645\u06cc\u200c\u062e\u0648 👩\u200d🔬 10\u00a0%"

    assert printable(text) == text


def test_line_breaks_stay_in_text_and_leave_names() -> None:
    """A text keeps its lines, and a name cannot forge one."""
    assert printable("a\r\nb\nc\td") == "a\nb\nc    d"
    assert one_line("a\nb") == "a\ufffdb"
