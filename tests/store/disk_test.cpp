// The disk fails at every single operation in turn, or loses power there: each transaction is there whole or not at all.
#include <doctest/doctest.h>

#include "store/sample.hpp"
#include "support/failing_vfs.hpp"
#include "zegocall/store/memory.hpp"
#include "zegocall/store/sqlite.hpp"

using namespace zegocall;
using namespace zegocall::test;
using Fault = FailingVfs::Fault;
using Lasting = FailingVfs::Lasting;

namespace {

const std::vector<UserId> people{"alice", "bob", "carol", "dave", "erin", "id-alice"};

/// The transactions of the script, each with several changes over several tables.
using Transaction = std::function<Result<void>(Store&)>;
Result<void> and_change(Store& store, const Result<void>& before, const CallChange& change) {
  return before ? store.change(change) : before;
}
Result<CallView> load(Store& store, const CallId& id) {
  auto found = store.call(id);
  if (!found) return unexpected(found.error());
  REQUIRE(*found);
  return **found;
}
const std::vector<Transaction>& script() {
  static const std::vector<Transaction> steps{
      [](Store& store) { return and_change(store, store.add_account(account("alice", 0)), start("call-1", "alice", "bob", 0)); },
      [](Store& store) -> Result<void> {
        auto call = load(store, "call-1");
        if (!call) return unexpected(call.error());
        CallChange change = hang_up(*call, 10);
        change.parts.push_back(start("call-2", "alice", "carol", 10).parts[0]);
        change.answer = CommandAnswer{"alice", "c1", "call-2", Version(2), {}, at(100)};
        change.outbox = {{"call.ended", std::string(9000, 'x'), at(10)}, {"call.created", "{}", at(10)}};
        return and_change(store, store.change(change), start("call-3", "dave", "erin", 11));
      },
      [](Store& store) {
        const auto forgotten = store.forget_answers(at(200), 10);
        const auto chatted = forgotten ? store.add_chat(chat("chat", {"alice", "bob"}, 0)) : forgotten;
        return chatted ? store.outbox_done(1) : chatted;
      },
      [](Store& store) -> Result<void> {
        auto call = load(store, "call-2");
        if (!call) return unexpected(call.error());
        return store.change(accept(*call, 20));
      }};
  return steps;
}

/// The model's dump after each number of transactions.
const std::vector<std::string>& expected() {
  static const std::vector<std::string> dumps = [] {
    const auto model = make_memory_store();
    std::vector<std::string> out{dump(*model, people)};
    for (const Transaction& transaction : script()) {
      REQUIRE(model->begin());
      REQUIRE(transaction(*model));
      REQUIRE(model->commit());
      out.push_back(dump(*model, people));
    }
    return out;
  }();
  return dumps;
}

Result<void> run(Store& store, const Transaction& transaction) {
  if (auto begun = store.begin(); !begun) return begun;
  auto did = transaction(store);
  if (did) return store.commit();
  // The first failure lost the transaction: it cannot be committed by mistake.
  CHECK(store.in_transaction());
  const auto committed = store.commit();
  REQUIRE_FALSE(committed);
  CHECK(committed.error().code == ErrorCode::store_unavailable);
  return did;
}

/// Opens and runs the script until something fails. Returns how many transactions were acknowledged.
std::size_t run_until_failure(FailingVfs& vfs, const std::string& path) {
  auto store = SqliteStore::open({.path = path, .vfs = vfs.name()});
  if (!store) {
    CHECK(name(store.error().code) == "store_unavailable");
    return 0;
  }
  std::size_t acknowledged = 0;
  for (const Transaction& transaction : script()) {
    auto did = run(*store, transaction);
    if (!did) {
      CHECK(name(did.error().code) == "store_unavailable");
      CHECK_FALSE(store->in_transaction());
      break;
    }
    ++acknowledged;
  }
  return acknowledged;
}

/// The file as another process finds it, on a disk that is well again.
std::string reopened(FailingVfs& vfs, const std::string& path) {
  vfs.heal();
  auto store = SqliteStore::open({.path = path, .vfs = vfs.name()});
  INFO(show(store ? Result<void>{} : Result<void>(unexpected(store.error()))));
  REQUIRE(store);
  return dump(*store, people);
}

bool all_or_nothing(const std::string& found, std::size_t acknowledged) {
  if (found == expected()[acknowledged]) return true;
  return acknowledged < script().size() && found == expected()[acknowledged + 1];
}

/// Runs `attempt(n)` for n = 0, 1, ... until the script ran without meeting the fault.
void at_every_operation(const std::function<bool(std::uint64_t n)>& attempt) {
  std::uint64_t n = 0;
  while (attempt(n)) ++n;
  MESSAGE("operations that failed in turn: " << n);
  CHECK(n > 30);  // opening, migrating and four commits are more than that: the VFS is really there
}

}  // namespace

TEST_CASE("the disk dies at operation n: reopening shows each transaction whole or not at all") {
  for (const Fault fault : {Fault::io_error, Fault::full}) {
    at_every_operation([&](std::uint64_t n) {
      CAPTURE(n);
      FailingVfs vfs;
      const Folder folder;
      const std::string path = folder.file("calls.db");
      vfs.fail_at(n, fault, Lasting::from_then_on);
      const std::size_t acknowledged = run_until_failure(vfs, path);
      const bool failed = vfs.failures() > 0;
      CHECK(all_or_nothing(reopened(vfs, path), acknowledged));
      return failed;
    });
  }
}

TEST_CASE("operation n fails once: nothing of that transaction is there, and the store goes on") {
  for (const Fault fault : {Fault::io_error, Fault::full}) {
    at_every_operation([&](std::uint64_t n) {
      CAPTURE(n);
      FailingVfs vfs;
      const Folder folder;
      const std::string path = folder.file("calls.db");
      vfs.fail_at(n, fault, Lasting::once);
      auto store = SqliteStore::open({.path = path, .vfs = vfs.name()});
      if (!store) {
        CHECK(name(store.error().code) == "store_unavailable");
        store = SqliteStore::open({.path = path, .vfs = vfs.name()});
      }
      REQUIRE(store);
      for (std::size_t i = 0; i < script().size(); ++i) {
        auto did = run(*store, script()[i]);
        if (!did) {
          CHECK(name(did.error().code) == "store_unavailable");
          CHECK(dump(*store, people) == expected()[i]);
          did = run(*store, script()[i]);  // the caller tries again
        }
        INFO(show(did));
        REQUIRE(did);
        CHECK(dump(*store, people) == expected()[i + 1]);
      }
      const bool failed = vfs.failures() > 0;
      *store = SqliteStore::open({}).value();  // closes the file
      CHECK(reopened(vfs, path) == expected().back());
      return failed;
    });
  }
}

TEST_CASE("a disk that fails inside a transaction loses all of it, whatever comes after") {
  FailingVfs vfs;
  const Folder folder;
  const std::string path = folder.file("calls.db");
  SqliteStore store = SqliteStore::open({.path = path, .vfs = vfs.name()}).value();
  CallChange big;  // more than the page cache holds, so that SQLite must write before the commit
  big.outbox.resize(100, {"topic", std::string(StoreLimits::outbox_bytes_max, 'x'), at(0)});
  for (const Fault fault : {Fault::io_error, Fault::full}) {
    const std::string before = dump(store, people);
    REQUIRE(store.begin());
    REQUIRE(store.change(start("call-1", "alice", "bob", 0)));
    vfs.fail_at(0, fault, Lasting::once);
    const auto failed = store.change(big);
    REQUIRE(vfs.failures() == 1);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == ErrorCode::store_unavailable);
    // The disk is well again; SQLite alone would take these as changes of their own.
    const auto next = store.change(start("call-2", "carol", "dave", 0));
    REQUIRE_FALSE(next);
    CHECK(next.error().code == ErrorCode::store_unavailable);
    CHECK_FALSE(store.call("call-1"));
    CHECK_FALSE(store.add_account(account("alice", 0)));
    CHECK(store.in_transaction());
    const auto committed = store.commit();
    REQUIRE_FALSE(committed);
    CHECK(committed.error().code == ErrorCode::store_unavailable);
    CHECK_FALSE(store.in_transaction());
    CHECK(dump(store, people) == before);
  }
  REQUIRE(run(store, script()[0]));
  CHECK(dump(store, people) == expected()[1]);
}

TEST_CASE("power is lost at operation n: what was acknowledged is there") {
  // With synchronous NORMAL this fails: a commit would return before its log is on the disk.
  at_every_operation([&](std::uint64_t n) {
    CAPTURE(n);
    FailingVfs vfs;
    const Folder folder;
    const std::string path = folder.file("calls.db");
    vfs.fail_at(n, Fault::io_error, Lasting::from_then_on);
    const std::size_t acknowledged = run_until_failure(vfs, path);
    const bool failed = vfs.failures() > 0;
    if (!failed) return false;
    vfs.lose_unsynced();
    CHECK(all_or_nothing(reopened(vfs, path), acknowledged));
    return true;
  });
}

TEST_CASE("commit returns after its sync, and nothing is synced before") {
  FailingVfs vfs;
  const Folder folder;
  std::vector<std::string> order;
  vfs.on_sync([&](std::string_view path) { order.emplace_back(path.substr(path.rfind("calls.db"))); });
  SqliteStore store = SqliteStore::open({.path = folder.file("calls.db"), .vfs = vfs.name()}).value();
  REQUIRE(run(store, script()[0]));
  order.clear();
  REQUIRE(store.begin());
  REQUIRE(store.change(start("call-9", "carol", "dave", 0)));
  order.emplace_back("changed");
  REQUIRE(store.commit());
  order.emplace_back("committed");
  CHECK(order == std::vector<std::string>{"changed", "calls.db-wal", "committed"});
}
