"""Which price a model has, and price tables that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from turnwise.errors import UsageError
from turnwise.models import Usage
from turnwise.rollout import Price, known_price, price_of, read_prices

OPENROUTER = "@https://openrouter.ai/api/v1"


@pytest.mark.parametrize(
    ("model", "entry"),
    [
        ("openai:gpt-4o", "gpt-4o"),
        ("openai:gpt-4o@https://api.openai.com/v1", "gpt-4o"),
        ("openai:gpt-4o-mini", "gpt-4o-mini"),
        ("openai:gpt-4o-2024-08-06", "gpt-4o"),
        ("openai:gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        (f"openai:openai/gpt-4o{OPENROUTER}", "gpt-4o"),
        (f"openai:anthropic/claude-sonnet-4.5{OPENROUTER}", "claude-sonnet-4-5"),
        ("anthropic:claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("anthropic:claude-haiku-4-5@20251001@https://vertex.test/v1", "claude-haiku-4-5"),
        ("google:gemini-2.5-flash-preview-05-20", "gemini-2.5-flash"),
        ("google:gemini-2.5-pro-latest", "gemini-2.5-pro"),
        ("openai:GPT-4o", "gpt-4o"),
    ],
)
def test_a_model_has_the_price_of_its_entry(model: str, entry: str) -> None:
    """Makers before the name, addresses and dated releases lead to the entry of the model."""
    prices = read_prices()
    assert price_of(model, prices) == prices[entry]


@pytest.mark.parametrize(
    "model",
    [
        "openai:gpt-5-pro",
        "openai:gpt-5-nano",
        "openai:gpt-5.1",
        "openai:gpt-4o-audio-preview",
        "openai:gpt-4",
        "openai:my-gpt-4o",
        "openai:llama3:8b@http://localhost:11434/v1",
        f"openai:openai/gpt-4o:free{OPENROUTER}",
        "openai:",
    ],
)
def test_a_model_that_only_begins_alike_has_no_price(model: str) -> None:
    """A larger model that shares the beginning of a name is not given the smaller one's price; a cap is refused."""
    prices = read_prices()
    assert price_of(model, prices) is None
    with pytest.raises(UsageError, match=r"no price is known for .*--prices FILE"):
        known_price(model, prices)


@pytest.mark.parametrize("model", ["simulated:eroding", "scripted:replies.jsonl", "transformers:gpt-4o"])
def test_models_on_this_machine_are_free(model: str) -> None:
    """What asks nobody costs nothing, whatever it is called."""
    assert known_price(model, read_prices()).cost_usd(Usage(10**9, 10**9)) == 0.0


def test_own_entries_replace_those_that_ship(tmp_path: Path) -> None:
    """An own file changes one price, adds one with its maker's name, and leaves the others."""
    own = tmp_path / "prices.toml"
    own.write_text(
        '[gpt-4o]\ninput = 1\noutput = 2.5\nseen = "2026-01"\n'
        '["openai/gpt-4o"]\ninput = 7\noutput = 8\nseen = "2026-01"\n'
        '["llama3:8b"]\ninput = 0\noutput = 0\nseen = "own server"\n'
    )
    prices, shipped = read_prices(own), read_prices()
    assert price_of("openai:gpt-4o-2024-08-06", prices) == Price(1.0, 2.5, "2026-01")
    assert price_of(f"openai:openai/gpt-4o{OPENROUTER}", prices) == Price(7.0, 8.0, "2026-01")
    assert known_price("openai:llama3:8b@http://localhost:11434/v1", prices).output == 0.0
    assert price_of("openai:gpt-5", prices) == shipped["gpt-5"]


def test_cost_is_counted_by_the_million_tokens() -> None:
    """2,000 tokens in at 2.50 and 500 out at 10 are a cent; what is not counted is free."""
    price = read_prices()["gpt-4o"]
    assert price.cost_usd(Usage(2_000, 500)) == pytest.approx(0.01)
    assert price.cost_usd(Usage(None, 500)) == pytest.approx(0.005)
    assert price.cost_usd(Usage()) == 0.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[gpt-4o", "not a price table"),
        ('[gpt-4o]\ninput = 1\nseen = "x"\n', "output"),
        ('[gpt-4o]\ninput = -1\noutput = 1\nseen = "x"\n', "0 or more"),
        ('[gpt-4o]\ninput = nan\noutput = 1\nseen = "x"\n', "0 or more"),
        ('[gpt-4o]\ninput = "1"\noutput = 1\nseen = "x"\n', "float"),
        ('[gpt-4o]\ninput = 1\noutput = 1\nseen = "x"\ncached = 1\n', "cached"),
        ("gpt-4o = 1\n", "not a price table"),
        ("a = " + "[" * 100_000, "nested too deeply"),
    ],
)
def test_a_broken_table_is_refused_in_one_sentence(text: str, said: str, tmp_path: Path) -> None:
    """The sentence names the file and what is wrong."""
    own = tmp_path / "prices.toml"
    own.write_text(text)
    with pytest.raises(UsageError) as raised:
        read_prices(own)
    assert str(raised.value).startswith(f"{own}: ")
    assert said in str(raised.value)


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A missing file and a folder give one sentence."""
    for path in (tmp_path / "absent.toml", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            read_prices(path)
