// The first example of the library's face, as a user would write it.
#include <cassert>
#include <cstdio>

#include "call/world.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {
std::vector<std::string> printed;
void print(const char* line) { printed.emplace_back(line); }

void bob_never_answers() {
  ManualClock clock;
  CallEngine engine = CallEngine::open({.ring = 30s}).value();
  const Actor alice{{"alice"}, {"web"}}, bob{{"bob"}, {"phone"}};
  const CallId call{"42"};
  REQUIRE(engine.handle({CommandId{"c1"}, alice, call, StartCall{.callees = {bob.user}, .media = Media::video}}, clock.now()));
  REQUIRE(engine.handle({CommandId{"c2"}, bob, call, AckAlerting{}}, clock.now()));
  clock.advance_to(*engine.deadline());  // exactly 30 s later, in no time
  engine.on_deadline(clock.now());
  while (auto event = engine.poll()) print(to_string(*event).c_str());
  REQUIRE(engine.find(call)->outcome == CallOutcome::no_answer);
  auto late = engine.handle({CommandId{"c3"}, bob, call, Accept{}}, clock.now());
  REQUIRE((!late && late.error().code == ErrorCode::invalid_state));
}
}  // namespace

TEST_CASE("a ring in virtual time") {
  bob_never_answers();
  CHECK(printed == std::vector<std::string>{"v1 call.created alice/web video", "v2 leg.invited bob", "v3 device.ring bob",
                                            "v4 leg.alerting bob/phone", "v5 leg.final alice/web no_answer",
                                            "v6 device.dismiss bob/phone expired", "v7 leg.final bob no_answer",
                                            "v8 call.ended no_answer"});
}
