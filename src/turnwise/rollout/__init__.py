"""Dialogue x target -> Transcript: who says what in which order, and what is not asked twice or at any price."""

from turnwise.rollout.budget import (
    Budget,
    Budgeted,
    BudgetSpent,
    Caps,
    RunStopped,
    Spending,
    most_cost_usd,
    reply_cost_usd,
)
from turnwise.rollout.cache import CACHE_PATH, Cached, CacheStats, ResponseCache
from turnwise.rollout.cache_key import RequestKey, request_key
from turnwise.rollout.converse import Conduct, check_conduct, converse, transcript_of
from turnwise.rollout.prices import Price, known_price, price_of, read_prices
from turnwise.rollout.questions import Asking, QuestionMode, ask_questions, question_request
from turnwise.rollout.sharing import Shared, shared
from turnwise.rollout.transcript import Answer, Exchange, Transcript

__all__ = [
    "CACHE_PATH",
    "Answer",
    "Asking",
    "Budget",
    "BudgetSpent",
    "Budgeted",
    "CacheStats",
    "Cached",
    "Caps",
    "Conduct",
    "Exchange",
    "Price",
    "QuestionMode",
    "RequestKey",
    "ResponseCache",
    "RunStopped",
    "Shared",
    "Spending",
    "Transcript",
    "ask_questions",
    "check_conduct",
    "converse",
    "known_price",
    "most_cost_usd",
    "price_of",
    "question_request",
    "read_prices",
    "reply_cost_usd",
    "request_key",
    "shared",
    "transcript_of",
]
