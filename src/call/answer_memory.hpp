// Race rule 14: a command id seen before gets the first answer again, and nothing happens twice.
#pragma once

#include <deque>
#include <unordered_map>

#include "base/planted_fault.hpp"
#include "zegocall/call/model.hpp"

namespace zegocall::call_detail {

/// The first answer to a command: its error, or the call as it was right after.
struct RememberedAnswer {
  CallId call{};
  Version version{};
  std::optional<Error> error{};
};

/// Keeps answers for ten minutes, and at most a million of them. A command without an id, or with ids past
/// their limit, is not remembered.
class AnswerMemory {
 public:
  static constexpr std::chrono::minutes kept{10};
  static constexpr std::size_t answers_max = 1'000'000;

  const RememberedAnswer* find(const Command& command) const {
    if (ZC_PLANTED(lose_command_memory)) return nullptr;
    const auto found = answers_.find(Key{command.by.user, command.id});
    return found == answers_.end() ? nullptr : &found->second;
  }
  void keep(const Command& command, const RememberedAnswer& answer, UnixTime now) {
    if (command.id.empty() || command.id.view().size() > CallLimits::id_bytes_max) return;
    if (command.by.user.view().size() > CallLimits::id_bytes_max) return;
    const auto [place, is_new] = answers_.try_emplace(Key{command.by.user, command.id}, answer);
    if (is_new) oldest_first_.push_back({now + kept, &place->first});
  }
  void forget_old(UnixTime now) {
    while (!oldest_first_.empty() && (oldest_first_.front().until <= now || answers_.size() > answers_max)) {
      answers_.erase(answers_.find(*oldest_first_.front().key));
      oldest_first_.pop_front();
    }
  }

 private:
  struct Key {
    UserId user;
    CommandId command;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const {
      const std::size_t user = std::hash<UserId>{}(key.user);
      return user ^ (std::hash<CommandId>{}(key.command) + 0x9e3779b97f4a7c15u + (user << 6) + (user >> 2));
    }
  };
  struct Entry {
    UnixTime until;
    const Key* key;  // of the map's node, which does not move
  };
  std::unordered_map<Key, RememberedAnswer, Hash> answers_;
  std::deque<Entry> oldest_first_;
};

}  // namespace zegocall::call_detail
