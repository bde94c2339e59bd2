// How a check says that something may never have happened.
#pragma once

#include <string>
#include <utility>

namespace zegocall::sim {

/// Thrown by a check and caught where a run begins. `check` is the invariant's number in docs/call-model.md ("I9").
struct Broken {
  std::string check;
  std::string what;
};

[[noreturn]] inline void broken(const char* check, std::string what) { throw Broken{check, std::move(what)}; }

inline void require(bool holds, const char* check, const char* what) {
  if (!holds) broken(check, what);
}

}  // namespace zegocall::sim
