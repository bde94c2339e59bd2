// The way in: one door for everybody who enters a call, however they come (I17).
#pragma once

#include "call/rules.hpp"

namespace zegocall::call_detail {

/// How somebody comes. join, knock: by themselves. answer: they were rung. admit: from the lobby. stay: they have a seat
/// already (a return, a new token, another device).
enum class Way : std::uint8_t { join, knock, answer, admit, stay };
/// Where the way leads.
enum class Place : std::uint8_t { seat, lobby };

/// Race rule 8, in its order: not ended (and open, by the schedule), not banned, passcode, invitation or open rule, lock,
/// lobby, capacity. Who has a seat skips all but the first two. The host skips passcode, lock and lobby: nobody else could
/// open the door again.
Result<Place> check_entry(const Turn& turn, const CallView& call, const UserId& user, Way way);

/// Somebody comes to a room: a new leg, in the lobby or on the way in.
Result<void> enter_room(Turn& turn, const CallView& call, Way way, bool consent, const std::string& note);

/// Who comes while people are asked about the recording, or recorded, has to agree first.
Result<void> check_consent(const CallView& call, const LegView* leg, bool consent);

bool is_host(const CallView& call, const UserId& user);

}  // namespace zegocall::call_detail
