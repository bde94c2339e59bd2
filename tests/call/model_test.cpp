#include "call/world.hpp"

using namespace call_test;

namespace {
template <class Enum>
void round_trip(std::size_t count) {
  std::size_t known = 0;
  for (std::uint8_t value = 0; value < 32; ++value) {
    const std::string_view word = name(static_cast<Enum>(value));
    if (word.empty()) continue;
    ++known;
    CHECK(from_name<Enum>(word) == static_cast<Enum>(value));
  }
  CHECK(known == count);
  CHECK_FALSE(from_name<Enum>(""));
  CHECK_FALSE(from_name<Enum>("Audio"));
}
}  // namespace

TEST_CASE("every enumerator has one word, and the word leads back") {
  round_trip<Media>(2);
  round_trip<CallState>(5);
  round_trip<LegState>(8);
  round_trip<LegRole>(3);
  round_trip<LegOutcome>(20);
  round_trip<DeviceOutcome>(9);
  round_trip<CallOutcome>(8);
  round_trip<EndCause>(10);
  round_trip<Timer>(15);
  round_trip<GlarePolicy>(2);
  round_trip<CallKind>(2);
  round_trip<RingPolicy>(4);
  round_trip<BusyPolicy>(3);
  round_trip<DeclinePolicy>(2);
  round_trip<SecondDevice>(2);
  round_trip<RoomType>(3);
  round_trip<LobbyRule>(3);
  round_trip<HostPolicy>(4);
  round_trip<RecordingConsent>(2);
  round_trip<RecordingState>(3);
  round_trip<ConsentState>(3);
  round_trip<Track>(3);
  round_trip<MuteMode>(3);
  round_trip<PasscodeCheck>(4);
  round_trip<ProviderSaid>(3);
  round_trip<Capability>(20);
}

TEST_CASE("words of outcomes are frozen: stores and wires depend on them") {
  CHECK(name(LegOutcome::no_answer) == "no_answer");
  CHECK(name(LegOutcome::join_failed) == "join_failed");
  CHECK(name(DeviceOutcome::answered_elsewhere) == "answered_elsewhere");
  CHECK(name(EndCause::alone_timeout) == "alone_timeout");
  CHECK(name(Timer::reconnect_grace) == "reconnect_grace");
}

TEST_CASE("commands and events have the call model's words") {
  const std::vector<std::pair<CommandBody, std::string_view>> commands = {{StartCall{}, "start_call"},
                                                                          {Invite{}, "invite"},
                                                                          {AckDelivered{}, "ack_delivered"},
                                                                          {AckAlerting{}, "ack_alerting"},
                                                                          {Accept{}, "accept"},
                                                                          {Decline{}, "decline"},
                                                                          {Silence{}, "silence"},
                                                                          {CancelCall{}, "cancel_call"},
                                                                          {Join{}, "join"},
                                                                          {Leave{}, "leave"},
                                                                          {EndCall{}, "end_call"},
                                                                          {Heartbeat{}, "heartbeat"},
                                                                          {DeviceOnline{}, "device_online"},
                                                                          {DeviceOffline{}, "device_offline"},
                                                                          {TimerFired{}, "timer_fired"},
                                                                          {ServerStarted{}, "server_started"},
                                                                          {CreateRoom{}, "create_room"},
                                                                          {CancelInvite{}, "cancel_invite"},
                                                                          {Knock{}, "knock"},
                                                                          {Hold{}, "hold"},
                                                                          {Resume{}, "resume"},
                                                                          {Transfer{}, "transfer"},
                                                                          {SwitchDevice{}, "switch_device"},
                                                                          {SetMedia{}, "set_media"},
                                                                          {RenewToken{}, "renew_token"},
                                                                          {Admit{}, "admit"},
                                                                          {AdmitAll{}, "admit_all"},
                                                                          {Deny{}, "deny"},
                                                                          {Kick{}, "kick"},
                                                                          {Unban{}, "unban"},
                                                                          {SetRole{}, "set_role"},
                                                                          {RequestRole{}, "request_role"},
                                                                          {LowerHand{}, "lower_hand"},
                                                                          {Mute{}, "mute"},
                                                                          {Lock{}, "lock"},
                                                                          {Unlock{}, "unlock"},
                                                                          {SetLobby{}, "set_lobby"},
                                                                          {SetPasscode{}, "set_passcode"},
                                                                          {SetCapacity{}, "set_capacity"},
                                                                          {SetMetadata{}, "set_metadata"},
                                                                          {SetAttribute{}, "set_attribute"},
                                                                          {AddJoinCode{}, "add_join_code"},
                                                                          {RemoveJoinCode{}, "remove_join_code"},
                                                                          {SetRecording{}, "set_recording"},
                                                                          {Consent{}, "consent"},
                                                                          {ProviderWord{}, "provider_event"},
                                                                          {AdminEnd{}, "admin_end"}};
  CHECK(commands.size() == std::variant_size_v<CommandBody>);
  for (const auto& [body, word] : commands) CHECK(name(body) == word);

  const std::vector<std::pair<EventBody, std::string_view>> events = {{CallCreated{}, "call.created"},
                                                                      {LegInvited{}, "leg.invited"},
                                                                      {DeviceRing{}, "device.ring"},
                                                                      {LegDelivered{}, "leg.delivered"},
                                                                      {LegAlerting{}, "leg.alerting"},
                                                                      {LegAccepted{}, "leg.accepted"},
                                                                      {DeviceDismiss{}, "device.dismiss"},
                                                                      {LegJoining{}, "leg.joining"},
                                                                      {LegJoined{}, "leg.joined"},
                                                                      {LegReconnecting{}, "leg.reconnecting"},
                                                                      {LegResumed{}, "leg.resumed"},
                                                                      {LegFinal{}, "leg.final"},
                                                                      {CallActive{}, "call.active"},
                                                                      {CallEnded{}, "call.ended"},
                                                                      {CallEnding{}, "call.ending"},
                                                                      {LegEntered{}, "leg.entered"},
                                                                      {LegWaiting{}, "leg.waiting"},
                                                                      {LegAdmitted{}, "leg.admitted"},
                                                                      {LegMoved{}, "leg.moved"},
                                                                      {LegHeld{}, "leg.held"},
                                                                      {LegMedia{}, "leg.media"},
                                                                      {LegLeased{}, "leg.leased"},
                                                                      {LegLogin{}, "leg.login"},
                                                                      {RoomUpdated{}, "room.updated"},
                                                                      {RoleChanged{}, "role.changed"},
                                                                      {HandChanged{}, "hand.changed"},
                                                                      {MuteRequested{}, "mute.requested"},
                                                                      {MuteForced{}, "mute.forced"},
                                                                      {RecordingChanged{}, "recording.changed"},
                                                                      {ConsentChanged{}, "consent.changed"},
                                                                      {TokenRenewed{}, "token.renewed"},
                                                                      {TokenRevoked{}, "token.revoked"},
                                                                      {LimitWarning{}, "limit.warning"},
                                                                      {ReconcileCorrected{}, "reconcile.corrected"}};
  CHECK(events.size() == std::variant_size_v<EventBody>);
  for (const auto& [body, word] : events) CHECK(name(body) == word);
}

TEST_CASE("missed are the outcomes of a ring that nobody took") {
  const std::vector<LegOutcome> missed = {LegOutcome::busy, LegOutcome::no_answer, LegOutcome::unreachable, LegOutcome::cancelled,
                                          LegOutcome::superseded};
  for (std::uint8_t value = 0; !name(static_cast<LegOutcome>(value)).empty(); ++value) {
    const auto one = static_cast<LegOutcome>(value);
    CHECK(is_missed(one) == (std::find(missed.begin(), missed.end(), one) != missed.end()));
  }
}

TEST_CASE("a policy is checked at its limits and one past them, and the error names field and limits") {
  struct Field {
    const char* name;
    std::chrono::milliseconds CallPolicy::*member;
    std::chrono::milliseconds least, most;
  };
  const Field fields[] = {{"ring", &CallPolicy::ring, 5s, 600s},
                          {"delivery", &CallPolicy::delivery, 2s, 60s},
                          {"join", &CallPolicy::join, 5s, 120s},
                          {"reconnect_grace", &CallPolicy::reconnect_grace, 0s, 300s},
                          {"alone", &CallPolicy::alone, 0s, 30min},
                          {"empty", &CallPolicy::empty, 0s, 24h},
                          {"unvisited", &CallPolicy::unvisited, 0s, 24h},
                          {"restart_slack", &CallPolicy::restart_slack, 0s, 120s},
                          {"lobby", &CallPolicy::lobby, 30s, 120min},
                          {"host_absent", &CallPolicy::host_absent, 0s, 60min},
                          {"max_duration", &CallPolicy::max_duration, 1min, 24h},
                          {"ending", &CallPolicy::ending, 1s, 60s},
                          {"device_lease", &CallPolicy::device_lease, 5s, 600s},
                          {"token_lifetime", &CallPolicy::token_lifetime, 2min, 24 * 24h},
                          {"token_renew", &CallPolicy::token_renew, 10s, 1h}};
  for (const Field& field : fields) {
    CAPTURE(field.name);
    const auto with = [&](std::chrono::milliseconds value) {
      CallPolicy policy{.empty = 120s, .restart_slack = 0s, .token_renew = 10s};
      policy.*field.member = value;
      return check(policy);
    };
    CHECK(with(field.least));
    CHECK(with(field.most));
    CHECK(verdict(with(field.least - 1ms)) == std::string("out_of_range ") + field.name);
    CHECK(verdict(with(field.most + 1ms)) == std::string("out_of_range ") + field.name);
    CHECK(with(field.most + 1ms).error().detail.find(std::to_string(field.most.count())) != std::string::npos);
  }
  CHECK(check(CallPolicy{}));
  // Zero switches these off.
  CHECK(check(CallPolicy{.max_duration = 0s, .ending = 0s, .device_lease = 0s, .token_lifetime = 0s}));
  CHECK(verdict(check(CallPolicy{.token_lifetime = 10min, .token_renew = 5min + 1ms})) == "out_of_range token_renew");
  CHECK(verdict(check(CallPolicy{.callees_max = 0})) == "out_of_range callees_max");
  CHECK(verdict(check(CallPolicy{.callees_max = 1025})) == "out_of_range callees_max");
  CHECK(verdict(check(CallPolicy{.busy = static_cast<BusyPolicy>(9)})) == "out_of_range busy");
  CHECK(verdict(CallEngine::open({.ring = 1s})) == "out_of_range ring");
}

TEST_CASE("empty is never shorter than the time that clients get after a restart") {
  CHECK(check({.empty = 15s, .restart_slack = 15s}));
  CHECK(verdict(check({.empty = 15s - 1ms, .restart_slack = 15s})) == "out_of_range empty");
}

TEST_CASE("an event in words") {
  const auto line = [](EventBody body) { return to_string(CallEvent{{"42"}, Version(4), {}, std::move(body)}); };
  CHECK(line(CallCreated{.caller = {"alice"}, .device = {"web"}, .media = Media::video}) == "v4 call.created alice/web video");
  CHECK(line(LegInvited{.leg = 2, .user = {"bob"}}) == "v4 leg.invited bob");
  CHECK(line(DeviceRing{2, {"bob"}, {}, 2}) == "v4 device.ring bob attempt 2");
  CHECK(line(DeviceRing{2, {"bob"}, {"phone"}}) == "v4 device.ring bob/phone");
  CHECK(line(LegAccepted{2, {"bob"}, {"phone"}}) == "v4 leg.accepted bob/phone");
  CHECK(line(DeviceDismiss{2, {"bob"}, {"laptop"}, DeviceOutcome::answered_elsewhere}) ==
        "v4 device.dismiss bob/laptop answered_elsewhere");
  CHECK(line(LegFinal{2, {"bob"}, {}, LegOutcome::no_answer}) == "v4 leg.final bob no_answer");
  CHECK(line(CallActive{}) == "v4 call.active");
  CHECK(line(CallEnded{CallOutcome::no_answer, {}, {}, {}}) == "v4 call.ended no_answer");
  CHECK(line(CallEnded{CallOutcome::answered, EndCause::hangup, {"bob"}, {}}) == "v4 call.ended answered hangup by bob");
}

TEST_CASE("a person's legs in a call") {
  CallView call;
  call.legs = {{.number = 1, .user = {"alice"}, .state = LegState::joined},
               {.number = 2, .user = {"bob"}, .state = LegState::final},
               {.number = 3, .user = {"bob"}, .state = LegState::invited}};
  CHECK(call.live_leg_of({"bob"})->number == 3);
  CHECK(call.last_leg_of({"bob"})->number == 3);
  call.legs[2].state = LegState::final;
  CHECK(call.live_leg_of({"bob"}) == nullptr);
  CHECK(call.has_member({"bob"}));
  CHECK_FALSE(call.has_member({"carol"}));
  CHECK_FALSE(call.next_deadline());
}
