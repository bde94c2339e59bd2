// Tables that can take back what was done to them: how the in-memory store has transactions and savepoints.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace zegocall::store_detail {

/// What must be done to take every change back, newest last.
class UndoLog {
 public:
  void add(std::function<void()> undo) { steps_.push_back(std::move(undo)); }
  /// A savepoint: give it to back_to.
  std::size_t mark() const { return steps_.size(); }
  void back_to(std::size_t mark) {
    while (steps_.size() > mark) {
      steps_.back()();
      steps_.pop_back();
    }
  }
  void forget() { steps_.clear(); }

 private:
  std::vector<std::function<void()>> steps_{};
};

/// A sorted table that writes each change's reverse into the log. Both live in one owner that does not move.
template <class Key, class Value>
class UndoTable {
 public:
  explicit UndoTable(UndoLog& log) : log_(log) {}

  const std::map<Key, Value>& rows() const { return rows_; }
  const Value* find(const Key& key) const {
    const auto row = rows_.find(key);
    return row == rows_.end() ? nullptr : &row->second;
  }
  void put(const Key& key, Value value) {
    keep_old(key);
    rows_.insert_or_assign(key, std::move(value));
  }
  void erase(const Key& key) {
    if (!find(key)) return;
    keep_old(key);
    rows_.erase(key);
  }

 private:
  void keep_old(const Key& key) {
    const Value* old = find(key);
    log_.add([this, key, before = old ? std::optional<Value>(*old) : std::nullopt] {
      if (before)
        rows_.insert_or_assign(key, *before);
      else
        rows_.erase(key);
    });
  }

  UndoLog& log_;
  std::map<Key, Value> rows_{};
};

}  // namespace zegocall::store_detail
