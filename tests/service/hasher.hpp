// A password hasher that is quick, and tells that the real one would have worked.
#pragma once

#include <string>

#include "zegocall/base/password.hpp"

namespace zegocall::test {

class Hasher final : public PasswordHasher {
 public:
  Result<std::string> hash(const Secret& password) override { return "hash:" + std::string(password.reveal()); }
  bool verify(const Secret& password, std::string_view hash) override {
    ++compared;
    return hash == "hash:" + std::string(password.reveal());
  }
  int compared = 0;
};

}  // namespace zegocall::test
