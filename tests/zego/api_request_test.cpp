// What goes out: the stored requests byte for byte, every parameter at its limit and one beyond, and what is refused.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "zego/api_support.hpp"
#include "zego/api_table.hpp"

using namespace zegocall;
using namespace zegocall::zego_test;

namespace {

class TheVectorsNonce final : public ByteSource {
 public:
  void fill(std::span<std::byte> out) override {
    constexpr unsigned char nonce[] = {0xc7, 0xa1, 0xf0, 0xe2, 0xb3, 0xd4, 0x95, 0x86};
    REQUIRE(out.size() == sizeof nonce);
    std::transform(std::begin(nonce), std::end(nonce), out.begin(), [](unsigned char c) { return std::byte{c}; });
  }
};

Json vector_request(const std::string& id) {
  std::ifstream file(ZEGOCALL_TEST_VECTORS "/server_api_signature.json");
  const Json all = Json::parse(std::string(std::istreambuf_iterator<char>(file), {})).value();
  for (const Json& one : all.get<std::vector<Json>>("requests").value())
    if (one.get<std::string>("id").value() == id) return one;
  FAIL("no such vector");
  return {};
}

template <class Action>
void check_against_vector(const std::string& id, const Action& action, std::vector<ApiRegion> regions = {ApiRegion::unified}) {
  CAPTURE(id);
  World world;
  TheVectorsNonce nonce;
  auto api = ServerApi::open({.app = app, .regions = std::move(regions), .bytes = &nonce}, Secret(secret), world).value();
  const OutgoingRequest request = api.prepare(action, world.now()).value();
  const Json wanted = vector_request(id);
  CHECK(request.method == wanted.get<std::string>("method").value());
  CHECK(request.url == "https://" + wanted.get<std::string>("host").value() + "/?" + wanted.get<std::string>("query").value());
  CHECK(request.body == wanted.get<std::optional<std::string>>("body").value().value_or(""));
  CHECK(request.headers.size() == (request.method == "POST" ? 1 : 0));
  CHECK(world.asked.empty());
}

using Words = std::vector<ApiParameter>;

const Words room{{"RoomId", "r"}}, user{{"UserId", "u"}}, stream{{"StreamId", "s"}};
Words operator+(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
const Words message = room + user + Words{{"MessageCategory", "2"}, {"MessageContent", "hi"}};
const Words relay = stream + Words{{"CDNUrl", "rtmp://a/b"}};
const Words rule{{"RuleType", "3"}, {"UserId", "u"}};

/// The least that each action needs.
const std::vector<std::pair<std::string, Words>> least = {
    {"KickoutUser", room + user},
    {"CloseRoom", room},
    {"DescribeUserNum", room},
    {"DescribeUserList", room},
    {"DescribeUsers", room + user},
    {"DescribeSimpleStreamList", room},
    {"AddStream", room + user + stream},
    {"DeleteStream", room + user + stream},
    {"SendBroadcastMessage", message},
    {"SendBarrageMessage", message},
    {"SendCustomCommand", room + Words{{"FromUserId", "f"}, {"MessageContent", "hi"}}},
    {"SetForbidUserRule", rule + Words{{"DisabledPrivilege", "1"}, {"EffectiveTime", "60"}}},
    {"DescribeForbidUserRules", {{"RuleType", "1"}}},
    {"DelForbidUserRule", rule},
    {"SetForbidStreamRule", room + stream + Words{{"DisableAudio", "1"}}},
    {"DescribeForbidStreamRules", room + stream},
    {"DelForbidStreamRule", room + stream},
    {"ForbidRTCStream", stream},
    {"ResumeRTCStream", stream},
    {"ForbidRTCStreams", stream},
    {"ResumeRTCStreams", stream},
    {"DescribeRTCStreamState", stream},
    {"ForbidCDNLiveStream", stream},
    {"ResumeCDNLiveStream", stream},
    {"QueryForbidCDNLiveStream", stream},
    {"CreatCDNTransferRule", relay},
    {"DeleteCDNTransferRule", relay},
    {"ClearCDNTransferRule", stream},
    {"RTMPDispatchV2", stream},
    {"GetMixTaskInfo", {{"TaskId", "t"}}},
    {"GenerateIdentifyToken", {}},
};
const Words& least_of(const std::string& action) {
  const auto found = std::find_if(least.begin(), least.end(), [&](const auto& row) { return row.first == action; });
  REQUIRE(found != least.end());
  return found->second;
}

enum class Kind { bytes, count, number };
/// A limit of one parameter, written down a second time.
struct Limit {
  std::string actions;  // with blanks between
  std::string name;
  Kind kind;
  long min;  // -1: one less cannot be said
  long max;
};
constexpr auto bytes = Kind::bytes;
constexpr auto count = Kind::count;
constexpr auto number = Kind::number;
const std::vector<Limit> limits = {
    {"KickoutUser CloseRoom DescribeUserList DescribeUsers DescribeSimpleStreamList AddStream DeleteStream SendBroadcastMessage "
     "SendBarrageMessage SendCustomCommand SetForbidStreamRule DescribeForbidStreamRules DelForbidStreamRule",
     "RoomId", bytes, 1, 127},
    {"AddStream DeleteStream SendBroadcastMessage SendBarrageMessage", "UserId", bytes, 1, 63},
    {"AddStream DeleteStream SendBroadcastMessage SendBarrageMessage", "UserName", bytes, -1, 255},
    {"AddStream DeleteStream SetForbidStreamRule DelForbidStreamRule ForbidRTCStream ResumeRTCStream DescribeRTCStreamState "
     "ForbidCDNLiveStream ResumeCDNLiveStream QueryForbidCDNLiveStream CreatCDNTransferRule DeleteCDNTransferRule "
     "ClearCDNTransferRule RTMPDispatchV2",
     "StreamId", bytes, 1, 256},
    {"SetForbidUserRule DelForbidUserRule", "UserId", bytes, 1, 63},
    {"KickoutUser", "UserId", count, 1, 5},
    {"DescribeUsers", "UserId", count, 1, 10},
    {"DescribeUserNum", "RoomId", count, 1, 10},
    {"SendCustomCommand", "ToUserId", count, -1, 10},
    {"DescribeForbidStreamRules", "StreamId", count, 1, 10},
    {"ForbidRTCStreams ResumeRTCStreams", "StreamId", count, 1, 20},
    {"KickoutUser CloseRoom", "CustomReason", bytes, -1, 256},
    {"DescribeUserList", "Mode", number, 0, 1},
    {"DescribeUserList", "Limit", number, 0, 200},
    {"DescribeUserList", "Marker", bytes, -1, 4096},
    {"AddStream", "StreamTitle", bytes, -1, 127},
    {"AddStream", "ExtraInfo", bytes, -1, 1024},
    {"AddStream", "CensorFlag", number, 0, 1},
    {"SendBroadcastMessage SendBarrageMessage", "MessageCategory", number, 1, 2},
    {"SendBroadcastMessage SendBarrageMessage SendCustomCommand", "MessageContent", bytes, 1, 1024},
    {"SendCustomCommand", "FromUserId", bytes, 1, 63},
    {"SetForbidUserRule SetForbidStreamRule", "EffectiveTime", number, 1, 86400},
    {"DescribeForbidUserRules", "RuleType", number, 1, 4},
    {"SetForbidStreamRule", "DisableAudio", number, -1, 1},
    {"ForbidCDNLiveStream", "ResumeTime", bytes, -1, 64},
    {"GetMixTaskInfo", "TaskId", bytes, 1, 255},
    {"GenerateIdentifyToken", "EffectiveTime", number, 1, 2592000},
};
// These are proved by tests of their own below: what is allowed depends on other parameters or on more than a size.
const std::set<std::string> elsewhere = {"SetForbidUserRule.RuleType",  "SetForbidUserRule.IP",
                                         "SetForbidUserRule.RoomId",    "SetForbidUserRule.DisabledPrivilege",
                                         "DelForbidUserRule.RuleType",  "DelForbidUserRule.IP",
                                         "DelForbidUserRule.RoomId",    "SetForbidStreamRule.DisableVideo",
                                         "CreatCDNTransferRule.CDNUrl", "DeleteCDNTransferRule.CDNUrl",
                                         "RTMPDispatchV2.Type",         "RTMPDispatchV2.ClientIP",
                                         "CloseRoom.RoomCloseCallback"};

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

/// The least that `action` needs, with this much of one parameter.
Words with(const std::string& action, const Limit& limit, long size) {
  Words out = least_of(action);
  std::erase_if(out, [&](const ApiParameter& one) { return one.first == limit.name; });
  if (limit.kind == bytes) out.emplace_back(limit.name, std::string(static_cast<std::size_t>(size), 'x'));
  if (limit.kind == number) out.emplace_back(limit.name, std::to_string(size));
  for (long i = 0; limit.kind == count && i < size; ++i) out.emplace_back(limit.name, "id" + std::to_string(i));
  return out;
}

Error refusal(const std::string& action, const Words& words) {
  const auto request = api_request(action, words);
  REQUIRE_FALSE(request);
  return request.error();
}

}  // namespace

TEST_CASE("typed actions become the stored requests, byte for byte") {
  check_against_vector("describe-user-num-two-rooms", DescribeUserNum{.rooms = {"room1", "room 2&x"}});
  check_against_vector("kickout-two-users-with-reason",
                       KickoutUser{.room = "room1", .users = {"alice", "bob"}, .reason = "нарушение правил 100%"});
  check_against_vector(
      "custom-command-json-content",
      SendCustomCommand{.room = "room1", .from = "server", .to = {"alice"}, .content = R"({"cmd":"mute","on":true})"});
  check_against_vector("close-room-region-host", CloseRoom{.room = "room1", .room_callback = true}, {ApiRegion::frankfurt});
  check_against_vector(
      "stop-mix-post",
      ApiRequest{.action = "StopMix", .body = JsonObject{{"TaskId", "task-1"}, {"Sequence", std::int64_t{1735689600123}}}});
}

TEST_CASE("every action has its least request, and says it again from its own words") {
  const auto actions = api_actions();
  CHECK(actions.size() == least.size());
  for (const auto& row : least) {
    const std::string& action = row.first;
    const Words& words = row.second;
    CAPTURE(action);
    CHECK(std::find(actions.begin(), actions.end(), action) != actions.end());
    const auto once = api_request(action, words);
    REQUIRE_MESSAGE(once.has_value(), to_string(once ? Error{} : once.error()));
    CHECK(api_request(action, once->parameters).value().parameters == once->parameters);
  }
}

TEST_CASE("every parameter at its limits and one beyond") {
  for (const Limit& limit : limits)
    for (const std::string& action : split(limit.actions)) {
      CAPTURE(action);
      CAPTURE(limit.name);
      CHECK(api_request(action, with(action, limit, limit.max)).has_value());
      const Error beyond = refusal(action, with(action, limit, limit.max + 1));
      CHECK(beyond.field == limit.name);
      if (limit.name != "CensorFlag" && limit.name != "DisableAudio") {
        CHECK(beyond.code == ErrorCode::out_of_range);
        CHECK(beyond.detail.find(std::to_string(limit.max)) != std::string::npos);
      }
      if (limit.min < 0) continue;
      CHECK(api_request(action, with(action, limit, limit.min)).has_value());
      if (limit.min > 0) CHECK(refusal(action, with(action, limit, limit.min - 1)).field == limit.name);
    }
}

TEST_CASE("no parameter was forgotten above") {
  std::set<std::string> proved = elsewhere;
  for (const Limit& limit : limits)
    for (const std::string& action : split(limit.actions)) proved.insert(action + "." + limit.name);
  zego_detail::TypedActions::each([&]<class Action>(const Action*) {
    std::apply(
        [&](const auto&... row) {
          for (const std::string_view name : {row.name...})
            if (name != "Sequence")
              CHECK(proved.count(std::string(zego_detail::Spec<Action>::route.action) + "." + std::string(name)) == 1);
        },
        zego_detail::Spec<Action>::table);
  });
}

TEST_CASE("members of lists have limits too, and are named by their number") {
  CHECK(refusal("KickoutUser", room + Words{{"UserId", "a"}, {"UserId[]", std::string(64, 'x')}}).field == "UserId.1");
  CHECK(refusal("KickoutUser", room + Words{{"UserId[]", ""}}).field == "UserId.0");
  CHECK(refusal("DescribeUserNum", {{"RoomId", std::string(128, 'x')}}).field == "RoomId.0");
  CHECK(refusal("ForbidRTCStreams", stream + Words{{"StreamId", std::string(257, 'x')}}).field == "StreamId.1");
}

TEST_CASE("a rule names what its type is about, and nothing else") {
  const auto rule_with = [](const std::string& type, const Words& more) {
    return Words{{"RuleType", type}, {"DisabledPrivilege", "2"}, {"EffectiveTime", "1"}} + more;
  };
  const Words ip{{"IP", "2001:db8::1"}};
  struct Case {
    std::string type;
    Words good;
  };
  for (const Case& one : {Case{"1", ip}, Case{"2", room}, Case{"3", user}, Case{"4", room + user}}) {
    CAPTURE(one.type);
    CHECK(api_request("SetForbidUserRule", rule_with(one.type, one.good)).has_value());
    CHECK(api_request("DelForbidUserRule", Words{{"RuleType", one.type}} + one.good).has_value());
    CHECK(refusal("SetForbidUserRule", rule_with(one.type, {})).code == ErrorCode::missing_field);
    CHECK_FALSE(api_request("SetForbidUserRule", rule_with(one.type, ip + room + user)));
    CHECK_FALSE(api_request("DelForbidUserRule", {{"RuleType", one.type}}));
  }
  CHECK(refusal("SetForbidUserRule", rule_with("5", {})).field == "RuleType");
  CHECK(refusal("SetForbidUserRule", rule_with("0", {})).field == "RuleType");
  CHECK(refusal("DelForbidUserRule", {{"RuleType", "-1"}}).field == "RuleType");
  CHECK(refusal("SetForbidUserRule", rule_with("1", {{"IP", "example.test"}})).field == "IP");
  CHECK(refusal("SetForbidUserRule", rule_with("1", {{"IP", std::string(46, '1')}})).field == "IP");
  CHECK(refusal("SetForbidUserRule", rule_with("2", {{"RoomId", std::string(128, 'r')}})).field == "RoomId");
  CHECK(refusal("SetForbidUserRule", rule_with("3", user) + Words{{"DisabledPrivilege", "2"}}).field == "DisabledPrivilege.1");
  CHECK(refusal("SetForbidUserRule", rule_with("3", user) + Words{{"DisabledPrivilege", "3"}}).field == "DisabledPrivilege.1");
  CHECK(api_request("SetForbidUserRule", rule_with("3", user) + Words{{"DisabledPrivilege[]", "1"}}).has_value());
  CHECK(refusal("SetForbidUserRule", rule + Words{{"EffectiveTime", "1"}}).field == "DisabledPrivilege");
}

TEST_CASE("what more than a size decides") {
  CHECK(refusal("SetForbidStreamRule", room + stream).field == "DisableAudio");
  CHECK(api_request("SetForbidStreamRule", room + stream + Words{{"DisableVideo", "1"}}).has_value());
  CHECK(refusal("SetForbidStreamRule", room + stream + Words{{"DisableVideo", "2"}}).field == "DisableVideo");
  for (const std::string action : {"CreatCDNTransferRule", "DeleteCDNTransferRule"}) {
    CHECK(refusal(action, stream).code == ErrorCode::missing_field);
    CHECK(refusal(action, stream + Words{{"CDNUrl", "https://a/b"}}).field == "CDNUrl");
    CHECK(refusal(action, stream + Words{{"CDNUrl", "rtmp://" + std::string(2042, 'x')}}).field == "CDNUrl");
    CHECK(api_request(action, stream + Words{{"CDNUrl", "rtmps://" + std::string(2040, 'x')}}).has_value());
  }
  CHECK(api_request("RTMPDispatchV2", stream + Words{{"Type", "push"}, {"ClientIP", "192.0.2.1"}}).has_value());
  CHECK(refusal("RTMPDispatchV2", stream + Words{{"Type", "both"}}).field == "Type");
  CHECK(refusal("RTMPDispatchV2", stream + Words{{"ClientIP", "::1"}}).field == "ClientIP");
  CHECK(refusal("RTMPDispatchV2", stream + Words{{"ClientIP", std::string(16, '1')}}).field == "ClientIP");
  CHECK(refusal("CloseRoom", room + Words{{"RoomCloseCallback", "yes"}}).field == "RoomCloseCallback");
}

TEST_CASE("words that no action takes") {
  CHECK(refusal("Kickout", room).code == ErrorCode::unknown_event);
  CHECK(refusal("CloseRoom", room + Words{{"Room", "x"}}).field == "Room");
  CHECK(refusal("CloseRoom", room + room).detail == "is there twice");
  CHECK(refusal("DescribeUserList", room + Words{{"Limit", "1e2"}}).code == ErrorCode::invalid_argument);
  CHECK(refusal("DescribeUserList", room + Words{{"Limit", "99999999999999999999"}}).code == ErrorCode::out_of_range);
  CHECK(refusal("DescribeUserList", room + Words{{"Limit", "4294967297"}}).code == ErrorCode::out_of_range);
  CHECK(refusal("CloseRoom", {{"RoomId", "\xff"}}).code == ErrorCode::bad_utf8);
  CHECK(refusal("CloseRoom", {{"RoomId", std::string("a\0b", 3)}}).code == ErrorCode::invalid_argument);
  CHECK(api_request("ForbidRTCStream", stream + Words{{"Sequence", "18446744073709551615"}}).value().parameters.back().second ==
        "18446744073709551615");
  CHECK(refusal("ForbidRTCStream", stream + Words{{"Sequence", "18446744073709551616"}}).field == "Sequence");
}

TEST_CASE("what is wrong is refused before anything is sent") {
  World world;
  ServerApi api = world.open();
  CHECK(api.call(KickoutUser{.room = "r"}, world.now()).error().field == "UserId");
  CHECK(api.call(SendBroadcastMessage{.room = "r", .user = "u"}, world.now()).error().field == "MessageContent");
  CHECK(api.call(DescribeUserList{.room = "r", .order = static_cast<LoginOrder>(7)}, world.now()).error().field == "Mode");
  CHECK(api.call(GenerateIdentifyToken{.lifetime = -1s}, world.now()).error().field == "EffectiveTime");
  CHECK(api.call(ApiRequest{.action = "KickoutUser", .parameters = room}, world.now()).error().field == "UserId");
  CHECK(world.asked.empty());
}

TEST_CASE("actions without a type are held to what is documented") {
  World world;
  ServerApi api = world.open();
  const auto refused = [&](ApiRequest request) {
    const auto answer = api.call(request, world.now());
    REQUIRE_FALSE(answer);
    return answer.error().field;
  };
  const JsonArray list = JsonArray::list({JsonObject{}});
  const JsonObject mix{{"TaskId", "t"}, {"UserId", "u"}, {"MixInput", list}, {"MixOutput", list}};
  CHECK(refused({.action = "StopMix"}) == "body");
  CHECK(refused({.action = "StopMix", .body = JsonObject{}}) == "TaskId");
  CHECK(refused({.action = "StopMix", .body = list}) == "body");
  CHECK(refused({.action = "CloseRoom", .body = JsonObject{}}) == "body");
  CHECK(refused({.action = "CloseRoom", .product = ApiProduct::zim, .parameters = room}) == "product");
  CHECK(refused({.action = "CallInvite", .body = JsonObject{}}) == "product");
  CHECK(refused({.action = "StartMix", .body = JsonObject(mix).add("MaxIdleTime", 89)}) == "MaxIdleTime");
  CHECK(refused({.action = "StartMix", .body = JsonObject(mix).add("MaxIdleTime", 14401)}) == "MaxIdleTime");
  CHECK(refused({.action = "Start Mix"}) == "Action");
  CHECK(refused({.action = std::string(65, 'a')}) == "Action");
  CHECK(refused({.action = "Own", .parameters = {{"Signature", "x"}}}) == "Signature");
  CHECK(refused({.action = "Own", .parameters = Words(129, {"a", "b"})}) == "parameters");
  CHECK(refused({.action = "Own", .body = JsonObject{{"a", std::string(1'000'000, 'x')}}}) == "body");
  const auto invite = [](int users) {
    JsonArray all;
    for (int i = 0; i < users; ++i) all.add("u");
    return ApiRequest{.action = "CallInvite",
                      .product = ApiProduct::zim,
                      .body = JsonObject{{"FromUserId", "a"}, {"UserIds", all}, {"OfflinePush", JsonObject{}}}};
  };
  CHECK(refused(invite(10)) == "UserIds");
  CHECK(world.asked.empty());

  CHECK(api.call(invite(9), world.now()));
  CHECK(api.call(ApiRequest{.action = "StartMix", .body = JsonObject(mix).add("MaxIdleTime", 90)}, world.now()));
  CHECK(api.call(ApiRequest{.action = "SearchMedia", .parameters = {{"Name", "a b"}}}, world.now()));
  REQUIRE(world.asked.size() == 3);
  CHECK(host(world.asked[0].request) == "zim-api.zego.im");
  CHECK(world.asked[1].request.method == "POST");
  CHECK(world.asked[1].request.headers == HttpHeaders{{"Content-Type", "application/json"}});
  CHECK(Json::parse(world.asked[1].request.body).value().get<int>("MaxIdleTime").value() == 90);
  CHECK(parameter(world.asked[2].request, "Name") == "a%20b");
  CHECK(world.asked[2].request.method == "GET");
}

TEST_CASE("a sequence is given where none is, and always grows") {
  World world;
  ServerApi api = world.open();
  std::uint64_t last = 0;
  for (int i = 0; i < 5; ++i) {
    CHECK(api.call(ForbidRTCStream{.stream = "s"}, world.now()));
    const std::uint64_t sequence = std::stoull(parameter(world.asked.back().request, "Sequence"));
    CHECK(sequence > last);
    last = sequence;
  }
  CHECK(last == 1735689600004);
  CHECK(api.call(ForbidRTCStream{.stream = "s", .sequence = 7}, world.now()));
  CHECK(parameter(world.asked.back().request, "Sequence") == "7");
}

TEST_CASE("options that cannot be meant") {
  World world;
  const auto field = [&](ApiOptions options, std::string_view key = secret) {
    if (options.app.value == 0) options.app = app;
    const auto api = ServerApi::open(std::move(options), Secret(key), world);
    REQUIRE_FALSE(api);
    CHECK(to_string(api.error()).find("zegocall-test") == std::string::npos);
    return api.error().field;
  };
  CHECK(ServerApi::open({}, Secret(secret), world).error().field == "app");
  CHECK(field({}, "zegocall-test-secret-0123456789") == "secret");
  CHECK(field({.regions = {}}) == "regions");
  CHECK(field({.regions = {ApiRegion::mumbai, ApiRegion::unified, ApiRegion::mumbai}}) == "regions.2");
  CHECK(field({.time_limit = 0ms}) == "time_limit");
  CHECK(field({.time_limit = 601s}) == "time_limit");
  CHECK(field({.attempt_limit = -1ms}) == "attempt_limit");
  CHECK(field({.attempts_max = 0}) == "attempts_max");
  CHECK(field({.attempts_max = 11}) == "attempts_max");
  CHECK(field({.first_pause = 0ms}) == "first_pause");
  CHECK(field({.longest_pause = 0ms}) == "longest_pause");
  CHECK(field({.region_rest = -1s}) == "region_rest");
  for (const char* origin : {"http://a", "https://", "https://a/", "https://a@b", "https://a?b"})
    CHECK(field({.origins = {origin}}) == "origins.0");
}

TEST_CASE("the hosts of every region and product, and the test environment") {
  World world;
  constexpr std::pair<ApiRegion, const char*> regions[] = {
      {ApiRegion::unified, "rtc-api.zego.im"},        {ApiRegion::shanghai, "rtc-api-sha.zego.im"},
      {ApiRegion::hong_kong, "rtc-api-hkg.zego.im"},  {ApiRegion::frankfurt, "rtc-api-fra.zego.im"},
      {ApiRegion::california, "rtc-api-lax.zego.im"}, {ApiRegion::mumbai, "rtc-api-bom.zego.im"},
      {ApiRegion::singapore, "rtc-api-sgp.zego.im"}};
  for (const auto& [region, wanted] : regions) {
    ServerApi api = world.open({.regions = {region}});
    const OutgoingRequest request = api.prepare(CloseRoom{.room = "r"}, world.now()).value();
    CHECK(host(request) == wanted);
    CHECK(parameter(request, "IsTest").empty());
  }
  constexpr std::pair<ApiProduct, const char*> products[] = {{ApiProduct::zim, "zim-api"},
                                                             {ApiProduct::whiteboard, "whiteboard-api"},
                                                             {ApiProduct::docs, "docs-api"},
                                                             {ApiProduct::cloudrecord, "cloudrecord-api"},
                                                             {ApiProduct::auth, "auth-api"}};
  ServerApi api = world.open({.test = true});
  for (const auto& [product, wanted] : products) {
    const OutgoingRequest request = api.prepare(ApiRequest{.action = "Own", .product = product}, world.now()).value();
    CHECK(host(request) == std::string(wanted) + ".zego.im");
    CHECK(parameter(request, "IsTest") == "true");
  }
}
