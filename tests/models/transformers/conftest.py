"""Tiny random models on disk, made in seconds without any download: one that sees, one that reads only."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from dialogue.whole_png import whole_png
from turnwise.dialogue import Image

_MAKER = Path(__file__).parents[2] / "extras" / "tiny_vlm.py"
_NEEDED = ("torch", "transformers", "accelerate")
_TEXT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'system' %}{{ raise_exception('there is no system role here') }}{% endif %}"
    "{{ message['role'] }}: {{ message['content'] }}{{ '\\n' }}{% endfor %}assistant: "
)


@pytest.fixture(scope="session")
def tiny_vlm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tiny model that sees: a token per byte of the rendered chat, 16 per image."""
    absent = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if absent:
        pytest.skip(f"a model in this process needs what is not installed: {', '.join(absent)}")
    folder = tmp_path_factory.mktemp("models") / "tiny-vlm"
    made = subprocess.run([sys.executable, str(_MAKER), str(folder)], capture_output=True, text=True, check=False)
    assert made.returncode == 0, f"the tiny model was not made:\n{made.stderr[-3000:]}"
    return folder


@pytest.fixture(scope="session")
def tiny_llm(tiny_vlm: Path) -> Path:
    """The folder of a text model of the same family, whose template knows no system role and whose context is 64."""
    transformers: Any = import_module("transformers")
    folder = tiny_vlm.with_name("tiny-llm")
    transformers.utils.logging.disable_progress_bar()
    config = transformers.AutoConfig.from_pretrained(tiny_vlm).text_config
    config.max_position_embeddings = 64
    transformers.set_seed(7)
    model = transformers.LlamaForCausalLM(config)
    model.generation_config = transformers.GenerationConfig.from_pretrained(tiny_vlm)
    model.save_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_vlm)
    tokenizer.chat_template = _TEXT_TEMPLATE
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def red(tmp_path: Path) -> Image:
    """A red PNG."""
    return drawn(tmp_path / "red.png", "red")


@pytest.fixture
def blue(tmp_path: Path) -> Image:
    """A blue PNG."""
    return drawn(tmp_path / "blue.png", "blue")


@pytest.fixture
def broken(tmp_path: Path) -> Image:
    """A file with the structure of a PNG and no picture in it."""
    path = tmp_path / "broken.png"
    path.write_bytes(whole_png(b"no picture at all" * 8))
    return Image.from_file(path)


def drawn(path: Path, colour: str) -> Image:
    """A picture of a square in one colour on white, wider than high."""
    picture = PIL.Image.new("RGB", (90, 60), "white")
    picture.paste(colour, (20, 10, 60, 50))
    picture.save(path, format="PNG")
    return Image.from_file(path)
