// The schema, as the steps that lead to it. A released step is never changed; docs/formats/ledger.md describes the whole.
import type { Schema } from '../../../state/schema.ts'

const migrations = [
  `
CREATE TABLE buckets (
  name TEXT PRIMARY KEY,
  created INTEGER NOT NULL,
  owner TEXT NOT NULL,
  versioning TEXT NOT NULL,
  cors TEXT NOT NULL,
  tags TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE versions (
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  version TEXT NOT NULL,
  marker INTEGER NOT NULL,
  place TEXT,
  match TEXT NOT NULL,
  size INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  record TEXT,
  PRIMARY KEY (bucket, key, sequence DESC)
) STRICT, WITHOUT ROWID;

CREATE INDEX hidden ON versions (bucket, key) WHERE place IS NOT NULL OR marker = 1;

CREATE INDEX places ON versions (place) WHERE place IS NOT NULL;

CREATE TABLE leftovers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  place TEXT NOT NULL UNIQUE
) STRICT;

CREATE TRIGGER left AFTER DELETE ON versions WHEN OLD.place IS NOT NULL BEGIN
  INSERT OR IGNORE INTO leftovers (place) VALUES (OLD.place);
END;

CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  started INTEGER NOT NULL,
  facts TEXT NOT NULL,
  checksum TEXT,
  backing_key TEXT NOT NULL,
  backing_id TEXT NOT NULL,
  stride INTEGER,
  completed TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX unfinished ON uploads (bucket, key, started, id) WHERE completed IS NULL;

CREATE TABLE parts (
  upload TEXT NOT NULL,
  number INTEGER NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  checksum TEXT,
  crc64nvme INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  place TEXT,
  position INTEGER NOT NULL,
  receipt TEXT,
  PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;
`,
]

export const ledgerSchema: Schema = {
  name: 'ledger',
  applicationId: 0x4877736c, // "Hwsl"
  migrations,
  synchronous: 'FULL',
  onDamage: 'refuse', // nothing else knows what is in it
  what: 'the ledger',
  elsewhere: 'keep the ledger in another directory',
}
