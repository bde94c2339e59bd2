// Which calls a person finds in the list of missed calls: one entry for each leg that was rung for them and ended in an
// outcome of that kind, none for any other (invariant I12). Pure; any thread. Where entries are kept is the store's
// business (store/settings.hpp).
//
// Seen mark: an entry is unseen until its person says "seen up to here"; the first such instant stays, a later one does not
// move it, and an entry never becomes unseen again. Ended calls do not change, so an entry is written once and never edited
// for any other reason.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "zegocall/call/model.hpp"

namespace zegocall {

/// What a host may decide about rings that were stopped by the callee's own wish. The default keeps the list free of them:
/// somebody who is blocked must not reach the person by way of the list.
struct MissedRules {
  bool blocked = false;
  bool dnd = false;
};

/// Whether this leg of the call is an entry in its person's list. Only of people who were rung: never the caller's own leg,
/// never who came in by themselves. Never of a call that became part of another (glare_merged): the person is rung by, or
/// talks in, that one. `failed` only if the person had not answered.
bool is_missed_call(const CallView& after, const LegView& leg, const MissedRules& rules = {});

/// The legs that became entries by these events of the call; `after` is the call right after them. By leg.
std::vector<std::uint32_t> missed_legs(const CallView& after, std::span<const CallEvent> events, const MissedRules& rules = {});
/// All legs of the call that are entries. By leg.
std::vector<std::uint32_t> missed_legs(const CallView& call, const MissedRules& rules = {});

}  // namespace zegocall
