-- A state of version 5, with rows in every table. Never changed: later versions must read it.
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

INSERT INTO trees VALUES (1, '["file","","/home/a"]', '["s3","https://s3.example","bucket"]');
INSERT INTO pairs VALUES
  (1, 'a/b', -1, 5, 1735787045678901234, '66:2:5', NULL, 66, -1, 1735787045678901235,
    5, 1735787046000000000, '"5d41402abc4b2a76b9719d911017c592"', 'v2', NULL, NULL, NULL, '"0cc1"', 'v1'),
  (1, char(0xFFFF), NULL, 0, '20000000000000000000', NULL, NULL, NULL, NULL, NULL,
    0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (1, char(0x1F600), 0, 9007199254740991, -1, NULL, NULL, NULL, NULL, NULL,
    9007199254740991, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO uploads VALUES
  (1, '["s3","https://s3.example","bucket"]', 'big', 'big', 'upload-1', '["file","","/home/a"]', 'big', '66:3:9',
    16777217, 8388608, 1735787045678);
INSERT INTO parts VALUES (1, 1, 8388608, '"p1"', -2), (1, 3, 1, NULL, NULL);
INSERT INTO runs VALUES
  ('20250102T030405678-0a1b2c', 'sync', '/home/a', 's3://bucket/', '{"delete":true}', 1735787045678, 1735787046000, 0,
    '{"copied":3}');
INSERT INTO locks VALUES ('0123456789abcdef0123456789abcdef', 4242, 'host', 1735787045678);
CREATE TABLE signatures (
  id INTEGER PRIMARY KEY,
  place TEXT NOT NULL,
  key TEXT NOT NULL,
  written INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  UNIQUE (place, key)
) STRICT;
INSERT INTO signatures VALUES (1, '["s3","https://s3.example","bucket"]', 'big', 1735787045678, X'894861');
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
INSERT INTO archived VALUES
  ('["s3","https://s3.example","bucket"]', 'cold/a', 7, '"c0"', 'v3', 'DEEP_ARCHIVE', 1735787045678, 'sync',
    1735787046000, 'bulk', 3, 1736046246000),
  ('["s3","https://s3.example","bucket"]', 'cold/b', 0, NULL, NULL, NULL, 1735787045679, 'cp', NULL, NULL, NULL, NULL);
PRAGMA application_id = 0x48777372;
ALTER TABLE runs ADD COLUMN pid INTEGER;
ALTER TABLE runs ADD COLUMN host TEXT;
UPDATE runs SET pid = 4242, host = 'host';

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
INSERT INTO conflicts VALUES (1, 'a/c', 1735787045678, 'another program changed the destination during the run');

ALTER TABLE pairs ADD COLUMN attributes TEXT;
UPDATE pairs SET attributes = 'xattrs' WHERE key = 'a/b';
UPDATE pairs SET attributes = 'all' WHERE key = char(0x1F600);
PRAGMA user_version = 5;
