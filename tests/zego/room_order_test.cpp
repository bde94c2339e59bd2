// The order of callbacks, case by case; room_order_property_test.cpp takes any.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "zegocall/zego/room_order.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {

constexpr UnixTime start{std::chrono::seconds(1735689600)};
const RoomId room{"r"};

RoomCreated create(std::uint64_t session, std::chrono::milliseconds at) {
  return {.room = room, .session = RoomSessionId(session), .created = start + at};
}
RoomClosed close(std::uint64_t session, std::chrono::milliseconds at) {
  return {.room = room, .session = RoomSessionId(session), .closed = start + at};
}
RoomLoggedIn login(std::uint64_t session, const char* user, const char* id, std::chrono::milliseconds at) {
  return {
      .room = room, .session = RoomSessionId(session), .user = UserId(std::string_view(user)), .login_id = id, .at = start + at};
}
RoomLoggedOut logout(std::uint64_t session, const char* user, const char* id, std::chrono::milliseconds at) {
  return {.room = room,
          .session = RoomSessionId(session),
          .user = UserId(std::string_view(user)),
          .login_id = id,
          .at = start + at,
          .reason = LogoutReason::connection_lost};
}
StreamCreated publish(std::uint64_t session, std::uint64_t sequence, std::chrono::milliseconds at) {
  return {.stream = {.room = room, .session = RoomSessionId(session), .user = "alice", .stream = "s", .sequence = sequence},
          .at = start + at};
}
StreamClosed unpublish(std::uint64_t session, std::uint64_t sequence, std::chrono::milliseconds at) {
  return {.stream = {.room = room, .session = RoomSessionId(session), .user = "alice", .stream = "s", .sequence = sequence},
          .at = start + at};
}

struct World {
  explicit World(RoomOrderLimits limits = {}) : order(limits) {}
  void hear(const ProviderEvent& event) { order.handle(event, now); }
  void pass(std::chrono::milliseconds time) {
    now += time;
    order.on_deadline(now);
  }
  std::vector<std::string> changes() {
    std::vector<std::string> out;
    while (const auto change = order.poll()) out.push_back(to_string(*change));
    return out;
  }
  std::vector<std::string> questions() {
    std::vector<std::string> out;
    while (const auto q = order.poll_question()) out.push_back((q->streams ? "streams " : "users ") + std::string(name(q->why)));
    return out;
  }
  std::string users() const {
    std::string out;
    const auto known = order.find(room);
    if (!known) return "closed";
    for (const KnownUser& user : known->users) out += user.user.str() + "/" + user.login_id + " ";
    return out;
  }

  RoomOrder order;
  UnixTime now = start + 1min;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("in order") {
  World w;
  w.hear(create(1, 0ms));
  w.hear(login(1, "alice", "a1", 10ms));
  w.hear(publish(1, 1, 20ms));
  w.hear(unpublish(1, 1, 30ms));
  w.hear(logout(1, "alice", "a1", 40ms));
  w.hear(close(1, 50ms));
  CHECK(w.changes() == Texts{"r  room opened", "r  user alice entered", "r  stream s added by alice",
                             "r  stream s removed: normal", "r  user alice left: connection_lost", "r  room ended: normal"});
  CHECK(w.order.rooms().empty());
  CHECK(w.questions().empty());
}

TEST_CASE("what comes before its room waits, and is told in its own order") {
  World w;
  w.hear(publish(1, 1, 20ms));
  w.hear(login(1, "alice", "a1", 10ms));
  w.hear(login(1, "alice", "a1", 10ms));
  CHECK(w.changes().empty());
  CHECK(w.order.parked() == 2);
  CHECK(w.order.deadline() == w.now + 2min);
  w.hear(create(1, 0ms));
  CHECK(w.changes() == Texts{"r  room opened", "r  user alice entered", "r  stream s added by alice"});
  CHECK(w.order.parked() == 0);
  CHECK_FALSE(w.order.deadline());
}

TEST_CASE("a repeated event says nothing") {
  World w;
  for (int i = 0; i < 2; ++i) {
    w.hear(create(1, 0ms));
    w.hear(login(1, "alice", "a1", 10ms));
    w.hear(publish(1, 1, 20ms));
  }
  CHECK(w.changes().size() == 3);
}

TEST_CASE("a logout that overtakes its login") {
  World w;
  w.hear(create(1, 0ms));
  w.hear(logout(1, "alice", "a1", 40ms));
  w.hear(login(1, "alice", "a1", 10ms));
  CHECK(w.users() == "");
  w.hear(login(1, "alice", "a2", 50ms));
  CHECK(w.users() == "alice/a2 ");
}

TEST_CASE("the logout of another login deletes nothing") {
  World w;
  w.hear(create(1, 0ms));
  w.hear(login(1, "alice", "a2", 20ms));
  w.hear(logout(1, "alice", "a1", 30ms));
  CHECK(w.users() == "alice/a2 ");
  w.hear(login(1, "alice", "a1", 10ms));
  CHECK(w.users() == "alice/a2 ");
}

TEST_CASE("a logout stamped by a slower clock than its login") {
  World w;
  w.hear(create(1, 0ms));
  w.hear(login(1, "alice", "a1", 40ms));
  RoomLoggedOut out = logout(1, "alice", "a1", 39ms);
  out.logged_in = start + 40ms;
  w.hear(out);
  CHECK(w.users() == "");
}

TEST_CASE("of two facts about a stream the larger sequence is true") {
  World w;
  w.hear(create(1, 0ms));
  w.hear(unpublish(1, 5, 50ms));
  w.hear(publish(1, 4, 20ms));
  CHECK(w.order.find(room)->streams.empty());
  w.hear(publish(1, 6, 60ms));
  w.hear(unpublish(1, 4, 30ms));
  CHECK(w.order.find(room)->streams.size() == 1);
}

TEST_CASE("a newer session replaces, an older one is stale, whichever comes first") {
  World w;
  w.hear(create(1, 0ms));
  w.hear(login(1, "alice", "a1", 10ms));
  w.hear(create(2, 100ms));
  CHECK(w.changes().back() == "r  room opened");
  w.hear(create(1, 0ms));
  w.hear(login(1, "bob", "b1", 11ms));
  w.hear(logout(1, "alice", "a1", 500ms));
  CHECK(w.users() == "");
  CHECK(w.order.parked() == 0);
  CHECK(w.order.find(room)->session.value == 2);
}

TEST_CASE("a close before its create closes, and a late create does not reopen") {
  World w;
  w.hear(close(1, 50ms));
  w.hear(create(1, 0ms));
  CHECK(w.changes() == Texts{"r  room opened", "r  room ended: normal"});
  w.hear(create(1, 0ms));
  w.hear(login(1, "alice", "a1", 10ms));
  CHECK(w.users() == "closed");
  CHECK(w.changes().empty());
}

TEST_CASE("a close from before the room's creation is ignored") {
  World w;
  w.hear(create(2, 100ms));
  w.hear(close(1, 100ms));
  CHECK(w.order.parked() == 0);
  CHECK(w.users() == "");
}

TEST_CASE("a room whose create is lost is taken for open, and asked about") {
  World w;
  w.hear(login(7, "alice", "a1", 10ms));
  w.pass(2min - 1ms);
  CHECK(w.users() == "closed");
  w.pass(1ms);
  CHECK(w.changes() == Texts{"r  room taken for open", "r  user alice entered"});
  CHECK(w.questions() == Texts{"users create_lost", "streams create_lost"});
  const std::vector<UserId> there{"alice", "bob"};
  w.order.learn_users(room, there, w.now, w.now);
  CHECK(w.users() == "alice/a1 bob/ ");
  w.hear(create(7, 0ms));
  CHECK(w.order.find(room)->created == start);
  CHECK(w.users() == "alice/a1 bob/ ");
}

TEST_CASE("only ends of an unknown session open nothing") {
  World w;
  w.hear(create(2, 100ms));
  w.hear(login(2, "alice", "a1", 110ms));
  w.hear(logout(9, "bob", "b1", 120ms));
  w.pass(2min);
  CHECK(w.users() == "alice/a1 ");
  CHECK(w.questions().size() == 2);
}

TEST_CASE("an answer stands for its time, later callbacks for theirs") {
  World w;
  w.hear(create(1, 0ms));
  w.hear(login(1, "alice", "a1", 10ms));
  w.hear(login(1, "bob", "b1", 70s));
  static_cast<void>(w.changes());
  const std::vector<UserId> there{"carol"};
  w.order.learn_users(room, there, start + 60s, w.now);
  CHECK(w.users() == "bob/b1 carol/ ");
  CHECK(w.changes() == Texts{"r  user alice left: not there any more", "r  user carol entered"});
  w.hear(login(1, "carol", "c1", 50s));  // late: this is the one that the answer saw
  CHECK(w.users() == "bob/b1 carol/c1 ");
  w.hear(logout(1, "carol", "c1", 80s));
  CHECK(w.users() == "bob/b1 ");
}

TEST_CASE("a login that an answer did not see is over, however late it is told") {
  World w;
  w.hear(create(1, 0ms));
  w.hear(login(1, "alice", "a1", 10ms));
  w.hear(logout(1, "bob", "b0", 20ms));
  const std::vector<UserId> there{"alice"};
  w.order.learn_users(room, there, start + 60s, w.now);
  w.hear(login(1, "bob", "b1", 50s));
  w.hear(login(1, "carol", "c1", 50s));
  CHECK(w.users() == "alice/a1 ");
  w.hear(login(1, "carol", "c1", 61s));
  CHECK(w.users() == "alice/a1 carol/c1 ");
}

TEST_CASE("a person of many logins: all their ends first, then their beginnings, the last ones first") {
  World w;
  w.hear(create(1, 0ms));
  for (int i = 60; i >= 1; --i) w.hear(logout(1, "alice", ("a" + std::to_string(i)).c_str(), 2s * i + 1s));
  for (int i = 60; i >= 1; --i) w.hear(login(1, "alice", ("a" + std::to_string(i)).c_str(), 2s * i));
  CHECK(w.users() == "");
  for (int i = 61; i <= 300; ++i) w.hear(login(1, "alice", ("a" + std::to_string(i)).c_str(), 2s * i));
  for (int i = 61; i < 300; ++i) w.hear(logout(1, "alice", ("a" + std::to_string(i)).c_str(), 2s * i + 1s));
  CHECK(w.users() == "alice/a300 ");
  w.hear(logout(1, "alice", "a300", 1000s));
  CHECK(w.users() == "");
}

TEST_CASE("an empty answer ends the room, unless somebody came since") {
  World w;
  w.hear(create(1, 0ms));
  w.hear(login(1, "alice", "a1", 70s));
  w.order.learn_users(room, {}, start + 60s, w.now);
  CHECK(w.users() == "alice/a1 ");
  w.order.learn_users(room, {}, start + 80s, w.now);
  CHECK(w.users() == "closed");
  CHECK(w.changes().back() == "r  room ended: normal");
}

TEST_CASE("after a restart an answer opens the room, and the next event names its session") {
  World w;
  w.order.doubt(room, w.now);
  CHECK(w.questions() == Texts{"users host", "streams host"});
  const std::vector<UserId> there{"alice"};
  w.order.learn_users(room, there, w.now, w.now);
  const std::vector<PublishedStream> streams{{"s", "alice", start}};
  w.order.learn_streams(room, streams, w.now, w.now);
  CHECK(w.changes() == Texts{"r  room taken for open", "r  user alice entered", "r  stream s added by alice"});
  w.hear(logout(3, "alice", "a1", 61s));
  CHECK(w.users() == "");
  CHECK(w.order.find(room)->session.value == 3);
  w.hear(unpublish(3, 8, 62s));
  CHECK(w.order.find(room)->streams.empty());
  w.order.learn_streams(room, streams, start + 61s, w.now);
  CHECK(w.order.find(room)->streams.empty());
}

TEST_CASE("questions keep the provider's limits for a room") {
  World w;
  w.hear(create(1, 0ms));
  w.order.doubt_all(w.now);
  CHECK(w.questions().size() == 2);
  w.order.doubt_all(w.now);
  CHECK(w.questions().empty());
  w.pass(1s);
  CHECK(w.questions() == Texts{"users host"});
  w.pass(9s);
  CHECK(w.questions() == Texts{"streams host"});
  w.pass(1h);
  CHECK(w.questions().empty());
}

TEST_CASE("what waits is bounded") {
  World w({.parked_per_room_max = 3, .parked_max = 5});
  for (int i = 0; i < 4; ++i) w.hear(login(1, ("u" + std::to_string(i)).c_str(), "x", 10ms));
  CHECK(w.order.parked() == 3);
  CHECK(w.questions() == Texts{"users too_many_parked", "streams too_many_parked"});
  for (int i = 0; i < 4; ++i)
    w.order.handle(RoomLoggedIn{.room = RoomId(std::string_view("x" + std::to_string(i))),
                                .session = RoomSessionId(1),
                                .user = "u",
                                .login_id = "1",
                                .at = start},
                   w.now);
  CHECK(w.order.parked() == 5);
  w.hear(create(1, 0ms));
  CHECK(w.users() == "u1/x u2/x u3/x ");
  CHECK(w.order.parked() == 2);
}

TEST_CASE("what is over is forgotten in the end") {
  World w;
  w.hear(create(1, 0ms));
  w.hear(login(1, "alice", "a1", 10ms));
  w.hear(logout(1, "alice", "a1", 20ms));
  w.pass(15min);
  CHECK_FALSE(w.order.deadline());
  w.hear(close(1, 16min));
  w.pass(15min);
  CHECK_FALSE(w.order.deadline());
  w.order.doubt("never there", w.now);
  w.pass(10s);
  CHECK_FALSE(w.order.deadline());
}
