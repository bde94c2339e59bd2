#include "zegocall/base/secret.hpp"

#include <openssl/crypto.h>

#include <cstring>
#include <utility>

namespace zegocall {

Secret::Secret(std::string_view text) : size_(text.size()) {
  if (text.empty()) return;
  data_ = new char[size_];
  std::memcpy(data_, text.data(), size_);
}

Secret::Secret(Secret&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  Secret taken(std::move(other));
  std::swap(data_, taken.data_);
  std::swap(size_, taken.size_);
  return *this;
}

Secret::~Secret() {
  wipe(data_, size_);
  delete[] data_;
}

bool operator==(const Secret& a, const Secret& b) { return equal_constant_time(a.reveal(), b.reveal()); }

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

void wipe(void* data, std::size_t size) {
  if (size > 0) OPENSSL_cleanse(data, size);
}

}  // namespace zegocall
