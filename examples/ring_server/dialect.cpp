// The words of calls on the socket, as a table.
#include <algorithm>

#include "ring.hpp"

using namespace zegocall;

namespace ring {
namespace {

Result<CommandBody> read_end(const Args& in) {
  auto reason = in.get<std::optional<std::string>>("0.endReason");
  if (!reason) return unexpected(reason.error());
  if (!is_end_reason(reason->value_or("normal")))
    return fail_field(ErrorCode::invalid_argument, "0.endReason", "is not a known reason");
  return EndCall{reason->value_or("normal")};
}

/// Everything that is said of a call carries its id and when it happened.
Args of_call(const Told& told, JsonObject fields) {
  return {fields.add("callId", told.call.id).add("timestamp", iso8601(told.event.at))};
}

/// Nobody hung up: the one whose link was lost, or the caller.
UserId ended_by(const CallView& call) {
  if (!call.ended_by.empty()) return call.ended_by;
  for (const LegView& leg : call.legs)
    if (leg.outcome == LegOutcome::network_lost || leg.outcome == LegOutcome::join_failed) return leg.user;
  return call.caller;
}

enum class Ending : unsigned char { ended, declined, timeout };
Ending ending_of(const CallEnded& event) {
  switch (event.outcome) {
    case CallOutcome::declined:
    case CallOutcome::busy: return Ending::declined;
    case CallOutcome::no_answer:
    case CallOutcome::unreachable: return Ending::timeout;
    case CallOutcome::answered:
    case CallOutcome::cancelled:
    case CallOutcome::glare_merged:
    case CallOutcome::failed: return Ending::ended;
  }
  return Ending::ended;
}

Args said_ended(const Ring& ring, const Told& told) {
  return of_call(told, {{"endedBy", card(ring, ended_by(told.call))},
                        {"endReason", end_reason_of(told.call)},
                        {"duration", duration_of(told.call)}});
}

/// Dismissed only because the leg is over: it was accepted, and none of the person's devices ever showed itself in the call.
bool never_bound(const DeviceDismiss& event, const Told& told) {
  return event.outcome == DeviceOutcome::answered_elsewhere &&
         std::any_of(told.call.legs.begin(), told.call.legs.end(), [&](const LegView& leg) {
           return leg.number == event.leg && leg.state == LegState::final && leg.device.empty();
         });
}

std::vector<Say> sayings(const Ring& ring) {
  const auto status = [](std::string_view word) {
    return [word](const auto&, const Told& told) { return of_call(told, {{"status", word}, {"updatedBy", told.by.user}}); };
  };
  return {
      say<DeviceRing>("incoming_call", To::subject,
                      [&ring](const DeviceRing&, const Told& told) {
                        const CallView& call = told.call;
                        return of_call(
                            told,
                            {{"chatId", call.topic},
                             {"callType", call_type(call.media)},
                             {"caller", card(ring, call.caller)},
                             {"zegoRoom", JsonObject{{"roomId", ring.calls.room_of(call.id)}, {"appId", ring.calls.app()}}}});
                      }),
      say<TokenRenewed>("zego_token_expiring", To::subject,  // 90 s before: POST zego-token gives the next one
                        [&ring](const TokenRenewed& e, const Told& told) {
                          return of_call(told, {{"roomId", ring.calls.room_of(told.call.id)}, {"until", iso8601(e.token_until)}});
                        }),
      say<LegAlerting>("call_status_update", To::others, status("ringing")),
      say<DeviceRing>("call_status_update", To::caller,  // the second try: no device has taken the invitation
                      [](const DeviceRing& e, const Told& told) -> std::optional<Args> {
                        if (e.attempt < 2 || told.call.is_room()) return std::nullopt;
                        return of_call(told, {{"status", "not_reached"}, {"updatedBy", e.user}});
                      }),
      say<LegAccepted>("call_accepted", To::others,
                       [&ring](const LegAccepted& e, const Told& told) {
                         return of_call(told, {{"acceptedBy", card(ring, e.user)}});
                       }),
      say<DeviceDismiss>("call_accepted", To::subject,
                         [&ring](const DeviceDismiss& e, const Told& told) -> std::optional<Args> {
                           if (e.outcome != DeviceOutcome::answered_elsewhere || never_bound(e, told)) return std::nullopt;
                           return of_call(told, {{"acceptedBy", card(ring, e.user)}, {"dismiss", true}});
                         }),
      say<DeviceDismiss>("call_declined", To::subject,
                         [&ring](const DeviceDismiss& e, const Told& told) -> std::optional<Args> {
                           if (e.outcome != DeviceOutcome::declined_elsewhere) return std::nullopt;
                           return of_call(told, {{"declinedBy", card(ring, e.user)}, {"dismiss", true}});
                         }),
      say<CallActive>("call_status_update", To::others,
                      [&ring](const CallActive&, const Told& told) {
                        JsonObject fields{{"status", "active"}, {"updatedBy", told.by.user}};
                        if (ring.status_metadata) fields.add("metadata", *ring.status_metadata);
                        return of_call(told, std::move(fields));
                      }),
      say<CallEnded>("call_declined", To::others,
                     [&ring](const CallEnded& e, const Told& told) -> std::optional<Args> {
                       if (ending_of(e) != Ending::declined) return std::nullopt;
                       return of_call(told, {{"declinedBy", card(ring, e.by)}});
                     }),
      say<CallEnded>("call_timeout", To::others,
                     [](const CallEnded& e, const Told& told) -> std::optional<Args> {
                       if (ending_of(e) != Ending::timeout) return std::nullopt;
                       return of_call(told, {});
                     }),
      say<CallEnded>("call_ended", To::others,
                     [&ring](const CallEnded& e, const Told& told) -> std::optional<Args> {
                       if (ending_of(e) != Ending::ended) return std::nullopt;
                       return said_ended(ring, told);
                     }),
      // A device that still rang, or perhaps was the one that answered, when its own person ended the call somewhere else.
      say<DeviceDismiss>("call_ended", To::subject,
                         [&ring](const DeviceDismiss& e, const Told& told) -> std::optional<Args> {
                           if (e.outcome != DeviceOutcome::cancelled && !never_bound(e, told)) return std::nullopt;
                           if (e.user != told.call.ended_by || e.device == told.by.device) return std::nullopt;
                           return said_ended(ring, told);
                         }),
  };
}

}  // namespace

Dialect dialect(Ring& ring) {
  std::vector<Say> said = sayings(ring);
  for (Say& each : room_sayings(ring)) said.push_back(std::move(each));
  return {
      .hear = {{"call_accept", "0.callId", command<Accept>},
               {"call_decline", "0.callId", command<Decline>},
               {"call_end", "0.callId", read_end}},
      .relay = {{"webrtc_offer", "0.callId", "0.receiverId", "senderId"},
                {"webrtc_answer", "0.callId", "0.callerId", "senderId", RelayEffect::joins},
                {"webrtc_ice_candidate", "0.callId", "0.receiverId", "senderId"}},
      .say = std::move(said),
      .missed = {"call_missed",
                 [&ring](const MissedCall& one) -> std::optional<Args> {
                   return Args{JsonObject{{"callId", one.call},
                                          {"caller", card(ring, one.caller)},
                                          {"outcome", name(one.outcome)},
                                          {"timestamp", iso8601(one.at)}}};
                 }},
      .refusal =
          [](const Error& e) {
            return Args{JsonObject{{"success", false}, {"message", words(e)}, {"reason", reason_json(e)}}};
          },
      .done =
          [&ring](const CallView& call) {
            return Args{JsonObject{{"success", true}, {"data", call_json(ring, call)}}};
          },
      .may_act = [&ring](const UserId& user) { return may_act(ring, user); },
      .presence = [&ring](const UserId& user, bool online, Now now) { tell_presence(ring, user, online, now); },
  };
}

}  // namespace ring
