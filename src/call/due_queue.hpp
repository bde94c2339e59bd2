// Which call is due first. A binary heap that knows where each call stands, so that a moved deadline is moved in place:
// no stale entries, deadline() is exact, and 100,000 calls cost 100,000 entries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "zegocall/base/time.hpp"

namespace zegocall::call_detail {

/// Keeps `Item`s that have a member `std::size_t due_place = DueQueue<Item>::nowhere` and outlive their stay.
/// Items due at the same instant leave in the order of their `serial`.
template <class Item>
class DueQueue {
 public:
  static constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();

  bool empty() const { return heap_.empty(); }
  UnixTime first_at() const { return heap_.front().at; }
  Item& first() const { return *heap_.front().item; }

  /// This item is due at `at`, or never.
  void set(Item& item, std::optional<UnixTime> at) {
    if (!at) return remove(item);
    if (item.due_place == nowhere) {
      heap_.push_back({*at, &item});
      item.due_place = heap_.size() - 1;
    } else if (heap_[item.due_place].at == *at) {
      return;
    }
    heap_[item.due_place].at = *at;
    settle(item.due_place);
  }

 private:
  struct Entry {
    UnixTime at;
    Item* item;
  };

  void remove(Item& item) {
    if (item.due_place == nowhere) return;
    const std::size_t hole = std::exchange(item.due_place, nowhere);
    const Entry last = heap_.back();
    heap_.pop_back();
    if (hole == heap_.size()) return;
    put(hole, last);
    settle(hole);
  }
  static bool before(const Entry& a, const Entry& b) { return a.at != b.at ? a.at < b.at : a.item->serial < b.item->serial; }
  void put(std::size_t place, const Entry& entry) {
    heap_[place] = entry;
    entry.item->due_place = place;
  }
  void settle(std::size_t place) {
    const Entry entry = heap_[place];
    while (place > 0 && before(entry, heap_[(place - 1) / 2])) {
      put(place, heap_[(place - 1) / 2]);
      place = (place - 1) / 2;
    }
    for (std::size_t child = 2 * place + 1; child < heap_.size(); child = 2 * place + 1) {
      if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
      if (!before(heap_[child], entry)) break;
      put(place, heap_[child]);
      place = child;
    }
    put(place, entry);
  }

  std::vector<Entry> heap_;
};

}  // namespace zegocall::call_detail
