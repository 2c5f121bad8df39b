"""Dialogue x target -> Transcript: who says what in which order."""

from turnwise.rollout.converse import Conduct, check_conduct, converse, transcript_of
from turnwise.rollout.transcript import Exchange, Transcript

__all__ = ["Conduct", "Exchange", "Transcript", "check_conduct", "converse", "transcript_of"]
