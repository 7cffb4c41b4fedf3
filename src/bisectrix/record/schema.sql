-- The results store, version 1. docs/store.md explains every column.
-- Times are UTC, RFC 3339. Words are those of the glossary.

PRAGMA application_id = 1651078002; -- "bisr"

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  command TEXT NOT NULL,
  tool_version TEXT NOT NULL,
  python TEXT NOT NULL,
  platform TEXT NOT NULL,
  cpu_count INTEGER NOT NULL
);

CREATE TABLE attempts (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (id),
  cell TEXT NOT NULL,
  repro TEXT NOT NULL,
  matrix TEXT NOT NULL,
  key TEXT NOT NULL,
  repro_sha256 TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number >= 1),
  stage TEXT NOT NULL,
  ending TEXT NOT NULL,
  outcome TEXT NOT NULL,
  verdict TEXT NOT NULL,
  summary TEXT NOT NULL,
  signature TEXT,
  duration_s REAL NOT NULL,
  cpu_s REAL NOT NULL,
  peak_memory_mib REAL NOT NULL,
  load INTEGER NOT NULL,
  started_at TEXT NOT NULL,
  document TEXT NOT NULL,
  UNIQUE (key, number, run)
);
CREATE INDEX attempts_by_cell ON attempts (cell);

CREATE TABLE tests (
  attempt INTEGER NOT NULL REFERENCES attempts (id),
  position INTEGER NOT NULL,
  nodeid TEXT NOT NULL,
  outcome TEXT NOT NULL,
  duration_s REAL NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (attempt, position)
) WITHOUT ROWID;

CREATE TABLE evidence (
  attempt INTEGER NOT NULL REFERENCES attempts (id),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  PRIMARY KEY (attempt, position)
) WITHOUT ROWID;

CREATE TABLE packages (
  lock_sha256 TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  PRIMARY KEY (lock_sha256, name, version)
) WITHOUT ROWID;

CREATE TABLE results (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (id),
  cell TEXT NOT NULL,
  repro TEXT NOT NULL,
  matrix TEXT NOT NULL,
  repro_sha256 TEXT NOT NULL,
  verdict TEXT NOT NULL,
  flaky INTEGER NOT NULL,
  skip_reason TEXT,
  explanation TEXT NOT NULL,
  key TEXT,
  lock_sha256 TEXT,
  python TEXT,
  platform TEXT,
  finished_at TEXT NOT NULL,
  document TEXT NOT NULL
);
CREATE INDEX results_by_cell ON results (cell);

CREATE TABLE result_attempts (
  result INTEGER NOT NULL REFERENCES results (id),
  attempt INTEGER NOT NULL REFERENCES attempts (id),
  PRIMARY KEY (result, attempt)
) WITHOUT ROWID;

CREATE TABLE coordinates (
  cell TEXT NOT NULL,
  axis TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (cell, axis)
) WITHOUT ROWID;

-- What is known of each cell now.
CREATE VIEW cells_latest AS
SELECT
  results.*,
  (SELECT count(*) FROM result_attempts WHERE result = results.id) AS attempts,
  (
    SELECT group_concat(words, ', ')
    FROM (
      SELECT outcome || ' ' || count(*) AS words
      FROM attempts JOIN result_attempts ON attempt = attempts.id
      WHERE result = results.id
      GROUP BY outcome
    )
  ) AS outcomes
FROM results
WHERE id IN (SELECT max(id) FROM results GROUP BY cell);

-- Every test of every attempt that counts now.
CREATE VIEW tests_latest AS
SELECT cells_latest.cell, cells_latest.repro, attempts.number, tests.nodeid, tests.outcome, tests.message
FROM cells_latest
JOIN result_attempts ON result_attempts.result = cells_latest.id
JOIN attempts ON attempts.id = result_attempts.attempt
JOIN tests ON tests.attempt = attempts.id;
