"""The questions that a reader of run files asks SQLite, as far as they are longer than a line."""

from __future__ import annotations

from turnwise.runfile.rows import REPLY_COLUMNS, VERDICT_COLUMNS

__all__ = [
    "DRAWN",
    "ENDED",
    "HISTORY",
    "JUDGE_TOTALS",
    "LATE",
    "REPLIES",
    "SAID",
    "TARGET_TOTALS",
    "UNANSWERED",
    "UNJUDGED",
    "VERDICTS",
]

# A blocked turn ends a dialogue for good; a failed one does not.
ENDED = (
    "EXISTS (SELECT 1 FROM replies r WHERE r.dialogue = d.dialogue AND"
    " (r.state IN ('provider_blocked', 'guard_blocked') OR (r.state = 'ok' AND r.turn = d.length)))"
)
UNJUDGED = (
    "EXISTS (SELECT 1 FROM replies r, json_each(:judges) j WHERE r.dialogue = d.dialogue AND r.turn = d.length"
    " AND r.state <> 'failed' AND NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.dialogue = d.dialogue"
    " AND v.turn = d.length AND v.judge = j.value AND v.state <> 'failed'))"
)
# Questions are about what was said to the end. No body is looked into when no kind of question is wanted.
UNANSWERED = (
    "EXISTS (SELECT 1 FROM json_each(:questions) k CROSS JOIN replies r CROSS JOIN json_each(d.body, '$.questions') q"
    " WHERE r.dialogue = d.dialogue AND r.turn = d.length AND r.state <> 'failed'"
    " AND json_extract(q.value, '$.kind') = k.value AND NOT EXISTS (SELECT 1 FROM answers a"
    " WHERE a.dialogue = d.dialogue AND a.question = json_extract(q.value, '$.id') AND a.state <> 'failed'))"
)
# A run that stops when its headlines are known leaves groups untouched that nobody was to ask: they are no rows of it.
DRAWN = (
    "(NOT EXISTS (SELECT 1 FROM settings WHERE name = 'until_half_width' AND value <> 'null')"
    " OR (d.benchmark, d.grp) IN (SELECT e.benchmark, e.grp FROM dialogues e WHERE e.dialogue IN"
    " (SELECT dialogue FROM replies)))"
)
HISTORY = (
    "SELECT coalesce((SELECT json_extract(value, '$') FROM settings WHERE name = 'history'),"
    " json_extract(body, '$.history'), 'scripted') FROM dialogues WHERE dialogue = ?"
)
REPLIES = ", ".join(REPLY_COLUMNS)
VERDICTS = ", ".join(VERDICT_COLUMNS)
_OF_CALLS = "state, failure_kind, attempts, origin, input_tokens, output_tokens, latency_ms, served_model, at"
SAID = f"(SELECT {_OF_CALLS} FROM replies UNION ALL SELECT {_OF_CALLS} FROM answers)"
"""Whatever the target was asked, turns and questions, but for its words."""

TARGET_TOTALS = (
    "SELECT 'target', total(attempts), total(origin <> 'model'),"
    " total(input_tokens) FILTER (WHERE origin = 'model'), total(output_tokens) FILTER (WHERE origin = 'model'),"
    f" avg(latency_ms) FILTER (WHERE origin = 'model') FROM {SAID}"
)
# A verdict carries what its calls used: one made of cached replies has no calls and no tokens. Where one call rules on
# every turn, the verdict on the last one carries it.
JUDGE_TOTALS = (
    'SELECT v.judge, total(v.attempts), total(v.attempts = 0 AND v.turn = d.length AND j.card LIKE \'%"model":"%\'),'
    " total(v.input_tokens), total(v.output_tokens), avg(v.latency_ms) FILTER (WHERE v.attempts > 0)"
    " FROM verdicts v JOIN judges j USING (judge) JOIN dialogues d USING (dialogue) GROUP BY judge ORDER BY j.place"
)

LATE = (
    "SELECT count(DISTINCT dialogue) FROM replies"
    " WHERE at > (SELECT min(at) FROM annotations WHERE drawn_by IS NOT NULL)"
)
