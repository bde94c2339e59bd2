// Who does not want to be rung on a day: what the server reads from its store, as the facts of a decision.
#pragma once

#include <algorithm>

#include "sim/script.hpp"
#include "zegocall/store/store.hpp"

namespace zegocall::sim {

/// In whose name this command rings somebody, or may go on to ring.
inline UserId ringer_of(const Command& command, const CallView* named) {
  const bool rings = std::holds_alternative<StartCall>(command.body) || std::holds_alternative<Invite>(command.body) ||
                     std::holds_alternative<Transfer>(command.body);
  if (rings) return command.by.user;
  return named ? named->caller : UserId();
}

inline void add_wishes(const Setup& setup, const Command& command, const CallView* named, Facts& facts) {
  const UserId ringer = ringer_of(command, named);
  if (ringer.empty()) return;
  for (const Person& person : setup.people) {
    if (person.user == ringer) continue;
    if (person.quiet) facts.do_not_disturb.push_back(person.user);
    if (std::find(person.blocks.begin(), person.blocks.end(), ringer) != person.blocks.end())
      facts.blocking.push_back(person.user);
  }
}

/// Writes it down where the server will look.
inline void keep_wishes(const Setup& setup, Store& store) {
  (void)store.begin();
  for (const Person& person : setup.people) {
    if (person.quiet) (void)store.keep_settings({person.user, true, std::nullopt});
    for (const UserId& blocked : person.blocks) (void)store.block({person.user, blocked, UnixTime{}});
  }
  (void)store.commit();
}

}  // namespace zegocall::sim
