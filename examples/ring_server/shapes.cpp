// What a person, a chat and a call look like on this wire. The mapping of outcomes is in README.md.
#include <algorithm>
#include <array>

#include "ring.hpp"

using namespace zegocall;

namespace ring {

Json card(const AccountRecord& account) {
  return JsonObject{{"_id", account.id},
                    {"username", account.name},
                    {"fullName", account.display_name},
                    {"profileImageUrl", account.picture_url}};
}

Json card(const Ring& ring, const UserId& user) {
  auto account = ring.accounts.find(user);
  return card(account ? *account : AccountRecord{.id = user});
}

Json chat_json(const Ring& ring, const ChatRecord& chat) {
  return JsonObject{{"_id", chat.id},
                    {"participants", JsonArray::of(chat.members, [&](const UserId& user) { return card(ring, user); })},
                    {"chatType", "direct"},
                    {"status", "active"},
                    {"createdAt", iso8601(chat.created_at)},
                    {"updatedAt", iso8601(chat.created_at)}};
}

std::string_view call_type(Media media) { return media == Media::video ? "video" : "voice"; }

namespace {

std::string_view status_while_ringing(const CallView& call) {
  if (call.answered_at) return "connecting";
  for (const LegView& leg : call.legs)
    if (leg.state == LegState::alerting) return "ringing";
  return "initiated";
}

std::string_view status_after(CallOutcome outcome) {
  switch (outcome) {
    case CallOutcome::declined: return "declined";
    case CallOutcome::no_answer:
    case CallOutcome::busy:
    case CallOutcome::unreachable: return "missed";
    case CallOutcome::answered:
    case CallOutcome::cancelled:
    case CallOutcome::glare_merged:
    case CallOutcome::failed: return "ended";
  }
  return "ended";
}

std::string_view reason_of(EndCause cause) {
  switch (cause) {
    case EndCause::network_lost:
    case EndCause::provider_closed:
    case EndCause::server_shutdown:
    case EndCause::alone_timeout: return "network_error";
    case EndCause::hangup:
    case EndCause::ended_by_host:
    case EndCause::ended_by_admin:
    case EndCause::max_duration:
    case EndCause::host_left:
    case EndCause::last_left: return "normal";
  }
  return "normal";
}

}  // namespace

std::string_view status_of(const CallView& call) {
  switch (call.state) {
    case CallState::waiting:
    case CallState::ringing: return status_while_ringing(call);
    case CallState::ending:
    case CallState::active: return "active";
    case CallState::ended: break;
  }
  return status_after(call.outcome.value_or(CallOutcome::failed));
}

bool is_end_reason(std::string_view reason) {
  constexpr std::array<std::string_view, 7> known{"normal",        "declined",  "missed", "failed",
                                                  "network_error", "cancelled", "timeout"};
  return std::find(known.begin(), known.end(), reason) != known.end();
}

std::string end_reason_of(const CallView& call) {
  if (!call.outcome) return "normal";
  switch (*call.outcome) {
    case CallOutcome::declined: return "declined";
    case CallOutcome::no_answer:
    case CallOutcome::unreachable: return "timeout";
    case CallOutcome::busy: return "missed";
    case CallOutcome::glare_merged:
    case CallOutcome::cancelled: return "cancelled";
    case CallOutcome::failed: return "network_error";
    case CallOutcome::answered: break;
  }
  // Who hangs up may say why (a client that saw its connection fail says network_error).
  if (call.end_cause == EndCause::hangup && is_end_reason(call.end_note)) return call.end_note;
  return std::string(reason_of(call.end_cause.value_or(EndCause::hangup)));
}

std::int64_t duration_of(const CallView& call) {
  if (!call.answered_at || !call.ended_at) return 0;
  return std::chrono::floor<std::chrono::seconds>(*call.ended_at - *call.answered_at).count();
}

Json participants_json(const Ring& ring, const CallView& call) {
  std::vector<UserId> users;
  for (const LegView& leg : call.legs)
    if (std::find(users.begin(), users.end(), leg.user) == users.end()) users.push_back(leg.user);
  return JsonArray::of(users, [&](const UserId& user) { return card(ring, user); });
}

JsonObject zego_room_json(const Ring& ring, const CallView& call) {
  JsonObject room{{"roomId", ring.calls.room_of(call.id)}, {"appId", ring.calls.app()}, {"createdAt", iso8601(call.created_at)}};
  if (call.ended_at) room.add("endedAt", iso8601(*call.ended_at));
  return room;
}

JsonObject call_json(const Ring& ring, const CallView& call) {
  const std::string_view status = status_of(call);
  const std::int64_t duration = duration_of(call);
  const std::string seconds = std::to_string(duration % 60);
  const UnixTime updated = call.ended_at.value_or(call.active_at.value_or(call.answered_at.value_or(call.created_at)));
  JsonObject out{{"_id", call.id},
                 {"id", call.id},
                 {"participants", participants_json(ring, call)},
                 {"initiator", card(ring, call.caller)},
                 {"chatId", call.topic},
                 {"callType", call_type(call.media)},
                 {"status", status},
                 {"initiatedAt", iso8601(call.created_at)}};
  if (call.answered_at) out.add("startedAt", iso8601(*call.answered_at));
  if (call.ended_at) out.add("endedAt", iso8601(*call.ended_at));
  out.add("duration", duration).add("endReason", end_reason_of(call));
  if (!call.ended_by.empty()) out.add("endedBy", call.ended_by);
  out.add("metadata", JsonObject{{"quality", "good"}, {"connectionType", "unknown"}})
      .add("zegoRoom", zego_room_json(ring, call))
      .add("createdAt", iso8601(call.created_at))
      .add("updatedAt", iso8601(updated))
      .add("formattedDuration", std::to_string(duration / 60) + (seconds.size() < 2 ? ":0" : ":") + seconds)
      .add("wasAnswered", call.answered_at.has_value())
      .add("isOngoing", call.state != CallState::ended);
  return out;
}

}  // namespace ring
