// A byte buffer that lives on the stack while it is small: minting and verifying an ordinary token allocates nothing but
// what it returns.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "zegocall/base/secret.hpp"

namespace zegocall::token_detail {

/// Append-only; overwritten when it dies, because it holds plaintexts. Not movable: views of it stay valid until the
/// next append.
class Scratch {
 public:
  Scratch() = default;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { wipe(data_, size_); }

  char* data() { return data_; }
  std::size_t size() const { return size_; }
  std::string_view view() const { return {data_, size_}; }
  void clear() { shrink(0); }

  void append(char c) { *grow(1) = c; }
  void append(std::string_view text) {
    if (!text.empty()) std::memcpy(grow(text.size()), text.data(), text.size());
  }
  /// `count` more bytes, not set to anything; where they begin.
  char* grow(std::size_t count) {
    if (count > capacity_ - size_) reserve(size_ + count);
    char* const begin = data_ + size_;
    size_ += count;
    return begin;
  }
  /// Drops (and overwrites) what is behind `size`.
  void shrink(std::size_t size) {
    wipe(data_ + size, size_ - size);
    size_ = size;
  }

 private:
  void reserve(std::size_t wanted) {
    const std::size_t capacity = std::max(wanted, capacity_ * 2);
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    std::memcpy(larger.get(), data_, size_);
    wipe(data_, size_);
    heap_ = std::move(larger);
    data_ = heap_.get();
    capacity_ = capacity;
  }

  char inline_[1024];
  std::unique_ptr<char[]> heap_;
  char* data_ = inline_;
  std::size_t size_ = 0;
  std::size_t capacity_ = sizeof inline_;
};

}  // namespace zegocall::token_detail
