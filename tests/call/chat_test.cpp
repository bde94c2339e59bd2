// Chat without a store: texts, who may, how fast, who types.
#include "zegocall/call/chat.hpp"

#include "call/world.hpp"
#include "support/rapidcheck.hpp"

using namespace call_test;

namespace {

using Users = std::vector<UserId>;

std::string says(std::string_view text) { return verdict(check_chat_text(text)); }

ChatRate opened(std::uint32_t burst, std::chrono::milliseconds every) {
  Result<ChatRate> rate = ChatRate::open(burst, every);
  REQUIRE(rate);
  return *std::move(rate);
}

bool writes(ChatRate& rate, const CallId& call, const UserId& user, UnixTime at) {
  return verdict(rate.write(call, user, at)) == "ok";
}

}  // namespace

TEST_CASE("texts, at their limits and one beyond") {
  CHECK(says("a") == "ok");
  CHECK(says("two\nlines\tand 🙂 \xe2\x80\x8f") == "ok");
  CHECK(says("") == "out_of_range text");
  CHECK(says(std::string(4000, 'a')) == "ok");
  CHECK(says(std::string(4001, 'a')) == "out_of_range text");
  CHECK(says(" \n\t ") == "invalid_argument text");
  CHECK(says("a\rb") == "invalid_argument text");
  CHECK(says("a\x1b[2J") == "invalid_argument text");
  CHECK(says(std::string_view("a\0b", 3)) == "invalid_argument text");
  CHECK(says("\x7f") == "invalid_argument text");
  CHECK(says("a\xc2\x85") == "invalid_argument text");
  CHECK(says("\xff") == "bad_utf8 text");
  CHECK(says("a\xe2\x82") == "bad_utf8 text");
  CHECK(check_chat_text("ab\xed\xa0\x80").error().detail == "byte 2 begins no character of UTF-8");
}

TEST_CASE("who may write: members who are in, with the capability") {
  World w;
  w.answer();
  CHECK(verdict(may_chat(w.call(), carol.user)) == "forbidden");
  CHECK(verdict(may_chat(w.call(), bob.user)) == "invalid_state call");  // on the way in
  w.must(alice, Join{}), w.must(bob, Join{});
  CHECK(verdict(may_chat(w.call(), bob.user)) == "ok");
  w.offline(bob);
  CHECK(verdict(may_chat(w.call(), bob.user)) == "ok");
  CallView call = w.call();
  call.room.emplace().settings.roles.emplace_back().name = RoleName("mute");
  call.legs[1].room_role = RoleName("mute");
  CHECK(verdict(may_chat(call, bob.user)) == "forbidden");
  CHECK(verdict(may_read_chat(call, bob.user)) == "ok");
  CHECK(verdict(may_read_chat(call, carol.user)) == "forbidden");
  w.must(bob, EndCall{});
  CHECK(verdict(may_chat(w.call(), bob.user)) == "invalid_state call");
  CHECK(verdict(may_read_chat(w.call(), alice.user)) == "invalid_state call");
}

TEST_CASE("a burst, then one at a time") {
  ChatRate rate = opened(3, 1s);
  for (int i = 0; i < 3; ++i) CHECK(writes(rate, the_call, bob.user, start));
  CHECK(to_string(rate.write(the_call, bob.user, start).error()) == "rate_limited: too many messages; the next one in 1000 ms");
  CHECK(writes(rate, the_call, carol.user, start));       // each person has their own
  CHECK(writes(rate, CallId("other"), bob.user, start));  // in each call
  CHECK(!writes(rate, the_call, bob.user, start + 999ms));
  CHECK(writes(rate, the_call, bob.user, start + 1s));
  CHECK(!writes(rate, the_call, bob.user, start + 1s));
  for (int i = 0; i < 3; ++i) CHECK(writes(rate, the_call, bob.user, start + 10s));
  CHECK(!writes(rate, the_call, bob.user, start + 10s));
  CHECK(!writes(rate, the_call, bob.user, start));  // a clock that went back gives nothing away
  rate.forget(the_call);
  CHECK(rate.size() == 1);
}

TEST_CASE("the rate's limits, and that it forgets") {
  CHECK(verdict(ChatRate::open(0, 1s)) == "out_of_range burst");
  CHECK(verdict(ChatRate::open(1001, 1s)) == "out_of_range burst");
  CHECK(verdict(ChatRate::open(1000, 1h)) == "ok");
  CHECK(verdict(ChatRate::open(1, 0ms)) == "out_of_range every");
  CHECK(verdict(ChatRate::open(1, 1h + 1ms)) == "out_of_range every");
  ChatRate rate = opened(1, 1h);
  const auto person = [](std::size_t i) { return UserId(std::string_view("u" + std::to_string(i))); };
  for (std::size_t i = 0; i < ChatLimits::people_max + 5; ++i)
    REQUIRE(writes(rate, the_call, person(i), start + std::chrono::milliseconds(i)));
  CHECK(rate.size() == ChatLimits::people_max);
  CHECK(writes(rate, the_call, person(0), start + 1min));     // forgotten: as if new
  CHECK(!writes(rate, the_call, person(100), start + 1min));  // remembered
}

TEST_CASE("in any stretch of time nobody writes more than the rate allows") {
  check_property("chat rate", [] {
    const auto burst = *rc::gen::inRange(1, 6);
    const auto every = *rc::gen::inRange(1, 50);
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 40));
    ChatRate rate = opened(static_cast<std::uint32_t>(burst), std::chrono::milliseconds(every));
    std::vector<std::int64_t> written;
    std::int64_t at = 0, refused_at = -1;
    for (const int step : steps) {
      at += step;
      if (writes(rate, the_call, bob.user, start + std::chrono::milliseconds(at)))
        written.push_back(at);
      else
        refused_at = at;
    }
    for (std::size_t i = 0; i < written.size(); ++i)
      for (std::size_t k = i; k < written.size(); ++k)
        RC_ASSERT(static_cast<std::int64_t>(k - i + 1) <= burst + (written[k] - written[i]) / every);
    // And nobody is refused who kept to one each `every`.
    if (burst == 1 && refused_at >= 0) RC_ASSERT(!written.empty());
    if (std::all_of(steps.begin(), steps.end(), [&](int step) { return step >= every; })) RC_ASSERT(refused_at == -1);
  });
}

TEST_CASE("a typing notice is told once a while, and runs out") {
  TypingBoard board;
  CHECK(board.typing(the_call, bob.user, start));
  CHECK(!board.typing(the_call, bob.user, start + 2999ms));
  CHECK(board.now_typing(the_call, start + 5999ms) == Users{bob.user});
  CHECK(board.now_typing(the_call, start + 6s).empty());
  CHECK(board.typing(the_call, bob.user, start + 3s));
  CHECK(board.now_typing(the_call, start + 8999ms) == Users{bob.user});
  CHECK(board.typing(the_call, alice.user, start + 3s));
  CHECK(board.typing(CallId("other"), carol.user, start + 3s));
  CHECK(board.now_typing(the_call, start + 4s) == Users{alice.user, bob.user});
  CHECK(board.stopped(the_call, bob.user, start + 4s));
  CHECK(!board.stopped(the_call, bob.user, start + 4s));
  CHECK(board.typing(the_call, bob.user, start + 4s));      // after a message it is news again
  CHECK(!board.stopped(the_call, alice.user, start + 9s));  // the others know that it ran out
  board.expire(start + 9s);
  CHECK(board.size() == 1);
  board.forget(the_call);
  CHECK(board.size() == 0);
}

TEST_CASE("no more people type than can be remembered") {
  TypingBoard board;
  const auto person = [](std::size_t i) { return UserId(std::string_view("u" + std::to_string(i))); };
  for (std::size_t i = 0; i < ChatLimits::people_max; ++i) REQUIRE(board.typing(the_call, person(i), start));
  CHECK(!board.typing(the_call, bob.user, start));
  CHECK(board.size() == ChatLimits::people_max);
  CHECK(board.typing(the_call, bob.user, start + 6s));  // the others' notices ran out
  CHECK(board.size() == 1);
}
