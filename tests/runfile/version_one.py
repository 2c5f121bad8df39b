"""Run files of version 1, as the turnwise of that time made them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

TABLES = """
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
  PRIMARY KEY (dialogue, turn)
) STRICT, WITHOUT ROWID;

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
  PRIMARY KEY (dialogue, turn, judge)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  event INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
"""

JOBS = """
CREATE TABLE IF NOT EXISTS jobs (
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
"""Made by the first run that used batch jobs; other files were without."""

ROWS = """
INSERT INTO settings VALUES ('target', '"recording:one"');
INSERT INTO dialogues VALUES (1, 'test', 'd1', 'g', 1, 'Bias', NULL, 'scripted_attack', 'unsafe', 'unimodal',
  '{"id":"d1","benchmark":"test","group":"g","turns":[{"user":"question 1"}],"scenario":"Bias"}');
INSERT INTO dialogues VALUES (2, 'test', 'd2', 'g', 1, NULL, NULL, 'scripted_attack', 'unsafe', 'unimodal',
  '{"id":"d2","benchmark":"test","group":"g","turns":[{"user":"question 2"}]}');
INSERT INTO replies VALUES (1, 1, 'ok', 'Grüße', 'stop', 12, 3, 41.5, 'served-7b', 2, 'model', NULL, NULL, 'aa',
  '2025-01-02T03:04:05.678Z');
INSERT INTO replies VALUES (2, 1, 'failed', '', NULL, NULL, NULL, 9.0, NULL, 5, 'model', 'timeout', 'too slow', 'bb',
  '2025-01-02T03:04:06.000Z');
INSERT INTO judges VALUES (1, 'rules', '{"name":"rules","rubric_sha256":"ab","model":null,"sees":"neither"}');
INSERT INTO verdicts VALUES (1, 1, 'rules', 'scored', 'safe', 'refusal', 'it declines', NULL, NULL, NULL, NULL, 1.5, 0,
  '2025-01-02T03:04:05.700Z');
INSERT INTO events VALUES (1, 'ended_early', 'somebody stopped it', '2025-01-02T03:04:07.000Z');
"""

MARKS = "PRAGMA application_id = 1953854062; PRAGMA user_version = 1;"


def make(path: Path, *statements: str) -> Path:
    """A file with the tables of version 1 and what the statements put into them."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(f"PRAGMA journal_mode = WAL; BEGIN; {TABLES} {' '.join(statements)} {MARKS} COMMIT;")
    return path
