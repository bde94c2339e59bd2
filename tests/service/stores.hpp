// Runs a test over the store in memory and, where it is built, over SQLite.
#pragma once

#include <doctest/doctest.h>

#include <utility>

#include "zegocall/store/memory.hpp"
#ifdef ZEGOCALL_TEST_SQLITE
#include "zegocall/store/sqlite.hpp"
#endif

namespace zegocall::test {

/// `body(Store&)` once for each adapter, each time with an empty store.
template <class Body>
void over_stores(Body body) {
  SUBCASE("memory") {
    const auto store = make_memory_store();
    body(*store);
  }
#ifdef ZEGOCALL_TEST_SQLITE
  SUBCASE("SQLite") {
    SqliteStore store = SqliteStore::open({}).value();
    body(store);
  }
#endif
}

}  // namespace zegocall::test
