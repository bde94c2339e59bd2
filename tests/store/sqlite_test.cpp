// What only a file can show: durability, pragmas, schema versions, other people's files, a reader beside a writer.
#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "store/sample.hpp"
#include "store/sqlite/migrations.hpp"
#include "zegocall/call/decide.hpp"
#include "zegocall/store/sqlite.hpp"

using namespace zegocall;
using namespace zegocall::test;
using sqlite_detail::Connection;
using sqlite_detail::Migration;

namespace {

const std::vector<UserId> people{"alice", "bob", "carol", "dave", "id-alice"};

SqliteStore open_store(const std::string& path) { return SqliteStore::open({.path = path}).value(); }
Error open_error(SqliteOptions options) {
  auto store = SqliteStore::open(std::move(options));
  REQUIRE_FALSE(store);
  return store.error();
}

/// Runs SQL on a file, past the store.
void sql(const std::string& path, const std::string& text) {
  auto connection = Connection::open({.path = path});
  REQUIRE(connection);
  const auto ran = (*connection)->script(text.c_str());
  INFO(show(ran));
  REQUIRE(ran);
}
std::int64_t number(Connection& connection, const char* query) { return connection.number(query).value(); }

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Every object of the schema, spaces aside.
std::string schema_of(const std::string& path) {
  auto connection = Connection::open({.path = path}).value();
  sqlite_detail::Query rows(
      *connection, "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name");
  std::string all;
  while (rows.step().value()) all += std::string(rows.text(0)) + ": " + std::string(rows.text(1)) + "\n";
  return all;
}

/// With the policy that was the default when the first schema was released: the fixtures have it.
CallChange start_as_then(const CallId& id, const UserId& caller, const UserId& callee, std::int64_t ms) {
  CallChange change = start(id, caller, callee, ms);
  change.parts[0].after.policy.glare = GlarePolicy::busy;
  std::get<CallCreated>(change.parts[0].events[0].body).policy.glare = GlarePolicy::busy;
  return change;
}

/// A call that ended, one that lives, an account and a chat.
void fill(Store& store) {
  REQUIRE(change_alone(store, start_as_then("call-1", "alice", "bob", 0)));
  REQUIRE(change_alone(store, hang_up(store.call("call-1").value().value(), 9)));
  CallChange second = start_as_then("call-2", "alice", "carol", 20);
  second.answer = CommandAnswer{"alice", "c1", "call-2", Version(2), Error{ErrorCode::busy, "callees.0", "in a call"}, at(700)};
  second.outbox.push_back({"call.created", "{\"call\":\"call-2\"}", at(20)});
  REQUIRE(change_alone(store, second));
  REQUIRE(store.begin());
  REQUIRE(store.add_account(account("alice", 3)));
  REQUIRE(store.add_chat(chat("chat-1", {"alice", "bob"}, 4)));
  REQUIRE(store.commit());
}

}  // namespace

TEST_CASE("what was committed is there after reopening, what was not is gone") {
  const Folder folder;
  const std::string path = folder.file("calls.db");
  std::string before;
  {
    SqliteStore store = open_store(path);
    fill(store);
    before = dump(store, people);
    REQUIRE(store.begin());
    REQUIRE(store.change(start("call-3", "dave", "erin", 30)));
  }
  SqliteStore store = open_store(path);
  CHECK(dump(store, people) == before);
}

TEST_CASE("a connection is durable: WAL, synchronous FULL, foreign keys") {
  const Folder folder;
  auto connection = Connection::open({.path = folder.file("calls.db")}).value();
  REQUIRE(migrate(*connection, sqlite_detail::migrations()));
  CHECK(number(*connection, "PRAGMA synchronous") == 2);
  CHECK(number(*connection, "PRAGMA foreign_keys") == 1);
  CHECK(number(*connection, "PRAGMA busy_timeout") == 5000);
  {
    sqlite_detail::Query mode(*connection, "PRAGMA journal_mode");
    REQUIRE(mode.step().value());
    CHECK(mode.text(0) == "wal");
  }
  CHECK_FALSE(connection->script("INSERT INTO seats VALUES ('alice', 'no such call', 1)"));
}

TEST_CASE("a newer file is refused, and another program's is left alone") {
  const Folder folder;
  const std::string path = folder.file("calls.db");
  { open_store(path); }
  sql(path, "PRAGMA user_version = 1000");
  CHECK(open_error({.path = path}).code == ErrorCode::store_newer);
  CHECK(open_error({.path = path, .read_only = true}).code == ErrorCode::store_newer);

  const std::string other = folder.file("other.db");
  sql(other, "CREATE TABLE recipes (name TEXT)");
  const std::string bytes = read_text(other);
  CHECK(open_error({.path = other}).code == ErrorCode::store_corrupt);
  CHECK(read_text(other) == bytes);

  const std::string text = folder.file("letter.txt");
  std::ofstream(text) << "Dear reader, this is not a database at all, whatever its name says.\n";
  CHECK(open_error({.path = text}).code == ErrorCode::store_corrupt);
  CHECK(open_error({.path = folder.file("no/such/folder.db")}).code == ErrorCode::store_unavailable);
  CHECK(open_error({.path = path, .vfs = "no-such-vfs"}).code == ErrorCode::store_unavailable);
}

TEST_CASE("rows that this version cannot read are store_corrupt with their path") {
  const Folder folder;
  const std::string path = folder.file("calls.db");
  {
    SqliteStore store = open_store(path);
    fill(store);
  }
  sql(path, "UPDATE calls SET snapshot = replace(snapshot, '\"role\":\"callee\"', '\"role\":\"guest\"')");
  sql(path, "UPDATE events SET body = '{\"v\":1}' WHERE version = 2");
  sql(path, "UPDATE deadlines SET timer = 'tea'");
  sql(path, "UPDATE answers SET error_code = 12345");
  SqliteStore store = open_store(path);
  CHECK(store.call("call-1").error() ==
        Error{ErrorCode::store_corrupt, "legs.1.role", "is a word that this version does not know (call call-1)"});
  CHECK(store.events("call-1", Version{}).error() == Error{ErrorCode::store_corrupt, "leg", "is missing (call call-1)"});
  CHECK(store.due(UnixTime::max(), 1).error().field == "timer");
  CHECK(store.answer("alice", "c1").error().field == "error_code");
}

TEST_CASE("a tool reads while the server writes") {
  const Folder folder;
  const std::string path = folder.file("calls.db");
  CHECK(open_error({.path = path, .read_only = true}).code == ErrorCode::store_unavailable);  // and no file is made
  CHECK_FALSE(std::filesystem::exists(path));
  SqliteStore writer = open_store(path);
  fill(writer);
  const std::string before = dump(writer, people);
  SqliteStore reader = SqliteStore::open({.path = path, .read_only = true}).value();
  REQUIRE(writer.begin());
  REQUIRE(writer.change(start("call-3", "dave", "erin", 30)));
  CHECK(dump(reader, people) == before);
  REQUIRE(writer.commit());
  CHECK(show(reader.call("call-3")) == show(writer.call("call-3")));
  CHECK(reader.begin().error().code == ErrorCode::invalid_state);
  CHECK(reader.change({}).error().code == ErrorCode::invalid_state);
}

TEST_CASE("two processes see each other's conflicts") {
  const Folder folder;
  SqliteStore one = open_store(folder.file("calls.db")), two = open_store(folder.file("calls.db"));
  REQUIRE(change_alone(one, start("call-1", "alice", "bob", 0)));
  CHECK(change_alone(two, start("call-2", "carol", "bob", 0)).error().code == ErrorCode::conflict);
  const CallView call = two.call("call-1").value().value();
  REQUIRE(change_alone(one, hang_up(call, 5)));
  CHECK(change_alone(two, accept(call, 5)).error().code == ErrorCode::conflict);
}

// ---- erasing --------------------------------------------------------------------------------------------------------

TEST_CASE("after erasing a person and scrubbing, no byte of the file or of its log names them") {
  const Folder folder;
  const std::string path = folder.file("calls.db"), who = "margarethe-of-parma", said = "nobody-else-says-this";
  const auto bytes = [&] {
    std::string all = read_text(path);
    for (const char* beside : {"-wal", "-shm"})
      if (std::filesystem::exists(path + beside)) all += read_text(path + beside);
    return all;
  };
  SqliteStore store = open_store(path);
  const UserId person{std::string_view(who)};
  for (int i = 0; i < 40; ++i) {  // enough to split pages and to leave free ones
    const CallId id("call-" + std::to_string(i));
    CallChange begun = start(id, person, "bob", i);
    begun.outbox.push_back({"call.created", "{\"caller\":\"" + who + "\"}", at(i), id.str(), id.str() + "-1"});
    begun.answer = CommandAnswer{person, CommandId("c" + std::to_string(i)), id, Version(2), {}, at(i)};
    REQUIRE(change_alone(store, begun));
    CallChange over = hang_up(store.call(id).value().value(), i + 100);
    over.missed.push_back({"bob", id, 2, person, LegOutcome::cancelled, at(i + 100), {}});
    REQUIRE(change_alone(store, over));
    REQUIRE(store.begin());
    REQUIRE(store.add_room_message({id, 1, person, at(i), said}));
    REQUIRE(store.forget_answers(at(i - 5), 10));
    REQUIRE(store.commit());
  }
  REQUIRE(store.begin());
  AccountRecord record = account(who, 0);
  record.id = person;
  REQUIRE(store.add_account(record));
  REQUIRE(store.add_chat(chat("chat-1", {"bob", person}, 0)));
  REQUIRE(store.commit());
  REQUIRE(bytes().find(who) != std::string::npos);
  REQUIRE(store.begin());
  CHECK(store.erase_user(person, "person-1").value() == 40);
  REQUIRE(store.commit());
  REQUIRE(store.scrub());
  CHECK(bytes().find(who) == std::string::npos);
  CHECK(bytes().find(said) == std::string::npos);
  CHECK(store.history("bob", {1, 100}).value().total == 40);
  CHECK(store.history("person-1", {}).value().total == 40);
  CHECK(fold(store.events("call-7", Version{}).value()).value().caller == UserId("person-1"));
}

// ---- migrations -----------------------------------------------------------------------------------------------------

TEST_CASE("each released schema migrates to this version and keeps its rows") {
  const Folder folder;
  const std::string fresh = folder.file("fresh.db");
  {
    SqliteStore store = open_store(fresh);
    fill(store);
  }
  SqliteStore expected = open_store(fresh);
  int released = 0;
  for (const Migration& step : sqlite_detail::migrations()) {
    char name[16];
    std::snprintf(name, sizeof name, "%04d.sql", step.number);
    const std::string path = folder.file(std::string("from-") + name + ".db");
    sql(path, read_text(std::string(ZEGOCALL_STORE_TESTS) + "/schema/" + name));
    {
      auto connection = Connection::open({.path = path}).value();
      CHECK(number(*connection, "PRAGMA user_version") == step.number);
    }
    SqliteStore store = open_store(path);
    CHECK(dump(store, people) == dump(expected, people));
    CHECK(schema_of(path) == schema_of(fresh));
    ++released;
  }
  CHECK(released > 0);
}

TEST_CASE("migrations run forward, one transaction each") {
  const Folder folder;
  const std::string path = folder.file("calls.db");
  const std::array<Migration, 3> steps{{{1, "CREATE TABLE one (x)"},
                                        {2, "CREATE TABLE two (x); INSERT INTO two VALUES (2)"},
                                        {3, "CREATE TABLE three (x); INSERT INTO nowhere VALUES (3)"}}};
  {
    auto connection = Connection::open({.path = path}).value();
    const auto migrated = migrate(*connection, steps);
    REQUIRE_FALSE(migrated);
    CHECK(migrated.error().detail.find("migration 3: ") == 0);
    CHECK(number(*connection, "PRAGMA user_version") == 2);  // the two before it stand, of the third nothing
    CHECK(number(*connection, "SELECT count(*) FROM sqlite_schema") == 2);
    REQUIRE(migrate(*connection, std::span(steps).first(2)));  // done already
    CHECK(number(*connection, "SELECT x FROM two") == 2);
    CHECK(migrate(*connection, std::span(steps).first(1)).error().code == ErrorCode::store_newer);
  }
  auto reader = Connection::open({.path = path, .read_only = true}).value();
  CHECK(migrate(*reader, steps).error().code == ErrorCode::store_unavailable);
  CHECK(migrate(*reader, std::span(steps).first(2)));
}
