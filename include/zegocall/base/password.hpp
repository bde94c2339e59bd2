// Password hashing is slow on purpose: it runs on a worker, behind this port.
#pragma once

#include <string>
#include <string_view>

#include "zegocall/base/result.hpp"
#include "zegocall/base/secret.hpp"

namespace zegocall {

/// Any thread; takes tens of milliseconds.
class PasswordHasher {
 public:
  virtual ~PasswordHasher() = default;
  /// A salted, self-describing hash that verify() of this or a later version reads.
  virtual Result<std::string> hash(const Secret& password) = 0;
  /// True if the password made this hash. An unreadable hash is false. Takes as long for a wrong one as for a right one.
  virtual bool verify(const Secret& password, std::string_view hash) = 0;
};

}  // namespace zegocall
