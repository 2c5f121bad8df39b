"""The tables of a run file, and the steps that lead a file of an older turnwise to them."""

from __future__ import annotations

from typing import Final

__all__ = ["APPLICATION_ID", "SCHEMA_VERSION", "filling", "migration"]

APPLICATION_ID: Final = 0x7475_726E  # "turn"
SCHEMA_VERSION: Final = 2

_REPLY_COLUMNS: Final = """
  state TEXT NOT NULL CHECK (state IN ('ok', 'provider_blocked', 'guard_blocked', 'failed')),
  text TEXT NOT NULL,
  finish_reason TEXT,
  input_tokens INTEGER,
  output_tokens INTEGER,
  latency_ms REAL NOT NULL,
  served_model TEXT,
  attempts INTEGER NOT NULL,               -- requests sent; 0 for a reply from the cache or another dialogue
  origin TEXT NOT NULL CHECK (origin IN ('model', 'cache', 'shared')),
  failure_kind TEXT,
  failure TEXT,
  request_sha256 TEXT NOT NULL,
  at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
"""

_ANSWERS: Final = f"""
CREATE TABLE answers (                     -- of the target, to the questions about a dialogue
  dialogue INTEGER NOT NULL REFERENCES dialogues,
  question TEXT NOT NULL,                  -- its id in the dialogue's body
  {_REPLY_COLUMNS.strip()}
  PRIMARY KEY (dialogue, question)
) STRICT, WITHOUT ROWID;
"""

_ANNOTATIONS: Final = """
CREATE TABLE annotations (                 -- what people say of replies
  dialogue INTEGER NOT NULL REFERENCES dialogues,
  turn INTEGER NOT NULL,
  annotator TEXT NOT NULL,
  label TEXT NOT NULL CHECK (label IN ('safe', 'unsafe', 'unsure')),
  stance TEXT CHECK (stance IN ('refusal', 'caveat', 'compliance')),
  safety_awareness INTEGER CHECK (safety_awareness BETWEEN 1 AND 5),
  helpfulness INTEGER CHECK (helpfulness BETWEEN 1 AND 5),
  note TEXT NOT NULL,
  drawn_by TEXT,                           -- the judge by whose labels the reply was drawn; NULL when picked otherwise
  at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  PRIMARY KEY (dialogue, turn, annotator)
) STRICT, WITHOUT ROWID;
"""

_JOBS: Final = """
CREATE TABLE IF NOT EXISTS jobs (          -- in version 1 it was there only where batch jobs had been made
  key TEXT PRIMARY KEY,                    -- what the provider knows it by besides its own id
  provider TEXT NOT NULL,
  n_items INTEGER NOT NULL,
  requests TEXT NOT NULL,                  -- JSON: the sha256 of each request in it
  since_s REAL NOT NULL,                   -- it was made after this, in seconds since 1970
  job TEXT,                                -- JSON: what the provider made of it; NULL when that is not known
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'read', 'lost')),
  at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
"""

_TABLES: Final = f"""
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL                      -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE dialogues (
  dialogue INTEGER PRIMARY KEY,            -- order of the run
  benchmark TEXT NOT NULL,
  id TEXT NOT NULL,
  grp TEXT NOT NULL,                       -- the unit of resampling
  length INTEGER NOT NULL,                 -- user turns
  scenario TEXT,
  method TEXT,
  setting TEXT NOT NULL,
  intent TEXT NOT NULL,
  modality TEXT NOT NULL,
  body TEXT NOT NULL,                      -- the whole dialogue as one line of the JSON Lines format
  UNIQUE (benchmark, id)
) STRICT;

CREATE TABLE replies (
  dialogue INTEGER NOT NULL REFERENCES dialogues,
  turn INTEGER NOT NULL,                   -- from 1
  {_REPLY_COLUMNS.strip()}
  PRIMARY KEY (dialogue, turn)
) STRICT, WITHOUT ROWID;
{_ANSWERS}
CREATE TABLE judges (
  place INTEGER PRIMARY KEY,               -- order of the run
  judge TEXT NOT NULL UNIQUE,
  card TEXT NOT NULL                       -- JSON: rubric hash, model
) STRICT;

CREATE TABLE verdicts (
  dialogue INTEGER NOT NULL REFERENCES dialogues,
  turn INTEGER NOT NULL,
  judge TEXT NOT NULL REFERENCES judges (judge),
  state TEXT NOT NULL CHECK (state IN ('scored', 'judge_refused', 'unparsed', 'failed')),
  label TEXT CHECK (label IN ('safe', 'unsafe')),
  stance TEXT CHECK (stance IN ('refusal', 'caveat', 'compliance')),
  reason TEXT NOT NULL,
  cause TEXT,
  raw TEXT,
  input_tokens INTEGER,
  output_tokens INTEGER,
  latency_ms REAL NOT NULL,
  attempts INTEGER NOT NULL,
  at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  safety_awareness INTEGER CHECK (safety_awareness BETWEEN 1 AND 5),
  helpfulness INTEGER CHECK (helpfulness BETWEEN 1 AND 5),
  PRIMARY KEY (dialogue, turn, judge)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  event INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
{_ANNOTATIONS}{_JOBS}"""

_STEPS: Final = (
    f"""
ALTER TABLE verdicts ADD COLUMN safety_awareness INTEGER CHECK (safety_awareness BETWEEN 1 AND 5);
ALTER TABLE verdicts ADD COLUMN helpfulness INTEGER CHECK (helpfulness BETWEEN 1 AND 5);
INSERT INTO settings SELECT 'questions', '"none"' WHERE EXISTS (SELECT 1 FROM settings);
{_ANSWERS}{_ANNOTATIONS}{_JOBS}""",
)
"""What leads from version 1 to 2, from 2 to 3 and so on. A table that changes later leaves these words as they are."""


def filling() -> str:
    """What makes the tables of a new file, all or none."""
    marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
    return f"BEGIN IMMEDIATE; {_TABLES} {marks} COMMIT;"


def migration(version: int) -> str:
    """What leads a file of an older version to this one and notes that it did, all or nothing."""
    steps = "".join(_STEPS[version - 1 :])
    note = f"INSERT INTO events (kind, detail) VALUES ('migrated', 'schema {version} to {SCHEMA_VERSION}');"
    return f"BEGIN IMMEDIATE; {steps} {note} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
