// The provider's callbacks, from the body on the wire to the leg: signed, in any order, twice, forged, while the store fails.
#include "zegocall/service/callbacks.hpp"

#include "service/failing_store.hpp"
#include "service/world.hpp"
#include "zego/callback_support.hpp"

using namespace zegocall;
using namespace zegocall::test;
using namespace std::chrono_literals;
using callback_test::signature_of;

namespace {

using Taken = ProviderCallbacks::Taken;
constexpr AppId own_app{1234567890};

std::string room_text(const CallId& call) { return "call_" + call.str(); }

struct Stage {
  std::unique_ptr<Store> memory = make_memory_store();
  FailingStore store{*memory};
  World w{store};
  std::vector<CallId> doubted;
  std::optional<ProviderCallbacks> callbacks;
  int nonces = 0;

  explicit Stage(std::size_t waiting_max = 20'000) {
    w.clock.advance_to(callback_test::start + 1h);
    callbacks.emplace(ProviderCallbacks::open(
                          *w.calls, callback_test::secret().clone(), {.app = own_app, .waiting_max = waiting_max},
                          [this](const Command& command, Now now) { return w.calls->handle(command, now); },
                          [this](const CallId& call, Now) { doubted.push_back(call); })
                          .value());
    w.online({alice, bob});
  }
  CallId answered() {
    const CallId call = w.ring(alice, bob);
    w.must(bob, Accept{}, call);
    return call;
  }
  std::int64_t ms() { return w.clock.now().wall.time_since_epoch().count(); }
  /// As the provider sends it now: with a nonce of its own, signed.
  std::string body(std::string_view event, const CallId& call, JsonObject members, AppId app = own_app) {
    const std::string nonce = std::to_string(++nonces), timestamp = std::to_string(ms() / 1000);
    JsonObject out{{"event", event}, {"appid", app}, {"timestamp", timestamp}, {"nonce", nonce}};
    out.add("signature", signature_of(nonce, timestamp)).add("room_session_id", "77");
    if (!members.view().has("room_id")) out.add("room_id", room_text(call));
    for (const auto& [key, value] : members.view().members()) out.add(key, value);
    return std::string(out.text());
  }
  std::string created(const CallId& call) {
    return body("room_create", call, {{"room_create_time", std::to_string(ms())}, {"id_name", "alice"}});
  }
  std::string login(const CallId& call, const Actor& who, const std::string& session) {
    return body(
        "room_login", call,
        {{"room_seq", "77"}, {"user_account", who.user}, {"user_nickname", ""}, {"session_id", session}, {"login_time", ms()}});
  }
  std::string logout(const CallId& call, const Actor& who, const std::string& session, std::int64_t since) {
    return body("room_logout", call,
                {{"room_seq", "77"},
                 {"user_account", who.user},
                 {"session_id", session},
                 {"login_time", since},
                 {"logout_time", ms()},
                 {"reason", 0}});
  }
  Taken take(const std::string& text) {
    auto taken = callbacks->take(text, w.clock.now());
    INFO((taken ? std::string() : to_string(taken.error())));
    REQUIRE(taken);
    return *taken;
  }
  std::string refusal(const std::string& text) {
    auto taken = callbacks->take(text, w.clock.now());
    return taken ? "taken" : std::string(name(taken.error().code)) + " " + taken.error().field;
  }
  LegState state_of(const CallId& call, const Actor& who) { return w.calls->find(call)->last_leg_of(who.user)->state; }
};

}  // namespace

TEST_CASE("two logins put an answered call into talk, and a logout starts the grace") {
  Stage s;
  const CallId call = s.answered();
  CHECK(s.take(s.created(call)) == Taken::told);
  CHECK(s.take(s.login(call, bob, "b1")) == Taken::told);
  s.w.clock.advance(1s);
  const auto since = s.ms();
  CHECK(s.take(s.login(call, alice, "a1")) == Taken::told);
  CHECK(s.w.calls->find(call)->state == CallState::active);
  CHECK(s.state_of(call, alice) == LegState::joined);
  s.w.clock.advance(5s);
  CHECK(s.take(s.logout(call, alice, "a1", since)) == Taken::told);
  CHECK(s.state_of(call, alice) == LegState::reconnecting);
  CHECK(s.state_of(call, bob) == LegState::joined);
  CHECK(s.callbacks->counters().told == 4);
  CHECK(s.callbacks->counters().commands == 3);
}

TEST_CASE("a repeat is taken once, a late word of an older login is nothing (race rule 12)") {
  Stage s;
  const CallId call = s.answered();
  s.take(s.created(call));
  const auto first_login = s.ms();
  const std::string first = s.login(call, bob, "b1");
  CHECK(s.take(first) == Taken::told);
  CHECK(s.take(first) == Taken::repeated);
  s.w.clock.advance(2s);
  const std::string late = s.logout(call, bob, "b1", first_login);
  s.w.clock.advance(1s);
  CHECK(s.take(s.login(call, bob, "b2")) == Taken::told);
  CHECK(s.take(late) == Taken::told);
  CHECK(s.state_of(call, bob) == LegState::joined);
  CHECK(s.callbacks->counters().repeated == 1);
}

TEST_CASE("a login before its room waits, and the room is asked about when its create never comes") {
  Stage s;
  const CallId call = s.answered();
  CHECK(s.take(s.login(call, bob, "b1")) == Taken::told);
  CHECK(s.state_of(call, bob) == LegState::joining);
  REQUIRE(s.callbacks->deadline());
  s.w.clock.advance_to(*s.callbacks->deadline());
  s.callbacks->on_deadline(s.w.clock.now());
  CHECK(s.doubted == std::vector<CallId>{call});
  CHECK(s.state_of(call, bob) == LegState::joined);  // it counts from then on
  for (int n = 0; n < 20 && s.callbacks->deadline(); ++n) {
    s.w.clock.advance_to(*s.callbacks->deadline());
    s.callbacks->on_deadline(s.w.clock.now());
  }
  CHECK(s.doubted.size() == 1);
}

TEST_CASE("forged, foreign, old and broken bodies are refused by their field, and change nothing") {
  Stage s;
  const CallId call = s.answered();
  s.take(s.created(call));
  const std::string good = s.login(call, bob, "b1");
  std::string other = good;
  other.replace(other.find("\"bob\""), 5, "\"eve\"");
  std::string unsigned_body = good;
  unsigned_body.replace(unsigned_body.find("\"signature\":\"") + 13, 4, "0000");
  CHECK(s.refusal(unsigned_body) == "unauthenticated signature");
  CHECK(s.refusal("hello") == "protocol ");
  CHECK(s.refusal(s.body("room_login", call, {{"user_account", "bob"}}, AppId{7})) == "protocol room_seq");
  const std::string foreign =
      s.body("room_close", call, {{"room_close_time", std::to_string(s.ms())}, {"close_reason", 0}}, AppId{7});
  CHECK(s.refusal(foreign) == "wrong_app appid");
  CHECK(s.refusal(foreign) == "wrong_app appid");  // as often as it comes
  CHECK(s.state_of(call, bob) == LegState::joining);
  CHECK(s.take(good) == Taken::told);
  CHECK(s.refusal(other) == "replayed body");
  s.w.clock.advance(12min);
  CHECK(s.refusal(good) == "expired timestamp");
  CHECK(s.callbacks->counters().refused == 7);
  CHECK(s.take(s.body("room_create", CallId("x"),
                      {{"room_id", "of_another_app"}, {"room_create_time", "1"}, {"id_name", "eve"}})) == Taken::of_no_call);
}

TEST_CASE("a room of no call of ours is no failure, nor is a call that is over") {
  Stage s;
  CHECK(s.take(s.created(CallId("gone"))) == Taken::told);
  CHECK(s.take(s.login(CallId("gone"), bob, "b1")) == Taken::told);
  const CallId call = s.answered();
  s.take(s.created(call));
  s.w.must(alice, EndCall{}, call);
  const CallView before = *s.w.calls->find(call);
  CHECK(s.take(s.login(call, bob, "b1")) == Taken::told);
  CHECK(*s.w.calls->find(call) == before);
  CHECK(s.callbacks->waiting() == 0);
}

TEST_CASE("while the store fails nothing is lost, and nothing is done twice") {
  Stage s;
  const CallId call = s.answered();
  s.take(s.created(call));
  s.store.fail_from(0);
  CHECK(s.take(s.login(call, bob, "b1")) == Taken::told);
  CHECK(s.callbacks->waiting() == 1);
  s.store.heal();
  CHECK(s.state_of(call, bob) == LegState::joining);
  REQUIRE(s.callbacks->deadline());
  s.w.clock.advance_to(*s.callbacks->deadline());
  s.callbacks->on_deadline(s.w.clock.now());
  CHECK(s.callbacks->waiting() == 0);
  CHECK(s.state_of(call, bob) == LegState::joined);
}

TEST_CASE("so much waits for the store, and the next body may come again when it works") {
  Stage s(1);
  const CallId call = s.answered();
  s.take(s.created(call));
  s.store.fail_from(0);
  s.take(s.login(call, bob, "b1"));
  const std::string next = s.login(call, alice, "a1");
  CHECK(s.refusal(next) == "store_unavailable ");
  s.store.heal();
  s.w.clock.advance_to(*s.callbacks->deadline());
  s.callbacks->on_deadline(s.w.clock.now());
  CHECK(s.take(next) == Taken::told);
  CHECK(s.state_of(call, alice) == LegState::joined);
}

TEST_CASE("a group that is not committed is done again") {
  Stage s;
  const CallId call = s.answered();
  s.take(s.created(call));
  REQUIRE(s.w.calls->open_group());
  REQUIRE(s.callbacks->open_group());
  CHECK(s.take(s.login(call, bob, "b1")) == Taken::told);
  CHECK(s.callbacks->waiting() == 0);
  s.w.calls->abandon_group();
  s.callbacks->abandon_group();
  CHECK(s.callbacks->waiting() == 1);
  CHECK(s.state_of(call, bob) == LegState::joining);
  s.w.clock.advance(1s);
  s.callbacks->on_deadline(s.w.clock.now());
  CHECK(s.state_of(call, bob) == LegState::joined);
  CHECK(s.callbacks->counters().commands == 1);
}

TEST_CASE("what open refuses") {
  const auto store = make_memory_store();
  World w(*store);
  const auto handle = [&](const Command& c, Now now) { return w.calls->handle(c, now); };
  CHECK(ProviderCallbacks::open(*w.calls, Secret(), {}, handle).error().field == "secret");
  CHECK(ProviderCallbacks::open(*w.calls, Secret("x"), {}, {}).error().field == "handle");
  CHECK(ProviderCallbacks::open(*w.calls, Secret("x"), {.seen_max = 0}, handle).error().field == "seen_max");
  CHECK(ProviderCallbacks::open(*w.calls, Secret("x"), {.waiting_max = 0}, handle).error().field == "waiting_max");
}
