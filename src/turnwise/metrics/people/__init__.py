"""Judges against people: which replies are labelled, how labels come in, and what they say of a judge's numbers."""

from turnwise.metrics.people.cards import CalibratedCard, CalibratedOn, calibrated_cards, lend_calibrations
from turnwise.metrics.people.drawing import draw
from turnwise.metrics.people.keys import reply_keys
from turnwise.metrics.people.of_people import Corrected, PeopleReport, calibrate_run
from turnwise.metrics.people.said import Annotator, BetweenPeople
from turnwise.metrics.people.sheet import read_sheet, write_sheet

__all__ = [
    "Annotator",
    "BetweenPeople",
    "CalibratedCard",
    "CalibratedOn",
    "Corrected",
    "PeopleReport",
    "calibrate_run",
    "calibrated_cards",
    "draw",
    "lend_calibrations",
    "read_sheet",
    "reply_keys",
    "write_sheet",
]
