// The schema, as the steps that lead to it. A released step is never changed; docs/formats/state.md describes the whole.
import type { Schema } from './schema.ts'

const migrations = [
  `
CREATE TABLE trees (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  target TEXT NOT NULL,
  UNIQUE (source, target)
) STRICT;

CREATE TABLE pairs (
  tree INTEGER NOT NULL REFERENCES trees (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  crc64nvme INTEGER,
  source_size INTEGER NOT NULL,
  source_modified ANY NOT NULL,
  source_etag TEXT,
  source_version TEXT,
  source_device INTEGER,
  source_inode INTEGER,
  source_ctime ANY,
  target_size INTEGER NOT NULL,
  target_modified ANY NOT NULL,
  target_etag TEXT,
  target_version TEXT,
  target_device INTEGER,
  target_inode INTEGER,
  target_ctime ANY,
  previous_etag TEXT,
  previous_version TEXT,
  PRIMARY KEY (tree, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE uploads (
  id INTEGER PRIMARY KEY,
  target TEXT NOT NULL,
  key TEXT NOT NULL,
  upload_key TEXT NOT NULL,
  upload_id TEXT NOT NULL,
  source_id TEXT NOT NULL,
  source_key TEXT NOT NULL,
  source_etag TEXT,
  source_size INTEGER NOT NULL,
  part_size INTEGER NOT NULL,
  started INTEGER NOT NULL,
  UNIQUE (target, key)
) STRICT;

CREATE TABLE parts (
  upload INTEGER NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT,
  crc64nvme INTEGER,
  PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  command TEXT NOT NULL,
  source TEXT,
  target TEXT,
  options TEXT,
  started INTEGER NOT NULL,
  ended INTEGER,
  exit_code INTEGER,
  summary TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE locks (
  name TEXT PRIMARY KEY,
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  started INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`,
  `
CREATE TABLE signatures (
  id INTEGER PRIMARY KEY,
  place TEXT NOT NULL,
  key TEXT NOT NULL,
  written INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  UNIQUE (place, key)
) STRICT;
`,
  `
CREATE INDEX pairs_inode ON pairs (tree, source_inode) WHERE source_inode IS NOT NULL;
CREATE INDEX pairs_content ON pairs (tree, source_size, crc64nvme) WHERE source_size >= 1048576;

CREATE TABLE archived (
  place TEXT NOT NULL,
  key TEXT NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT,
  version TEXT,
  storage_class TEXT,
  noted INTEGER NOT NULL,
  command TEXT NOT NULL,
  requested INTEGER,
  tier TEXT,
  days INTEGER,
  until INTEGER,
  PRIMARY KEY (place, key)
) STRICT, WITHOUT ROWID;
`,
  `
ALTER TABLE runs ADD COLUMN pid INTEGER;
ALTER TABLE runs ADD COLUMN host TEXT;

CREATE TABLE conflicts (
  tree INTEGER NOT NULL REFERENCES trees (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  noted INTEGER NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (tree, key)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER pairs_put AFTER INSERT ON pairs BEGIN
  DELETE FROM conflicts WHERE tree = NEW.tree AND key = NEW.key;
END;
CREATE TRIGGER pairs_removed AFTER DELETE ON pairs BEGIN
  DELETE FROM conflicts WHERE tree = OLD.tree AND key = OLD.key;
END;
`,
  `
ALTER TABLE pairs ADD COLUMN attributes TEXT;
`,
]

export const stateSchema: Schema = {
  name: 'state',
  applicationId: 0x48777372, // "Hwsr"
  migrations,
  synchronous: 'NORMAL',
  onDamage: 'replace', // the next run looks at the objects themselves
  what: 'the state of runs',
  elsewhere: 'choose another directory with --state-dir',
}
