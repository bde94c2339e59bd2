// Every limit of CallLimits, at the limit and one past it: what is past it is refused with the field's name and the number,
// and nothing changes.
#include "call/room_world.hpp"

using namespace call_test;

namespace {

using Limits = CallLimits;

std::string text(std::size_t size) { return std::string(size, 'x'); }
UserId user(std::size_t number) { return UserId("u" + std::to_string(number)); }

/// Done with `most`, refused with one more; the refusal names the field and the limit.
template <class Make>
void at_and_past(RoomWorld& w, const Actor& by, std::size_t most, const std::string& expected, Make make) {
  CAPTURE(expected);
  const CallView before = w.call();
  w.news();
  const auto past = w.handle(by, make(most + 1));
  REQUIRE_FALSE(past);
  CHECK(verdict(past) == expected);
  CHECK(past.error().detail.find(std::to_string(most)) != std::string::npos);
  CHECK(w.news().empty());
  CHECK(w.call() == before);
  CHECK(verdict(w.handle(by, make(most))) == "ok");
}

}  // namespace

TEST_CASE("texts of a room") {
  RoomWorld w;
  w.open();
  at_and_past(w, alice, Limits::metadata_bytes_max, "limit_exceeded text", [](std::size_t n) {
    return SetMetadata{text(n), {}};
  });
  at_and_past(w, alice, Limits::key_bytes_max, "limit_exceeded key", [](std::size_t n) {
    return SetAttribute{text(n), "v", {}};
  });
  at_and_past(w, alice, Limits::value_bytes_max, "limit_exceeded value", [](std::size_t n) {
    return SetAttribute{"k", text(n), {}};
  });
  at_and_past(w, bob, Limits::note_bytes_max, "limit_exceeded note", [](std::size_t n) { return Knock{text(n)}; });
  at_and_past(w, alice, Limits::note_bytes_max, "limit_exceeded note", [](std::size_t n) { return EndCall{text(n)}; });
}

TEST_CASE("texts of a ring") {
  World w;
  const auto start = [&](std::size_t topic, std::size_t callee, const char* call) {
    return verdict(w.handle(alice, StartCall{.callees = {UserId(text(callee))}, .topic = text(topic)}, CallId(call)));
  };
  CHECK(start(Limits::topic_bytes_max + 1, 1, "a") == "limit_exceeded topic");
  CHECK(start(1, Limits::id_bytes_max + 1, "a") == "limit_exceeded callees.0");
  CHECK(w.log().empty());
  CHECK(start(Limits::topic_bytes_max, Limits::id_bytes_max, "a") == "ok");
  CHECK(verdict(w.handle(alice, CancelCall{text(Limits::note_bytes_max + 1)}, CallId("a"))) == "limit_exceeded note");
  CHECK(verdict(w.handle(alice, CancelCall{text(Limits::note_bytes_max)}, CallId("a"))) == "ok");
}

TEST_CASE("ids of a command, of who gives it, and of whom it is about") {
  RoomWorld w;
  w.open();
  const std::string longest = text(Limits::id_bytes_max), longer = text(Limits::id_bytes_max + 1);
  const CallView before = w.call();
  const auto give = [&](const std::string& id, const std::string& by, const std::string& device) {
    return verdict(w.give({CommandId(id), {UserId(by), DeviceId(device)}, the_call, Join{}, {}}));
  };
  CHECK(give(longer, "u", "d").starts_with("limit_exceeded"));
  CHECK(give("c", longer, "d").starts_with("limit_exceeded"));
  CHECK(give("c", "u", longer).starts_with("limit_exceeded"));
  CHECK(w.call() == before);
  CHECK(give(longest, longest, longest) == "ok");
  at_and_past(w, alice, Limits::id_bytes_max, "limit_exceeded user", [](std::size_t n) { return Kick{UserId(text(n)), 0s}; });
  at_and_past(w, nobody, Limits::id_bytes_max, "limit_exceeded login", [&](std::size_t n) {
    return ProviderWord{ProviderSaid::joined, alice.user, LoginId(text(n)), w.clock.now().wall, {}, false};
  });
  at_and_past(w, alice, Limits::id_bytes_max, "limit_exceeded code.id", [&](std::size_t n) {
    return AddJoinCode{{JoinCodeId(text(n)), {}, 1, w.clock.now().wall + 1min}};
  });
}

TEST_CASE("how many of a room: seats, codes, attributes, bans, members, roles") {
  RoomWorld w;
  w.open();
  at_and_past(w, alice, Limits::capacity_max, "out_of_range capacity",
              [](std::size_t n) { return SetCapacity{static_cast<std::uint32_t>(n)}; });
  const UnixTime later = w.clock.now().wall + 1h;
  for (std::size_t i = 0; i < Limits::codes_max; ++i)
    w.must(alice, AddJoinCode{{JoinCodeId("c" + std::to_string(i)), {}, 1, later}});
  CHECK(w.refused(alice, AddJoinCode{{JoinCodeId("one more"), {}, 1, later}}) == "limit_exceeded code");
  for (std::size_t i = 0; i < Limits::attributes_max; ++i) w.must(alice, SetAttribute{"k" + std::to_string(i), "v", {}});
  CHECK(w.refused(alice, SetAttribute{"one more", "v", {}}) == "limit_exceeded key");
  CHECK(verdict(w.handle(alice, SetAttribute{"k0", "another value", {}})) == "ok");
  for (std::size_t i = 0; i < Limits::bans_max; ++i) w.must(alice, Kick{user(i), 0s});
  CHECK(w.refused(alice, Kick{user(Limits::bans_max), 0s}) == "limit_exceeded ban_for");
  CHECK(verdict(w.handle(alice, Unban{user(0)})) == "ok");
  CHECK(verdict(w.handle(alice, Kick{user(Limits::bans_max), 0s})) == "ok");
}

TEST_CASE("how many are named when a room is made") {
  RoomWorld w;
  w.tell_facts();
  const auto members = [](std::size_t count) {
    std::vector<RoomMember> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back({user(i), {}});
    return CreateRoom{.from = "drop_in", .members = std::move(all)};
  };
  const auto roles = [](std::size_t count) {
    CreateRoom room{.from = "drop_in"};
    for (std::size_t i = 0; i < count; ++i) room.settings.roles.push_back({RoleName("r" + std::to_string(i)), 3, {}});
    return room;
  };
  CHECK(verdict(w.handle(alice, members(Limits::members_max + 1))) == "limit_exceeded members");
  CHECK(verdict(w.handle(alice, roles(Limits::roles_max + 1))) == "limit_exceeded roles");
  CHECK(w.log().empty());
  CHECK(verdict(w.handle(alice, roles(Limits::roles_max), CallId("roles"))) == "ok");
  CHECK(verdict(w.handle(alice, members(Limits::members_max))) == "ok");
  CHECK(w.refused(alice, SetRole{user(Limits::members_max), RoleName("guest")}) == "limit_exceeded user");
}

TEST_CASE("how many are rung at once") {
  World w({.callees_max = 5});
  const auto ring = [&](std::size_t count, const char* call) {
    StartCall start;
    for (std::size_t i = 0; i < count; ++i) start.callees.push_back(user(i));
    return verdict(w.handle(alice, std::move(start), CallId(call)));
  };
  CHECK(ring(6, "a") == "limit_exceeded callees");
  CHECK(w.log().empty());
  CHECK(ring(5, "a") == "ok");
}
