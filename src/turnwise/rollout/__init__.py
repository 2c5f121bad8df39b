"""Dialogue x target -> Transcript: who says what in which order."""

from turnwise.rollout.transcript import Exchange, Transcript

__all__ = ["Exchange", "Transcript"]
