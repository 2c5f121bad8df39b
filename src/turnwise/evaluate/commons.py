"""What all models of a run have in common: one budget, one response cache, one gate for each address."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from turnwise.models import ChatModel, Gate, Paced, PacingLimits
from turnwise.rollout import Budget, Cached, Caps, ResponseCache, Spending

__all__ = ["Commons", "LocalCommons", "address_of"]


class Commons(Protocol):
    """Puts what is common around a model; in this process, or from afar."""

    @property
    def budget(self) -> Spending:
        """What requests are paid from."""
        ...

    def paced(self, model: ChatModel) -> ChatModel:
        """A network model that keeps within the limits of its endpoint."""
        ...

    def cached(self, model: ChatModel) -> ChatModel:
        """A model that looks into the response cache first, where there is one.

        Raises:
            RunFileError: the cache cannot be used.
        """
        ...


class LocalCommons:
    """The commons of a run whose models are all in this process.

    Attributes:
        cache: None where there is none.
    """

    def __init__(self, limits: PacingLimits, caps: Caps, cache: Path | None) -> None:
        self.budget = Budget(caps)
        self._limits = limits
        self._gates: dict[str, Gate] = {}
        self._cache_path = cache
        self._cache: ResponseCache | None = None

    @property
    def cache(self) -> ResponseCache | None:
        """The response cache, opened when it is first asked for; None where there is none.

        Raises:
            RunFileError: it cannot be used.
        """
        if self._cache is None and self._cache_path is not None:
            self._cache = ResponseCache(self._cache_path)
        return self._cache

    def paced(self, model: ChatModel) -> ChatModel:
        """The model behind the gate of its address."""
        return Paced(model, self._gates.setdefault(address_of(model.name), Gate(self._limits)))

    def cached(self, model: ChatModel) -> ChatModel:
        """The model behind the cache, where there is one."""
        cache = self.cache
        return model if cache is None else Cached(model, cache)

    def flush(self) -> None:
        """Put the cached replies on disk."""
        if self._cache is not None:
            self._cache.flush()

    def close(self) -> None:
        """Close the cache; models close themselves."""
        if self._cache is not None:
            self._cache.close()


def address_of(name: str) -> str:
    """What a model's limits belong to: its address, or its provider where it has no address of its own."""
    return name.rpartition("@")[2] if "@http" in name else name.partition(":")[0]
