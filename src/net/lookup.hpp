// Names to addresses. Loop thread only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/net.hpp"

namespace zegocall::net_detail {

/// Asks the system for the addresses of a host, on a thread of its own: getaddrinfo cannot be interrupted, and neither the
/// loop nor its owner may have to wait for it. `done` runs on the loop, unless the Lookup is gone before. Numeric texts are
/// answered without asking anybody.
class Lookup {
 public:
  using Done = std::function<void(Result<std::vector<std::string>>)>;
  Lookup(Loop& loop, std::string host, Done done);
  ~Lookup();
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace zegocall::net_detail
