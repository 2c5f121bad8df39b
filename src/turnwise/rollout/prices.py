"""What a model's tokens cost: the price table that ships, a user's own before it, and finding a model in them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from turnwise.errors import UsageError
from turnwise.files import read_file
from turnwise.models import Usage

__all__ = ["Price", "known_price", "price_of", "read_prices"]

_SHIPPED = Path(__file__).parent / "prices.toml"
_A_MILLION = 1e6
_FREE_PROVIDERS = frozenset({"simulated", "scripted", "transformers"})
# What providers add to a name for one release of the model it stands for: a date, a build, a channel.
_RELEASE = re.compile(r"(?:[-@](?:\d{4}-\d\d-\d\d|\d{8}|\d\d-\d\d|\d\d-\d{4}|\d{3,4}|latest|preview))*")


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dollars per million tokens, and when that was read from the provider's list."""

    input: float
    output: float
    seen: str

    def __post_init__(self) -> None:
        """Refuse what is no price."""
        for name, value in (("input", self.input), ("output", self.output)):
            if not 0.0 <= value < float("inf"):
                raise ValueError(f"{name} is {value}: give dollars per million tokens, 0 or more")

    def cost_usd(self, usage: Usage) -> float:
        """What a call cost; tokens the provider did not count are free, so this is then a lower bound."""
        return ((usage.input_tokens or 0) * self.input + (usage.output_tokens or 0) * self.output) / _A_MILLION


_FREE = Price(0.0, 0.0, "always")


def read_prices(own: Path | None = None) -> dict[str, Price]:
    """The shipped price table, with the entries of an own file in the place of those of the same name.

    Raises:
        UsageError: the own file cannot be read or breaks the format.
    """
    prices = _read(_SHIPPED)
    return {**prices, **_read(own)} if own is not None else prices


def price_of(model: str, prices: Mapping[str, Price]) -> Price | None:
    """The price of a model by its spelling; None when it is not known.

    An entry is for the model of its name and for dated releases of it, with or without the name of a maker before it
    ("openai/gpt-4o"); "gpt-5" is not the price of "gpt-5-pro". The longest entry counts. Simulated, scripted and
    in-process models are free.
    """
    provider, _, rest = model.partition(":")
    if provider in _FREE_PROVIDERS:
        return _FREE
    name = _plain(re.split(r"@https?://", rest, maxsplit=1, flags=re.IGNORECASE)[0])
    names = (name, name.rsplit("/", 1)[-1])
    matching = [key for key in prices if any(_is_release(candidate, _plain(key)) for candidate in names)]
    return prices[max(matching, key=len)] if matching else None


def known_price(model: str, prices: Mapping[str, Price]) -> Price:
    """The price of a model that a cost cap is set for.

    Raises:
        UsageError: it is not known, so that the cap would not hold.
    """
    price = price_of(model, prices)
    if price is None:
        raise UsageError(
            f"--max-cost-usd: no price is known for {model}; put it into a TOML file under the model's name, with "
            "input and output (dollars per million tokens, 0 for a server of your own) and seen, and give --prices FILE"
        )
    return price


def _plain(name: str) -> str:
    """A name as it is compared: some services write claude-sonnet-4.5 for claude-sonnet-4-5."""
    return name.lower().replace(".", "-")


def _is_release(name: str, key: str) -> bool:
    return name.startswith(key) and _RELEASE.fullmatch(name, len(key)) is not None


def _read(path: Path) -> dict[str, Price]:
    try:
        return msgspec.convert(tomllib.loads(read_file(path).decode()), dict[str, Price])
    except OSError as error:
        raise UsageError(f"{path}: the price table cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{path}: not a price table ({error}); wanted [model] with input, output and seen") from error
    except RecursionError as error:
        raise UsageError(f"{path}: not a price table (nested too deeply to be read)") from error
