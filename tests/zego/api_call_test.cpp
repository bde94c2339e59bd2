// How requests are carried out, in virtual time: limits, retries, pauses, regions; and what the answers say.
#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "zego/api_support.hpp"

using namespace zegocall;
using namespace zegocall::zego_test;

namespace {

/// The most requests in any stretch of time as long as `period`.
std::size_t densest(const std::vector<Asked>& asked, std::chrono::milliseconds period) {
  std::size_t most = 0, first = 0;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    while (asked[i].at.steady - asked[first].at.steady >= period) ++first;
    most = std::max(most, i - first + 1);
  }
  return most;
}

/// Answers with each of these, then with the last one for ever.
World::Answer one_by_one(std::vector<Result<HttpReply>> replies) {
  auto at = std::make_shared<std::size_t>(0);
  return [replies = std::move(replies), at](const OutgoingRequest&) { return replies[std::min((*at)++, replies.size() - 1)]; };
}
HttpReply reply(std::int64_t code) { return {.status = 200, .body = envelope(code)}; }
Result<HttpReply> lost(ErrorCode code) { return fail(code, "lost"); }

}  // namespace

// ---- limits ---------------------------------------------------------------------------------------------------------

TEST_CASE("a project's limit is kept in every second, and calls wait for their turn") {
  World world;
  ServerApi api = world.open();
  for (int i = 0; i < 175; ++i) REQUIRE(api.call(KickoutUser{.room = "r", .users = {"u"}}, world.now()));
  CHECK(densest(world.asked, 1s) == 50);
  CHECK(world.now().steady - ManualClock().now().steady == 3s);  // 50 at once, then 50 in each second
}

TEST_CASE("each documented limit, and the test environment's") {
  struct Row {
    const char* action;
    std::vector<ApiParameter> words;
    std::size_t limit, test_limit;
  };
  const Row rows[] = {
      {"CloseRoom", {{"RoomId", "r"}}, 1, 1},
      {"DescribeUserNum", {{"RoomId", "r"}}, 10, 1},
      {"SendBarrageMessage", {{"RoomId", "r"}, {"UserId", "u"}, {"MessageCategory", "1"}, {"MessageContent", "m"}}, 100, 10},
      {"ForbidRTCStream", {{"StreamId", "s"}}, 20, 5},
      {"DescribeRTCStreamState", {{"StreamId", "s"}}, 40, 10},
      {"RTMPDispatchV2", {{"StreamId", "s"}}, 40, 40},
      {"KickoutUser", {{"RoomId", "r"}, {"UserId", "u"}}, 50, 50},
      {"NobodyKnowsThis", {}, 10, 10}};
  for (const Row& row : rows)
    for (const bool test : {false, true}) {
      CAPTURE(row.action);
      World world;
      ServerApi api = world.open({.test = test});
      const ApiRequest request{.action = row.action, .parameters = row.words};
      for (std::size_t i = 0; i < 2 * row.limit + 1; ++i) REQUIRE(api.call(request, world.now()));
      CHECK(densest(world.asked, 1s) == (test ? row.test_limit : row.limit));
    }
}

TEST_CASE("a room's limit is kept in every room, and holds nobody up elsewhere") {
  World world;
  ServerApi api = world.open({.time_limit = 30s});
  for (int i = 0; i < 3; ++i)
    for (const char* room : {"a", "b"})
      REQUIRE(api.call(DescribeSimpleStreamList{.room = RoomId(std::string_view(room))}, world.now()));
  std::map<std::string, std::vector<Asked>> by_room;
  for (const Asked& one : world.asked) by_room[parameter(one.request, "RoomId")].push_back(one);
  for (const auto& [room, asked] : by_room) CHECK(densest(asked, 10s) == 1);
  CHECK(world.now().steady - ManualClock().now().steady == 20s);
  const SteadyTime before = world.now().steady;
  for (int i = 0; i < 48; ++i) REQUIRE(api.call(DescribeSimpleStreamList{.room = RoomId(std::to_string(i))}, world.now()));
  CHECK(world.now().steady == before);
}

TEST_CASE("a turn that comes too late is refused at once, names its limit, and takes nothing") {
  World world;
  ServerApi api = world.open({.time_limit = 3s});
  REQUIRE(api.call(DescribeSimpleStreamList{.room = "r"}, world.now()));
  const SteadyTime before = world.now().steady;
  for (int i = 0; i < 3; ++i) {
    const auto late = api.call(DescribeSimpleStreamList{.room = "r"}, world.now());
    REQUIRE_FALSE(late);
    CHECK(late.error() == Error{ErrorCode::rate_limited, "RoomId",
                                "DescribeSimpleStreamList is limited to once in 10 s per room; its turn comes in 10.0 s"});
  }
  CHECK(world.now().steady == before);
  CHECK(world.asked.size() == 1);
  world.clock.advance(10s);
  CHECK(api.call(DescribeSimpleStreamList{.room = "r"}, world.now()));

  ServerApi closing = world.open({.time_limit = 500ms});
  REQUIRE(closing.call(CloseRoom{.room = "r"}, world.now()));
  const auto late = closing.call(CloseRoom{.room = "s"}, world.now());
  REQUIRE_FALSE(late);
  CHECK(late.error().field == "Action");
  CHECK(late.error().detail == "CloseRoom is limited to 1 in a second per project; its turn comes in 1.0 s");
}

TEST_CASE("no more calls wait than may") {
  World world;
  ServerApi api = world.open({.waiting_max = 0});
  REQUIRE(api.call(CloseRoom{.room = "r"}, world.now()));
  const auto refused = api.call(CloseRoom{.room = "r"}, world.now());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::rate_limited);
  CHECK(refused.error().field == "waiting_max");
}

// ---- retries --------------------------------------------------------------------------------------------------------

TEST_CASE("several threads ask with one client: each gets its own answer, none is lost, no signature is made twice") {
  class Port final : public HttpPort {
   public:
    Result<HttpReply> send(const OutgoingRequest& request) override {
      const std::string user = parameter(request, "UserId%5B%5D");
      const std::scoped_lock lock(mutex_);
      ++asked;
      nonces.insert(parameter(request, "SignatureNonce"));
      // Every second user is told to come again once, so that retries and pauses cross each other too.
      const bool again = (user.back() - '0') % 2 == 0 && users_.insert(user).second;
      const std::string found = R"({"UserStatusList":[{"UserId":")" + user + R"(","Status":1}]})";
      return HttpReply{.status = 200, .body = again ? envelope(206) : envelope(0, found)};
    }
    std::size_t asked = 0;
    std::set<std::string> nonces;

   private:
    std::mutex mutex_;
    std::set<std::string> users_;
  };
  class Pause final : public ApiPause {
   public:
    Now wait_until(SteadyTime at) override {
      const std::scoped_lock lock(mutex_);
      if (at > clock.now().steady) clock.advance(std::chrono::ceil<std::chrono::milliseconds>(at - clock.now().steady));
      return clock.now();
    }
    ManualClock clock;

   private:
    std::mutex mutex_;
  };
  Port port;
  Pause pause;
  ServerApi api =
      ServerApi::open({.app = app, .time_limit = 10min, .attempts_max = 10, .pause = &pause}, Secret(secret), port).value();
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string user = "u" + std::to_string(t) + "-" + std::to_string(i);
        const auto answer = api.call(DescribeUsers{.room = "r", .users = {UserId(user)}}, pause.wait_until({}));
        good += answer && answer->users.size() == 1 && answer->users[0].user.view() == user;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 200);
  CHECK(port.asked == 300);
  CHECK(port.nonces.size() == port.asked);
}

TEST_CASE("exactly the codes that allow it are tried again") {
  const std::vector<std::int64_t> again = {1, 122, 123, 124, 151, 154, 206, 207, 5201, 5202, 50013, 100000015};
  for (const std::int64_t code :
       {1,     2,     3,     8,    9,         104,       105,       121,       122,       123,       124,      138,   151,
        154,   206,   207,   1008, 1012,      5018,      5024,      5201,      5202,      50001,     50003,    50011, 50012,
        50013, 50123, 50124, 77,   100000000, 100000001, 100000004, 100000005, 100000015, 100000016, 100000017}) {
    CAPTURE(code);
    World world;
    ServerApi api = world.open({.attempts_max = 4});
    world.answers(envelope(code));
    const auto answer = api.call(KickoutUser{.room = "r", .users = {"u"}}, world.now());
    REQUIRE_FALSE(answer);
    const bool retried = std::find(again.begin(), again.end(), code) != again.end();
    CHECK(world.asked.size() == (retried ? 4 : 1));
    CHECK(is_retryable(answer.error().code) == retried);
    CHECK(answer.error().detail.starts_with(std::to_string(code) + ": "));
    CHECK(answer.error().detail.find("RequestId 8000000000000000001") != std::string::npos);
  }
}

TEST_CASE("a second attempt is signed anew and may succeed") {
  World world;
  ServerApi api = world.open();
  world.answer = one_by_one({reply(1010), reply(0)});
  CHECK(api.call(ForbidRTCStream{.stream = "s"}, world.now()));
  REQUIRE(world.asked.size() == 2);
  for (const char* name : {"SignatureNonce", "Signature", "Sequence"})
    CHECK(parameter(world.asked[0].request, name) != parameter(world.asked[1].request, name));
}

TEST_CASE("pauses double up to the longest, less what chance takes off, and count against the time limit") {
  class Same final : public ByteSource {
   public:
    explicit Same(int value) : value_(static_cast<std::byte>(value)) {}
    void fill(std::span<std::byte> out) override { std::fill(out.begin(), out.end(), value_); }

   private:
    std::byte value_;
  };
  for (const int chance : {0, 255}) {
    World world;
    Same jitter(chance);
    ApiOptions options{.app = app, .time_limit = 60s, .attempts_max = 6, .first_pause = 100ms, .longest_pause = 500ms};
    options.jitter = &jitter;
    options.pause = &world;
    auto api = ServerApi::open(options, Secret(secret), world).value();
    world.answers(envelope(206));
    CHECK_FALSE(api.call(KickoutUser{.room = "r", .users = {"u"}}, world.now()));
    REQUIRE(world.asked.size() == 6);
    const int wanted[] = {100, 200, 400, 500, 500};
    for (std::size_t i = 0; i < 5; ++i)
      CHECK(world.asked[i + 1].at.steady - world.asked[i].at.steady ==
            std::chrono::milliseconds(wanted[i] / (chance == 0 ? 1 : 2)));
  }
  World world;
  ServerApi api = world.open({.time_limit = 1s, .attempts_max = 10, .first_pause = 400ms});
  world.answers(envelope(206));
  world.takes = 300ms;
  CHECK_FALSE(api.call(KickoutUser{.room = "r", .users = {"u"}}, world.now()));
  CHECK(world.now().steady - ManualClock().now().steady < 1s);
  CHECK(world.asked.size() == 2);
  CHECK(world.asked[1].request.time_limit <= 1s - (world.asked[1].at.steady - world.asked[0].at.steady));
}

TEST_CASE("what nobody knows is repeated only where twice is as good as once") {
  struct Row {
    ErrorCode code;
    bool kick, send;
  };
  for (const Row& row :
       {Row{ErrorCode::unreachable, true, true}, Row{ErrorCode::timeout, true, false}, Row{ErrorCode::closed, true, false},
        Row{ErrorCode::io_error, true, false}, Row{ErrorCode::unauthenticated, false, false},
        Row{ErrorCode::protocol, false, false}, Row{ErrorCode::payload_too_large, false, false}}) {
    CAPTURE(row.code);
    World world;
    ServerApi api = world.open({.attempts_max = 3});
    world.answer = [&](const OutgoingRequest&) { return lost(row.code); };
    CHECK(api.call(KickoutUser{.room = "r", .users = {"u"}}, world.now()).error().code == row.code);
    CHECK(world.asked.size() == (row.kick ? 3 : 1));
    world.asked.clear();
    CHECK(api.call(SendBroadcastMessage{.room = "r", .user = "u", .content = "m"}, world.now()).error().code == row.code);
    CHECK(world.asked.size() == (row.send ? 3 : 1));
  }
}

TEST_CASE("answers that are no envelope") {
  struct Row {
    int status;
    std::string body;
    ErrorCode code;
    std::size_t attempts;
  };
  for (const Row& row :
       {Row{502, "<html>", ErrorCode::provider_failed, 3}, Row{503, "", ErrorCode::provider_failed, 3},
        Row{429, "", ErrorCode::rate_limited, 3}, Row{302, "", ErrorCode::protocol, 1}, Row{404, "gone", ErrorCode::protocol, 1},
        Row{200, "", ErrorCode::protocol, 1}, Row{200, "[]", ErrorCode::protocol, 1}, Row{200, "{}", ErrorCode::protocol, 1},
        Row{200, R"({"Code":"0"})", ErrorCode::protocol, 1}, Row{200, R"({"Code":1.5})", ErrorCode::protocol, 1},
        Row{200, R"({"Code":9223372036854775808})", ErrorCode::protocol, 1},
        Row{500, R"({"Code":0})", ErrorCode::provider_failed, 3},
        Row{403, R"({"Code":100000005})", ErrorCode::unauthenticated, 1}}) {
    CAPTURE(row.status);
    CAPTURE(row.body);
    World world;
    ServerApi api = world.open();
    world.answers(row.body, row.status);
    CHECK(api.call(KickoutUser{.room = "r", .users = {"u"}}, world.now()).error().code == row.code);
    CHECK(world.asked.size() == row.attempts);
  }
}

// ---- regions --------------------------------------------------------------------------------------------------------

TEST_CASE("an unreachable region is passed over at once, and tried again after its rest") {
  World world;
  ServerApi api = world.open({.regions = {ApiRegion::frankfurt, ApiRegion::unified}, .region_rest = 30s});
  world.answer = [](const OutgoingRequest& request) -> Result<HttpReply> {
    if (host(request) == "rtc-api-fra.zego.im") return fail(ErrorCode::unreachable);
    return HttpReply{.status = 200, .body = envelope(0)};
  };
  const auto ask = [&] { return api.call(KickoutUser{.room = "r", .users = {"u"}}, world.now()).has_value(); };
  const SteadyTime start = world.now().steady;
  CHECK(ask());
  CHECK(world.asked.size() == 2);
  CHECK(world.now().steady == start);  // no pause: it is another region
  CHECK(ask());
  CHECK(world.asked.size() == 3);
  CHECK(host(world.asked.back().request) == "rtc-api.zego.im");
  world.clock.advance(30s);
  world.answers(envelope(0));
  CHECK(ask());
  CHECK(host(world.asked.back().request) == "rtc-api-fra.zego.im");
}

TEST_CASE("a message whose fate nobody knows goes to no other region, and a refusal is the same everywhere") {
  World world;
  ServerApi api = world.open({.regions = {ApiRegion::frankfurt, ApiRegion::unified}});
  world.answer = [](const OutgoingRequest&) { return lost(ErrorCode::timeout); };
  CHECK_FALSE(api.call(SendCustomCommand{.room = "r", .from = "u", .content = "m"}, world.now()));
  CHECK(world.asked.size() == 1);
  world.answers(envelope(50001));
  CHECK_FALSE(api.call(KickoutUser{.room = "r", .users = {"u"}}, world.now()));
  CHECK(world.asked.size() == 2);
}

// ---- answers --------------------------------------------------------------------------------------------------------

namespace {

template <class Action>
typename Action::Answer answered(const Action& action, const std::string& data, std::int64_t code = 0) {
  World world;
  world.answers(envelope(code, data));
  auto answer = world.open().call(action, world.now());
  REQUIRE_MESSAGE(answer.has_value(), to_string(answer ? Error{} : answer.error()));
  CHECK(answer->request_id == "8000000000000000001");
  return *std::move(answer);
}

}  // namespace

TEST_CASE("every answer is read, with 64 bits kept") {
  const auto numbers = answered(DescribeUserNum{.rooms = {"r"}},
                                R"({"UserCountList":[{"RoomId":"r","UserCount":18446744073709551615,"AdminUserCount":1}]})");
  REQUIRE(numbers.rooms.size() == 1);
  CHECK(
      (numbers.rooms[0].room == RoomId("r") && numbers.rooms[0].users == 18446744073709551615u && numbers.rooms[0].admins == 1));

  const auto list = answered(DescribeUserList{.room = "r"},
                             R"({"Marker":"next","UserList":[{"UserId":"a","UserName":"A","UserRole":2},{"UserId":"b"}]})");
  CHECK((list.marker == "next" && list.users.size() == 2 && list.users[0].role == 2 && list.users[1].user == UserId("b")));
  CHECK(answered(DescribeUserList{.room = "r"}, R"({"Marker":"","UserList":null})").users.empty());

  const auto users = answered(
      DescribeUsers{.room = "r", .users = {"a"}},
      R"({"UserStatusList":[{"UserId":"a","Status":1,"LoginTime":1735689600123,"UserRole":1},{"UserId":"b","Status":0}]})");
  CHECK((users.users.at(0).online && users.users.at(0).login == UnixTime(1735689600123ms) && !users.users.at(1).online));

  const auto streams = answered(
      DescribeSimpleStreamList{.room = "r"},
      R"({"StreamList":[{"StreamId":"s","UserId":"a","UserName":"A","CreateTime":1735689600123,"StreamNumberId":18446744073709551615}]})");
  CHECK((streams.streams.at(0).number == "18446744073709551615" && streams.streams.at(0).created == UnixTime(1735689600123ms)));

  CHECK(answered(SendBroadcastMessage{.room = "r", .user = "u", .content = "m"}, R"({"MessageId":18446744073709551615})")
            .message_id == "18446744073709551615");
  CHECK(answered(SendBarrageMessage{.room = "r", .user = "u", .content = "m"}, R"({"MessageId":"abc"})").message_id == "abc");
  const auto command =
      answered(SendCustomCommand{.room = "r", .from = "u", .content = "m"}, R"({"FailUsers":[{"Uid":"a","Code":50003}]})");
  CHECK((command.failed.at(0).user == UserId("a") && command.failed.at(0).code == 50003));

  CHECK(answered(SetForbidUserRule{.user = "u", .privileges = {ForbidPrivilege::login}, .lasts = 60s},
                 R"({"ExpireTime":1735689660})")
            .expires == UnixTime(1735689660s));
  const auto rules = answered(
      DescribeForbidUserRules{},
      R"({"RuleList":[{"RuleType":4,"IP":"","RoomId":"r","UserId":"u","DisabledPrivilegeList":[1,2],"ExpireTime":1735689660}]})");
  CHECK((rules.rules.at(0).rule == ForbidRule::room_and_user && rules.rules.at(0).privileges.at(1) == ForbidPrivilege::publish));
  const auto stream_rules = answered(
      DescribeForbidStreamRules{.room = "r", .streams = {"s"}},
      R"({"RoomId":"r","ForbidStreamRuleList":[{"StreamId":"s","DisableAudio":1,"DisableVideo":0,"CreateTime":5,"EffectiveTime":6}]})");
  CHECK((stream_rules.rules.at(0).audio && !stream_rules.rules.at(0).video && stream_rules.rules.at(0).lasts == 6));

  const auto active =
      answered(DescribeRTCStreamState{.stream = "s"}, R"({"create_time":"2025-01-01T00:00:00Z","close_time":""})");
  CHECK((active.state == StreamState::active && active.created == "2025-01-01T00:00:00Z"));
  CHECK(answered(DescribeRTCStreamState{.stream = "s"}, "null", 41004).state == StreamState::unknown);
  CHECK(answered(DescribeRTCStreamState{.stream = "s"}, "null", 41006).state == StreamState::closed);

  CHECK(answered(GetMixTaskInfo{.task = "t"}, R"({"TaskInfo":{"TaskId":"t","MixDuration":9}})").duration == 9);
  const auto token = answered(GenerateIdentifyToken{}, R"({"IdentifyToken":"x","RemainTime":3600})");
  CHECK((token.token == "x" && token.remaining == 3600));
  CHECK(answered(ForbidRTCStreams{.streams = {"s"}}, R"({"any":[1]})").data.text() == R"({"any":[1]})");
  CHECK(answered(CloseRoom{.room = "r"}, "null").request_id == "8000000000000000001");

  World world;
  world.answers(R"({"Code":0,"Message":"","RequestId":123456789012345678901,"CallId":"c"})");
  const auto call = world.open().call(ApiRequest{.action = "Own"}, world.now()).value();
  CHECK((call.request_id == "123456789012345678901" && call.data.kind() == JsonKind::null));
  CHECK(call.whole.get<std::string>("CallId").value() == "c");
}

TEST_CASE("an answer that cannot be read says where, and keeps the RequestId") {
  for (const auto& [data, field] : std::initializer_list<std::pair<const char*, const char*>>{
           {R"({"UserStatusList":[{"Status":1}]})", "Data.UserStatusList.0.UserId"},
           {R"({"UserStatusList":[{"UserId":"a","LoginTime":-1}]})", "Data.UserStatusList.0.LoginTime"},
           {R"({"UserStatusList":[{"UserId":"a","LoginTime":9223372036854775807}]})", "Data.UserStatusList.0.LoginTime"},
           {R"({"UserStatusList":{}})", "Data.UserStatusList"},
           {R"([])", "Data"}}) {
    World world;
    world.answers(envelope(0, data));
    const auto answer = world.open().call(DescribeUsers{.room = "r", .users = {"a"}}, world.now());
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::protocol);
    CHECK(answer.error().field.starts_with(field));
    CHECK(answer.error().detail.find("RequestId 8000000000000000001") != std::string::npos);
  }
}

TEST_CASE("the provider's words fit one line of a log") {
  World world;
  world.answers(R"({"Code":77,"Message":"line\nline)" + std::string(300, 'x') + R"(","RequestId":"r"})");
  const auto answer = world.open().call(CloseRoom{.room = "r"}, world.now());
  CHECK(answer.error().code == ErrorCode::provider_refused);
  CHECK(answer.error().detail.find('\n') == std::string::npos);
  CHECK(answer.error().detail.size() < 250);
}

TEST_CASE("each attempt is told, without parameters or signature") {
  World world;
  std::vector<std::string> told;
  ApiOptions options;
  options.on_attempt = [&](const ApiAttempt& one) {
    told.push_back(std::string(one.action) + " " + std::string(one.origin) + " " + std::to_string(one.number) + " " +
                   std::to_string(one.http_status) + " " + std::to_string(one.code.value_or(-1)) + " " +
                   std::string(one.request_id) + " " + std::string(one.error != nullptr ? name(one.error->code) : "ok"));
  };
  ServerApi api = world.open(options);
  world.answer = one_by_one({lost(ErrorCode::timeout), reply(206), reply(0)});
  CHECK(api.call(KickoutUser{.room = "r", .users = {"u"}}, world.now()));
  CHECK(told == std::vector<std::string>{"KickoutUser https://rtc-api.zego.im 1 0 -1  timeout",
                                         "KickoutUser https://rtc-api.zego.im 2 200 206 8000000000000000001 rate_limited",
                                         "KickoutUser https://rtc-api.zego.im 3 200 0 8000000000000000001 ok"});
}

TEST_CASE("small numbers mean what their service says, and every known code has words") {
  CHECK(api_code("KickoutUser", 3).error == ErrorCode::out_of_range);
  CHECK(api_code("ForbidRTCStream", 3).error == ErrorCode::unauthenticated);
  for (const std::int64_t code : {100000004, 100000005, 110209001, 660900005}) {
    CHECK_FALSE(api_code("StopMix", code).words.empty());
    CHECK(api_code("ForbidRTCStream", code).code == code);
  }
  CHECK(api_code("KickoutUser", 424242).error == ErrorCode::provider_refused);
  CHECK(api_code("KickoutUser", 424242).words.empty());
}
