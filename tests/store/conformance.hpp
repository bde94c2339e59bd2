// What every adapter of the store must do alike. A test program runs the cases over its own factory.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "zegocall/store/store.hpp"

namespace zegocall::test {

/// Makes an empty store.
using MakeStore = std::function<std::unique_ptr<Store>()>;

struct ConformanceCase {
  const char* name;
  void (*run)(Store& store);
};
std::span<const ConformanceCase> conformance_cases();
/// The second half: outbox, settings, rooms, forgetting.
std::span<const ConformanceCase> port_cases();

/// Every case over a fresh store, each as a doctest SUBCASE of the calling test.
void run_conformance(const MakeStore& make);

}  // namespace zegocall::test
