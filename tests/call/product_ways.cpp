// The situations that a call can be in, and how it gets there. A new state, timer, outcome or rule has its situation here;
// the walk says which words of the call model no situation reaches.
#include "call/product_world.hpp"

namespace call_product {
namespace {

using Ways = std::vector<Way>;

const CallPolicy slow_end{.ending = 10s}, all_may{.ring_policy = RingPolicy::all_may_join},
    all_must{.ring_policy = RingPolicy::all_must_answer}, hunting{.ring_policy = RingPolicy::hunt},
    waits{.busy = BusyPolicy::wait}, allows{.busy = BusyPolicy::allow}, no_merge{.glare = GlarePolicy::busy},
    by_device{.decline = DeclinePolicy::device}, limited{.max_duration = 10min},
    leased{.device_lease = 20s, .ring_policy = RingPolicy::all_may_join}, renewing{.token_lifetime = 2min, .token_renew = 30s};

Ways rings() {
  return {
      {"ring: invited", [](World& w) { w.ring(); }},
      {"ring: delivered", [](World& w) { w.ring().must(bob, AckDelivered{}); }},
      {"ring: alerting", [](World& w) { w.ring().must(bob, AckAlerting{}); }},
      {"ring: rung a second time", [](World& w) { w.ring().pass(11s); }},
      {"ring: silenced on the phone", [](World& w) { w.ring().must(bob, Silence{}); }},
      {"ring: declined on the phone, by device", [](World& w) { w.ring().must(bob, Decline{}); }, by_device},
      {"ring: caller gone", [](World& w) { w.ring().offline(alice); }},
      {"ring: bob does not want to be disturbed", [](World& w) { w.knowing({.do_not_disturb = {bob.user}}).ring(); }},
      {"ring: bob blocks alice", [](World& w) { w.knowing({.blocking = {bob.user}}).ring(); }},
      {"ring: two people rung, nobody answered", [](World& w) { w.ring_two(); }, all_may},
      {"ring: two people rung, the other one in", [](World& w) { w.ring_two().must(dave, Accept{}).must(dave, Join{}); },
       all_may},
      {"ring: two people rung, the first to answer has it", [](World& w) { w.ring_two().must(dave, Accept{}); }},
      {"ring: both must answer, bob has", [](World& w) { w.ring_two().must(bob, Accept{}); }, all_must},
      {"ring: both must answer, dave has", [](World& w) { w.ring_two().must(dave, Accept{}); }, all_must},
      {"ring: one after the other, bob is first", [](World& w) { w.ring_two(); }, hunting},
      {"ring: one after the other, dave's turn", [](World& w) { w.ring_two().must(bob, Decline{}); }, hunting},
      {"ring: as a second call",
       [](World& w) {
         w.online(bob).must(dave, StartCall{.callees = {bob.user}}, other_call).must(bob, Accept{}, other_call);
         w.must(bob, Join{}, other_call).must(alice, StartCall{.callees = {bob.user}});
       },
       waits},
      {"ring: of somebody in another call, allowed",
       [](World& w) {
         w.online(bob).must(dave, StartCall{.callees = {bob.user}}, other_call).must(bob, Accept{}, other_call);
         w.must(bob, Join{}, other_call).must(alice, StartCall{.callees = {bob.user}});
       },
       allows},
      {"ring: two calls meet by policy busy", [](World& w) { w.ring(); }, no_merge},
      {"ring: locked", [](World& w) { w.ring_two().must(dave, Accept{}).must(alice, Join{}).must(alice, Lock{}); }, all_may},
  };
}

Ways calls() {
  return {
      {"call: answered, both on the way", [](World& w) { w.answer(); }},
      {"call: answered from nowhere", [](World& w) { w.ring().must(bob_nowhere, Accept{}); }},
      {"call: caller in", [](World& w) { w.answer().must(alice, Join{}); }},
      {"call: both in", [](World& w) { w.talk(); }},
      {"call: bob on hold", [](World& w) { w.talk().must(bob, Hold{}); }},
      {"call: bob on hold, and in another call",
       [](World& w) {
         w.talk().must(dave, StartCall{.callees = {bob.user}}, other_call).must(bob, Accept{}, other_call);
         w.must(bob, Join{}, other_call);
       },
       waits},
      {"call: bob in grace", [](World& w) { w.talk().offline(bob); }},
      {"call: bob in grace, longer than the token lasts",
       [](World& w) { w.talk().offline(bob); },
       {.reconnect_grace = 300s, .token_lifetime = 2min, .token_renew = 30s}},
      {"call: alice in grace", [](World& w) { w.talk().offline(alice); }},
      {"call: alice alone", [](World& w) { w.talk().must(bob, Leave{}); }},
      {"call: bob alone", [](World& w) { w.talk().must(alice, Leave{}); }},
      {"call: bob rung again", [](World& w) { w.talk().must(bob, Leave{}).must(alice, Invite{bob.user}); }},
      {"call: alice handed bob over to dave", [](World& w) { w.talk().must(alice, Transfer{dave.user}); }},
      {"call: bob moved to the laptop", [](World& w) { w.talk().must(bob_laptop, SwitchDevice{}); }},
      {"call: bob shares the screen", [](World& w) { w.talk().must(bob, SetMedia{.screen = true}); }},
      {"call: three people, with leases",
       [](World& w) {
         w.ring_two().must(bob, Accept{}).must(dave, Accept{});
         w.must(alice, Join{}).must(bob, Join{}).must(dave, Join{});
       },
       leased},
      {"call: with a longest duration", [](World& w) { w.talk(); }, limited},
      {"call: warned of its longest duration", [](World& w) { w.talk().pass(5min); }, limited},
      {"call: with tokens that end", [](World& w) { w.talk(); }, renewing},
      {"call: restarted", [](World& w) { w.talk().must({}, ServerStarted{}); }},
      {"call: the provider's session known", [](World& w) { w.talk().provider(ProviderSaid::joined, bob.user); }},
      {"call: ending", [](World& w) { w.talk().must(alice, EndCall{}); }, slow_end},
      {"ended: declined", [](World& w) { w.ring().must(bob, Decline{}); }},
      {"ended: busy", [](World& w) { w.ring().must(bob, Decline{.busy = true}); }},
      {"ended: cancelled", [](World& w) { w.ring().must(alice, CancelCall{}); }},
      {"ended: unreachable", [](World& w) { w.ring().pass(60s); }},
      {"ended: no answer", [](World& w) { w.ring().must(bob, AckDelivered{}).pass(60s); }},
      {"ended: blocked", [](World& w) { w.knowing({.blocking = {bob.user}}).ring().pass(60s); }},
      {"ended: hung up", [](World& w) { w.talk().must(alice, EndCall{}); }},
      {"ended: nobody entered", [](World& w) { w.answer().pass(30s); }},
      {"ended: merged into bob's call",
       [](World& w) {
         w.online(alice).online(bob).must(bob, StartCall{.callees = {alice.user}}, other_call);
         w.must(alice, StartCall{.callees = {bob.user}});
       }},
      {"call: bob's, into which alice's was merged",
       [](World& w) {
         w.online(alice).online(bob).must(bob, StartCall{.callees = {alice.user}});
         w.must(alice, StartCall{.callees = {bob.user}}, other_call);
       }},
  };
}

Ways rooms() {
  return {
      {"room: nobody in yet", [](World& w) { w.room(); }},
      {"room: long before it opens", [](World& w) { w.scheduled(2h); }},
      {"room: open before its time", [](World& w) { w.scheduled(10min); }},
      {"room: its time, bob in", [](World& w) { w.scheduled(10min).enter(alice).enter(bob).pass(11min); }},
      {"room: closed to newcomers", [](World& w) { w.scheduled(10min).enter(alice).pass(41min); }},
      {"room: closed to newcomers, bob was in",
       [](World& w) { w.scheduled(10min).enter(alice).enter(bob).must(bob, Leave{}).pass(41min); }},
      {"ended: nobody came", [](World& w) { w.scheduled(10min).pass(40min); }},
      {"room: host on the way", [](World& w) { w.room().must(alice, Join{}); }},
      {"room: host in", [](World& w) { w.room().enter(alice); }},
      {"room: bob on the way", [](World& w) { w.room().enter(alice).must(bob, Join{}); }},
      {"room: both in", [](World& w) { w.meet(); }},
      {"room: bob in grace", [](World& w) { w.meet().offline(bob); }},
      {"room: host in grace", [](World& w) { w.meet().offline(alice); }},
      {"room: host left, and is waited for", [](World& w) { w.meet({.host_policy = HostPolicy::wait}).must(alice, Leave{}); }},
      {"room: host left, and nobody minds", [](World& w) { w.meet({.host_policy = HostPolicy::none}).must(alice, Leave{}); }},
      {"room: host in, and may not leave it", [](World& w) { w.meet({.host_policy = HostPolicy::end}); }},
      {"room: host left, bob is host", [](World& w) { w.meet().must(alice, Leave{}); }},
      {"room: everybody left",
       [](World& w) { w.meet({.host_policy = HostPolicy::none}).must(bob, Leave{}).must(alice, Leave{}); }},
      {"room: bob in the lobby", [](World& w) { w.lobby(); }},
      {"room: bob in the lobby until the host comes",
       [](World& w) { w.room({.lobby = LobbyRule::until_host}).must(bob, Join{}); }},
      {"room: bob in the lobby, and the host has come",
       [](World& w) { w.room({.lobby = LobbyRule::until_host}).must(bob, Join{}).enter(alice); }},
      {"room: bob knocked", [](World& w) { w.room({.type = RoomType::private_room}).enter(alice).must(bob, Knock{}); }},
      {"room: bob in the lobby, offline", [](World& w) { w.lobby().offline(bob); }},
      {"room: bob let in", [](World& w) { w.lobby().must(alice, Admit{bob.user}); }},
      {"room: bob in grace behind a lobby",
       [](World& w) { w.lobby().must(alice, Admit{bob.user}).must(bob, Join{}).offline(bob); }},
      {"room: bob denied",
       [](World& w) {
         w.lobby().must(alice, Deny{bob.user, {}});
       }},
      {"room: bob invited and rung", [](World& w) { w.room().enter(alice).must(alice, Invite{bob.user}); }},
      {"room: bob cohost",
       [](World& w) {
         w.meet().must(alice, SetRole{bob.user, RoleName("cohost")});
       }},
      {"room: bob moderator",
       [](World& w) {
         w.meet().must(alice, SetRole{bob.user, RoleName("moderator")});
       }},
      {"room: bob guest",
       [](World& w) {
         w.meet().must(alice, SetRole{bob.user, RoleName("guest")});
       }},
      {"room: bob made host",
       [](World& w) {
         w.meet().must(alice, SetRole{bob.user, RoleName("host")});
       }},
      {"room: host hands over to dave, who rings", [](World& w) { w.meet().must(alice, Transfer{dave.user}); }},
      {"room: host handed over to dave, who answered",
       [](World& w) { w.meet().must(alice, Transfer{dave.user}).must(dave, Accept{}); }},
      {"room: bob raised the hand", [](World& w) { w.meet().must(bob, RequestRole{}); }},
      {"room: bob muted by force", [](World& w) { w.meet().must(alice, Mute{.user = bob.user, .mode = MuteMode::force}); }},
      {"room: bob kicked",
       [](World& w) {
         w.meet().must(alice, Kick{bob.user, {}});
       }},
      {"room: bob banned",
       [](World& w) {
         w.meet().must(alice, Kick{bob.user, 0ms});
       }},
      {"room: locked", [](World& w) { w.room().enter(alice).must(alice, Lock{}); }},
      {"room: locked with bob in it", [](World& w) { w.meet().must(alice, Lock{}); }},
      {"room: locked with bob in grace", [](World& w) { w.meet().must(alice, Lock{}).offline(bob); }},
      {"room: full", [](World& w) { w.room({.capacity = 1}).enter(alice); }},
      {"room: with a passcode", [](World& w) { w.room().enter(alice).must(alice, SetPasscode{PasscodeStamp(1)}); }},
      {"room: with a passcode that is known",
       [](World& w) {
         w.room().enter(alice).must(alice, SetPasscode{PasscodeStamp(1)});
         w.knowing({.entry = {.passcode = PasscodeCheck::right, .stamp = PasscodeStamp(1)}});
       }},
      {"room: with a passcode, typed wrong too often",
       [](World& w) {
         w.room().enter(alice).must(alice, SetPasscode{PasscodeStamp(1)});
         w.knowing({.entry = {.passcode = PasscodeCheck::throttled}});
       }},
      {"room: with a join code that is known",
       [](World& w) {
         w.room({.type = RoomType::invited_only}).enter(alice);
         w.must(alice, AddJoinCode{{JoinCodeId("c1"), RoleName("guest"), 1, w.clock.now().wall + 1h}});
         w.knowing({.entry = {.code_given = true, .code = JoinCodeId("c1")}});
       }},
      {"room: for invited people only", [](World& w) { w.room({.type = RoomType::invited_only}).enter(alice); }},
      {"room: private", [](World& w) { w.room({.type = RoomType::private_room}).enter(alice); }},
      {"room: recorded", [](World& w) { w.meet().must(alice, SetRecording{true}); }},
      {"room: asked to be recorded",
       [](World& w) { w.meet({.consent = RecordingConsent::ask}).must(alice, SetRecording{true}); }},
      {"room: recorded, and bob agreed",
       [](World& w) { w.meet({.consent = RecordingConsent::ask}).must(alice, SetRecording{true}).must(bob, Consent{true}); }},
      {"room: with a longest duration", [](World& w) { w.meet({.max_duration = 1min}); }},
      {"room: over its longest duration", [](World& w) { w.meet({.max_duration = 1min}).pass(1min); }},
      {"room: restarted", [](World& w) { w.meet().must({}, ServerStarted{}); }},
      {"room: ending", [](World& w) { w.meet().must(alice, EndCall{}); }, slow_end},
      {"room: ended", [](World& w) { w.meet().must(alice, EndCall{}).pass(60s); }},
      {"room: ended by the provider", [](World& w) { w.meet().provider(ProviderSaid::room_closed, {}); }},
  };
}

}  // namespace

const std::vector<Way>& ways() {
  static const std::vector<Way> all = [] {
    Ways out;
    for (Ways part : {rings(), calls(), rooms()}) out.insert(out.end(), part.begin(), part.end());
    return out;
  }();
  return all;
}

}  // namespace call_product
