-- Schema 3 as released, with rows in it: what a file of that version looks like. Never edited.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE accounts (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  email TEXT NOT NULL,
  email_key TEXT UNIQUE,
  display_name TEXT NOT NULL,
  picture_url TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
INSERT INTO "accounts" VALUES(1,'id-alice','alice','alice','alice@example.org','alice@example.org','The alice','https://example.org/alice.png','$y$j9T$invented$for-alice',1700000000003);
CREATE TABLE answers (
  user_id TEXT NOT NULL,
  command_id TEXT NOT NULL,
  call_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  error_code INTEGER,
  error_field TEXT,
  error_detail TEXT,
  keep_until INTEGER NOT NULL,
  PRIMARY KEY (user_id, command_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "answers" VALUES('alice','c1','call-2',2,600,'callees.0','in a call',1700000000700);
CREATE TABLE blocks (
  user_id TEXT NOT NULL,
  blocked_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (user_id, blocked_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE calls (
  id TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  outcome TEXT,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  snapshot TEXT NOT NULL
) STRICT;
INSERT INTO "calls" VALUES('call-1',5,'ended','answered',1700000000000,1700000000009,'{"v":2,"id":"call-1","version":5,"state":"ended","media":"audio","caller":"alice","legs":[{"leg":1,"user":"alice","role":"caller","state":"final","device":"","devices":[],"outcome":"completed","invited_at":1700000000000,"final_at":1700000000009,"delivered":false},{"leg":2,"user":"bob","role":"callee","state":"final","device":"","devices":[],"outcome":"completed","invited_at":1700000000000,"final_at":1700000000009,"delivered":false}],"policy":{"ring_ms":60000,"delivery_ms":10000,"join_ms":30000,"reconnect_grace_ms":30000,"alone_ms":60000,"empty_ms":60000,"restart_slack_ms":15000,"glare":"busy"},"outcome":"answered","end_cause":"hangup","ended_by":"alice","end_note":"","topic":"","created_at":1700000000000,"ended_at":1700000000009,"deadlines":[]}');
INSERT INTO "calls" VALUES('call-2',2,'ringing',NULL,1700000000020,NULL,'{"v":2,"id":"call-2","version":2,"state":"ringing","media":"audio","caller":"alice","legs":[{"leg":1,"user":"alice","role":"caller","state":"accepted","device":"","devices":[],"invited_at":1700000000020,"delivered":false},{"leg":2,"user":"carol","role":"callee","state":"invited","device":"","devices":[],"invited_at":1700000000020,"delivered":false}],"policy":{"ring_ms":60000,"delivery_ms":10000,"join_ms":30000,"reconnect_grace_ms":30000,"alone_ms":60000,"empty_ms":60000,"restart_slack_ms":15000,"glare":"busy"},"ended_by":"","end_note":"","topic":"","created_at":1700000000020,"deadlines":[{"timer":"delivery","leg":2,"at":1700000010020},{"timer":"ring","leg":2,"at":1700000060020}]}');
CREATE TABLE chat_members (
  chat_id TEXT NOT NULL REFERENCES chats (id),
  user_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (chat_id, user_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "chat_members" VALUES('chat-1','alice',1700000000004);
INSERT INTO "chat_members" VALUES('chat-1','bob',1700000000004);
CREATE TABLE chats (
  id TEXT NOT NULL PRIMARY KEY,
  members_key TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;
INSERT INTO "chats" VALUES('chat-1','5:alice3:bob',1700000000004);
CREATE TABLE dead_letters (
  number INTEGER NOT NULL PRIMARY KEY,
  topic TEXT NOT NULL,
  body TEXT NOT NULL,
  at INTEGER NOT NULL,
  order_key TEXT NOT NULL,
  id TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  died_at INTEGER NOT NULL,
  reason TEXT NOT NULL
, lane TEXT NOT NULL DEFAULT 'host') STRICT;
CREATE TABLE deadlines (
  call_id TEXT NOT NULL REFERENCES calls (id),
  timer TEXT NOT NULL,
  leg INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (call_id, timer, leg, at)
) STRICT, WITHOUT ROWID;
INSERT INTO "deadlines" VALUES('call-2','delivery',2,1700000010020);
INSERT INTO "deadlines" VALUES('call-2','ring',2,1700000060020);
CREATE TABLE events (
  call_id TEXT NOT NULL REFERENCES calls (id),
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (call_id, version)
) STRICT, WITHOUT ROWID;
INSERT INTO "events" VALUES('call-1',1,1700000000000,'call.created','{"v":2,"caller":"alice","device":"","media":"audio","topic":"","policy":{"ring_ms":60000,"delivery_ms":10000,"join_ms":30000,"reconnect_grace_ms":30000,"alone_ms":60000,"empty_ms":60000,"restart_slack_ms":15000,"glare":"busy"}}');
INSERT INTO "events" VALUES('call-1',2,1700000000000,'leg.invited','{"v":2,"leg":2,"user":"bob","ring_until":1700000060000}');
INSERT INTO "events" VALUES('call-1',3,1700000000009,'leg.final','{"v":2,"leg":1,"user":"alice","device":"","outcome":"completed"}');
INSERT INTO "events" VALUES('call-1',4,1700000000009,'leg.final','{"v":2,"leg":2,"user":"bob","device":"","outcome":"completed"}');
INSERT INTO "events" VALUES('call-1',5,1700000000009,'call.ended','{"v":2,"outcome":"answered","cause":"hangup","by":"alice","note":"bye"}');
INSERT INTO "events" VALUES('call-2',1,1700000000020,'call.created','{"v":2,"caller":"alice","device":"","media":"audio","topic":"","policy":{"ring_ms":60000,"delivery_ms":10000,"join_ms":30000,"reconnect_grace_ms":30000,"alone_ms":60000,"empty_ms":60000,"restart_slack_ms":15000,"glare":"busy"}}');
INSERT INTO "events" VALUES('call-2',2,1700000000020,'leg.invited','{"v":2,"leg":2,"user":"carol","ring_until":1700000060020}');
CREATE TABLE join_codes (
  digest TEXT NOT NULL PRIMARY KEY,
  call_id TEXT NOT NULL REFERENCES calls (id),
  code TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE "members" (
  user_id TEXT NOT NULL,
  ended_at INTEGER NOT NULL,
  call_id TEXT NOT NULL,
  PRIMARY KEY (user_id, ended_at, call_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "members" VALUES('alice',1700000000009,'call-1');
INSERT INTO "members" VALUES('bob',1700000000009,'call-1');
CREATE TABLE mentions (
  user_id TEXT NOT NULL,
  call_id TEXT NOT NULL,
  PRIMARY KEY (user_id, call_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE missed (
  user_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  call_id TEXT NOT NULL,
  leg INTEGER NOT NULL,
  caller_id TEXT NOT NULL,
  outcome TEXT NOT NULL,
  seen_at INTEGER,
  PRIMARY KEY (user_id, at, call_id, leg)
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  topic TEXT NOT NULL,
  body TEXT NOT NULL,
  at INTEGER NOT NULL
, id TEXT NOT NULL DEFAULT '', order_key TEXT NOT NULL DEFAULT '', attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER, lane TEXT NOT NULL DEFAULT 'host') STRICT;
INSERT INTO "outbox" VALUES(1,'call.created','{"call":"call-2"}',1700000000020,'','',0,1700000000020,'host');
CREATE TABLE passcodes (
  call_id TEXT NOT NULL PRIMARY KEY REFERENCES calls (id),
  stamp INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE room_messages (
  call_id TEXT NOT NULL REFERENCES calls (id),
  number INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (call_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE room_reads (
  call_id TEXT NOT NULL REFERENCES calls (id),
  user_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (call_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE seats (
  user_id TEXT NOT NULL PRIMARY KEY,
  call_id TEXT NOT NULL REFERENCES calls (id),
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "seats" VALUES('alice','call-2',2);
INSERT INTO "seats" VALUES('carol','call-2',2);
CREATE TABLE second_legs (
  user_id TEXT NOT NULL,
  call_id TEXT NOT NULL,
  PRIMARY KEY (user_id, call_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE settings (
  user_id TEXT NOT NULL PRIMARY KEY,
  dnd INTEGER NOT NULL,
  dnd_until INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX calls_created ON calls (created_at, id);
CREATE INDEX calls_live ON calls (created_at, id) WHERE ended_at IS NULL;
CREATE INDEX seats_call ON seats (call_id);
CREATE INDEX deadlines_due ON deadlines (at);
CREATE INDEX answers_old ON answers (keep_until);
CREATE INDEX chat_members_user ON chat_members (user_id, created_at, chat_id);
CREATE INDEX dead_letters_died ON dead_letters (died_at, number);
CREATE INDEX calls_ended ON calls (ended_at, id) WHERE ended_at IS NOT NULL;
CREATE INDEX second_legs_call ON second_legs (call_id);
CREATE INDEX mentions_call ON mentions (call_id);
CREATE INDEX blocks_blocked ON blocks (blocked_id);
CREATE INDEX missed_call ON missed (call_id);
CREATE INDEX missed_caller ON missed (caller_id);
CREATE INDEX missed_unseen ON missed (user_id, at) WHERE seen_at IS NULL;
CREATE INDEX room_messages_user ON room_messages (user_id);
CREATE INDEX room_reads_user ON room_reads (user_id);
CREATE INDEX join_codes_call ON join_codes (call_id);
CREATE INDEX join_codes_old ON join_codes (expires_at);
CREATE INDEX outbox_lane ON outbox (lane, number);
CREATE INDEX outbox_due ON outbox (lane, due_at, number) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_order ON outbox (lane, order_key, number) WHERE order_key <> '';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('outbox',1);
INSERT INTO "sqlite_sequence" VALUES('accounts',1);
COMMIT;
PRAGMA user_version = 3;
PRAGMA application_id = 2053465967;
