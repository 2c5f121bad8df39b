"""Sampling that a batch does not change: each row draws from a generator of its own, seeded by its request.

The engine always decodes greedily. For a temperature above 0 it puts `RowNoise` last in the chain that changes the
scores, so that the highest one is a draw from their softmax.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from turnwise.models.chat import ChatRequest

__all__ = ["RowNoise", "StopDropped", "seed_of"]

_LEAST = 1e-30


def seed_of(request: ChatRequest) -> int:
    """A seed in [0, 2**63) that is a function of all that the request says, its own seed included."""
    digest = hashlib.sha256(f"sample|{request.sha256()}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 1


class RowNoise:
    """Scores (n_rows, n_tokens) with Gumbel noise added: their argmax is a draw from softmax(scores).

    Source: the Gumbel-max trick; C. Maddison et al., "A* Sampling", arXiv 1411.0030, section 2.
    """

    def __init__(self, torch: Any, seeds: Sequence[int], device: Any) -> None:
        self._torch = torch
        self._generators = [torch.Generator(device=device).manual_seed(seed) for seed in seeds]

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """The scores with fresh noise from each row's generator."""
        drawn = self._torch.empty_like(scores)
        for row, generator in zip(drawn, self._generators, strict=True):
            row.exponential_(generator=generator)
        return scores - drawn.clamp_min_(_LEAST).log_()


class StopDropped:
    """Ends the rows whose callers went away, so that nothing is generated for nobody."""

    def __init__(self, torch: Any, dropped: Callable[[], list[bool]]) -> None:
        self._torch = torch
        self._dropped = dropped

    def __call__(self, input_ids: Any, scores: Any, **_rest: Any) -> Any:
        """Whether each row (n_rows,) is done for."""
        return self._torch.tensor(self._dropped(), dtype=self._torch.bool, device=input_ids.device)
