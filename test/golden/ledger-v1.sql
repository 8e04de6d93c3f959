-- A ledger of version 1, with rows in every table. Never changed: later versions must read it.
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

INSERT INTO buckets VALUES
  ('bucket', 1735787045678, 'AKIAEXAMPLE', 'enabled',
    '[{"id":"one","origins":["*"],"methods":["GET"],"headers":[],"exposed":["etag"],"maxAge":5}]', '{"a":"b"}'),
  ('other', 0, '', 'off', '[]', '{}');
INSERT INTO versions VALUES
  ('bucket', 'a/b', 2, 'null', 0, NULL, '5:1735787045678901', 5, 1735787045678,
    '{"contentType":"text/plain","headers":{"cache-control":"no-cache"},"metadata":{"mtime":"1"},"tags":{"k":"v"},"storageClass":"GLACIER","etag":"3858f62230ac3c915f300c664312c63f-2","checksum":{"algorithm":"CRC64NVME","type":"FULL_OBJECT","value":"AAAAAAAAAAA="},"parts":[{"number":1,"size":4,"checksum":"AAAA"},{"number":2,"size":1}],"restoration":{"ready":1,"expires":2}}'),
  ('bucket', 'a/b', 1, 'v1', 0, '.hawser/s3/objects/0a/0a1b', '1:1', 1, 1,
    '{"headers":{},"metadata":{},"tags":{},"storageClass":"STANDARD","etag":"0cc175b9c0f1b6a831c399e269772661"}'),
  ('bucket', char(0xFFFF), 3, 'v3', 1, NULL, '', 0, 2, NULL),
  ('bucket', 'a' || char(0) || 'b', 9007199254740991, 'v4', 0, '.hawser/s3/objects/0a/0a1c', '', 9007199254740991, 3,
    '{"headers":{},"metadata":{},"tags":{},"storageClass":"STANDARD","etag":""}');
INSERT INTO uploads VALUES
  ('upload-1', 'bucket', 'big', 1735787045678, '{"headers":{},"metadata":{},"tags":{},"storageClass":"STANDARD"}',
    '{"algorithm":"SHA256","type":"COMPOSITE"}', '.hawser/s3/uploads/upload-1', 'backing-1', 8388608, NULL),
  ('upload-2', 'bucket', 'big', 1735787045679,
    '{"contentType":"text/plain","headers":{},"metadata":{},"tags":{},"storageClass":"STANDARD"}', NULL,
    'bucket/big', 'backing-2', NULL, '{"version":"null","parts":"1,2","at":1735787046000}');
INSERT INTO parts VALUES
  ('upload-1', 1, 8388608, '0cc175b9c0f1b6a831c399e269772661', 'AAAA', -1, 1735787045678, NULL, 0, '"r1"'),
  ('upload-1', 3, 1, '0cc175b9c0f1b6a831c399e269772661', NULL, 0, 1735787045679, '.hawser/s3/uploads/upload-1.3', 0,
    NULL);
PRAGMA application_id = 0x4877736c;
PRAGMA user_version = 1;
