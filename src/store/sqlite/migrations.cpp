#include "store/sqlite/migrations.hpp"

#include <array>
#include <string>

namespace zegocall::sqlite_detail {

namespace {

// A released step never changes: a new one follows. tests/store/schema/ keeps a file of each.
constexpr const char* step_0001 = R"sql(
CREATE TABLE calls (
  id TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  outcome TEXT,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  snapshot TEXT NOT NULL
) STRICT;
CREATE INDEX calls_created ON calls (created_at, id);
CREATE INDEX calls_live ON calls (created_at, id) WHERE ended_at IS NULL;

CREATE TABLE events (
  call_id TEXT NOT NULL REFERENCES calls (id),
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (call_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE seats (
  user_id TEXT NOT NULL PRIMARY KEY,
  call_id TEXT NOT NULL REFERENCES calls (id),
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX seats_call ON seats (call_id);

CREATE TABLE deadlines (
  call_id TEXT NOT NULL REFERENCES calls (id),
  timer TEXT NOT NULL,
  leg INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (call_id, timer, leg, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX deadlines_due ON deadlines (at);

CREATE TABLE members (
  user_id TEXT NOT NULL,
  ended_at INTEGER NOT NULL,
  call_id TEXT NOT NULL REFERENCES calls (id),
  PRIMARY KEY (user_id, ended_at, call_id)
) STRICT, WITHOUT ROWID;

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
CREATE INDEX answers_old ON answers (keep_until);

CREATE TABLE outbox (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  topic TEXT NOT NULL,
  body TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

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

CREATE TABLE chats (
  id TEXT NOT NULL PRIMARY KEY,
  members_key TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE chat_members (
  chat_id TEXT NOT NULL REFERENCES chats (id),
  user_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (chat_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_members_user ON chat_members (user_id, created_at, chat_id);
)sql";

// members loses its foreign key: with it, deleting a call would look through all of them.
constexpr const char* step_0002 = R"sql(
ALTER TABLE outbox ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN order_key TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN due_at INTEGER;
UPDATE outbox SET due_at = at;
CREATE INDEX outbox_due ON outbox (due_at, number) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_order ON outbox (order_key, number) WHERE order_key <> '';
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
) STRICT;
CREATE INDEX dead_letters_died ON dead_letters (died_at, number);

CREATE TABLE members_2 (
  user_id TEXT NOT NULL,
  ended_at INTEGER NOT NULL,
  call_id TEXT NOT NULL,
  PRIMARY KEY (user_id, ended_at, call_id)
) STRICT, WITHOUT ROWID;
INSERT INTO members_2 SELECT user_id, ended_at, call_id FROM members;
DROP TABLE members;
ALTER TABLE members_2 RENAME TO members;
CREATE INDEX calls_ended ON calls (ended_at, id) WHERE ended_at IS NOT NULL;

CREATE TABLE second_legs (
  user_id TEXT NOT NULL,
  call_id TEXT NOT NULL,
  PRIMARY KEY (user_id, call_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX second_legs_call ON second_legs (call_id);
CREATE TABLE mentions (
  user_id TEXT NOT NULL,
  call_id TEXT NOT NULL,
  PRIMARY KEY (user_id, call_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_call ON mentions (call_id);

CREATE TABLE settings (
  user_id TEXT NOT NULL PRIMARY KEY,
  dnd INTEGER NOT NULL,
  dnd_until INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE blocks (
  user_id TEXT NOT NULL,
  blocked_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (user_id, blocked_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX blocks_blocked ON blocks (blocked_id);
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
CREATE INDEX missed_call ON missed (call_id);
CREATE INDEX missed_caller ON missed (caller_id);
CREATE INDEX missed_unseen ON missed (user_id, at) WHERE seen_at IS NULL;

CREATE TABLE room_messages (
  call_id TEXT NOT NULL REFERENCES calls (id),
  number INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (call_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_messages_user ON room_messages (user_id);
CREATE TABLE room_reads (
  call_id TEXT NOT NULL REFERENCES calls (id),
  user_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (call_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_reads_user ON room_reads (user_id);
CREATE TABLE passcodes (
  call_id TEXT NOT NULL PRIMARY KEY REFERENCES calls (id),
  stamp INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE join_codes (
  digest TEXT NOT NULL PRIMARY KEY,
  call_id TEXT NOT NULL REFERENCES calls (id),
  code TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX join_codes_call ON join_codes (call_id);
CREATE INDEX join_codes_old ON join_codes (expires_at);
)sql";

// Who takes a message. What waits in an older file is for the host.
constexpr const char* step_0003 = R"sql(
ALTER TABLE outbox ADD COLUMN lane TEXT NOT NULL DEFAULT 'host';
ALTER TABLE dead_letters ADD COLUMN lane TEXT NOT NULL DEFAULT 'host';
DROP INDEX outbox_due;
DROP INDEX outbox_order;
CREATE INDEX outbox_lane ON outbox (lane, number);
CREATE INDEX outbox_due ON outbox (lane, due_at, number) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_order ON outbox (lane, order_key, number) WHERE order_key <> '';
)sql";

constexpr std::array<Migration, 3> steps_of_this_version{{{1, step_0001}, {2, step_0002}, {3, step_0003}}};

struct FileState {
  std::int64_t application = 0, version = 0, tables = 0;
};

Result<FileState> look(Connection& connection) {
  FileState state;
  for (auto [sql, value] :
       {std::pair{"PRAGMA application_id", &state.application}, std::pair{"PRAGMA user_version", &state.version},
        std::pair{"SELECT count(*) FROM sqlite_schema", &state.tables}}) {
    auto number = connection.number(sql);
    if (!number) return unexpected(std::move(number).error());
    *value = *number;
  }
  return state;
}

Result<void> check(const FileState& state, std::int64_t newest, bool read_only) {
  const bool fresh = state.application == 0 && state.version == 0 && state.tables == 0;
  if (!fresh && state.application != application_id)
    return fail(ErrorCode::store_corrupt, "the file is another program's database");
  if (state.version > newest)
    return fail(ErrorCode::store_newer,
                "the file has schema " + std::to_string(state.version) + ", this version knows up to " + std::to_string(newest));
  if (read_only && state.version < newest)
    return fail(ErrorCode::store_unavailable, "the file has schema " + std::to_string(state.version) +
                                                  " and must be migrated to " + std::to_string(newest) +
                                                  " by opening it for writing");
  return {};
}

Result<void> run_step(Connection& connection, const Migration& step) {
  if (auto begun = connection.begin(); !begun) return begun;
  // Another process may have done it while this one waited for the lock.
  auto version = connection.number("PRAGMA user_version");
  Result<void> done = version ? Result<void>{} : Result<void>(unexpected(version.error()));
  if (done && *version < step.number) {
    const std::string mark =
        "PRAGMA user_version = " + std::to_string(step.number) + "; PRAGMA application_id = " + std::to_string(application_id);
    done = connection.script(step.sql).and_then([&] { return connection.script(mark.c_str()); });
  }
  if (done) return connection.commit();
  connection.rollback();
  return done;
}

}  // namespace

std::span<const Migration> migrations() { return steps_of_this_version; }

Result<void> migrate(Connection& connection, std::span<const Migration> steps) {
  const std::int64_t newest = steps.empty() ? 0 : steps.back().number;
  auto state = look(connection);
  if (!state) return unexpected(std::move(state).error());
  if (auto checked = check(*state, newest, connection.read_only()); !checked) return checked;
  if (connection.read_only()) return {};
  if (auto durable = connection.make_durable(); !durable) return durable;
  for (const Migration& step : steps) {
    if (step.number <= state->version) continue;
    if (auto done = run_step(connection, step); !done) {
      Error error = done.error();
      error.detail = "migration " + std::to_string(step.number) + ": " + error.detail;
      return unexpected(std::move(error));
    }
  }
  return {};
}

}  // namespace zegocall::sqlite_detail
