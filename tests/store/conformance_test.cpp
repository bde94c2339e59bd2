// The conformance suite over the adapters of this build.
#include "store/conformance.hpp"

#include <doctest/doctest.h>

#include <optional>

#include "store/sample.hpp"
#include "zegocall/store/memory.hpp"
#include "zegocall/store/sqlite.hpp"

using namespace zegocall;
using namespace zegocall::test;

TEST_CASE("conformance: memory") { run_conformance(make_memory_store); }

TEST_CASE("conformance: SQLite in memory") {
  run_conformance([]() -> std::unique_ptr<Store> { return std::make_unique<SqliteStore>(SqliteStore::open({}).value()); });
}

TEST_CASE("conformance: SQLite in a file") {
  const Folder folder;
  run_conformance([&]() -> std::unique_ptr<Store> {
    return std::make_unique<SqliteStore>(SqliteStore::open({.path = folder.file("calls.db")}).value());
  });
}
