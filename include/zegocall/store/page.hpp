// One page of a list.
#pragma once

#include <cstdint>
#include <vector>

namespace zegocall {

/// `page` counts from 1.
struct PageRequest {
  std::uint32_t page = 1;
  std::uint32_t size = 20;  ///< 1 to 100
};
/// The items of one page, and how many there are on all pages together.
template <class T>
struct Page {
  std::vector<T> items{};
  std::uint64_t total = 0;
};

}  // namespace zegocall
