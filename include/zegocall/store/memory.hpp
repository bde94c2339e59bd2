// The store as a model in memory: for tests, for hosts that need no memory after a restart, and as the oracle of the
// conformance suite.
#pragma once

#include <memory>

#include "zegocall/store/store.hpp"

namespace zegocall {

/// An empty store. Transactions work (rollback takes everything back); nothing is durable.
std::unique_ptr<Store> make_memory_store();

}  // namespace zegocall
