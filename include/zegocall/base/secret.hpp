// A secret is not a string: it cannot be printed, copied by accident or compared in a time that depends on its content.
#pragma once

#include <cstddef>
#include <string_view>

namespace zegocall {

/// Owns the bytes of a key or password. They are overwritten when it dies. Move-only; thread-compatible.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// The bytes, for the one call that needs them. Never log or store what this returns.
  std::string_view reveal() const { return {data_, size_}; }
  /// A second owner of the same bytes, asked for by name.
  Secret clone() const { return Secret(reveal()); }

  /// Constant time in the content; the lengths may be learnt.
  friend bool operator==(const Secret& a, const Secret& b);

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Equality in a time that depends on the lengths only.
bool equal_constant_time(std::string_view a, std::string_view b);

/// Overwrites memory in a way that the compiler keeps.
void wipe(void* data, std::size_t size);

}  // namespace zegocall
