// What the provider's server API, or somebody in its place, answers: the envelope, each action's data, and the HTTP around
// it. The first byte says what was asked.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "zegocall/testing.hpp"
#include "zegocall/zego/api.hpp"

using namespace zegocall;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

class OneReply final : public HttpPort, public ApiPause {
 public:
  explicit OneReply(std::string_view body) : body_(body) {}
  Result<HttpReply> send(const OutgoingRequest&) override { return HttpReply{.status = 200, .body = std::string(body_)}; }
  Now wait_until(SteadyTime at) override {
    if (at > clock.now().steady) clock.advance(std::chrono::ceil<std::chrono::milliseconds>(at - clock.now().steady));
    return clock.now();
  }
  ManualClock clock;

 private:
  std::string_view body_;
};

template <class Action>
void ask(const Action& action, std::string_view body) {
  OneReply reply(body);
  CountingBytes bytes;
  ApiOptions options{.app = AppId{1}, .attempts_max = 2, .bytes = &bytes, .jitter = &bytes, .pause = &reply};
  auto api = ServerApi::open(options, Secret("zegocall-test-secret-0123456789a"), reply).value();
  const auto answer = api.call(action, reply.clock.now());
  if (answer) return;
  require(answer.error().code != ErrorCode::internal);
  for (const char c : to_string(answer.error())) require(c != '\n');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 14) {
    case 0: ask(CloseRoom{.room = "r"}, rest); break;
    case 1: ask(DescribeUserNum{.rooms = {"r"}}, rest); break;
    case 2: ask(DescribeUserList{.room = "r"}, rest); break;
    case 3: ask(DescribeUsers{.room = "r", .users = {"u"}}, rest); break;
    case 4: ask(DescribeSimpleStreamList{.room = "r"}, rest); break;
    case 5: ask(SendBroadcastMessage{.room = "r", .user = "u", .content = "m"}, rest); break;
    case 6: ask(SendCustomCommand{.room = "r", .from = "u", .content = "m"}, rest); break;
    case 7:
      ask(SetForbidUserRule{.user = "u", .privileges = {ForbidPrivilege::login}, .lasts = std::chrono::seconds(1)}, rest);
      break;
    case 8: ask(DescribeForbidUserRules{}, rest); break;
    case 9: ask(DescribeForbidStreamRules{.room = "r", .streams = {"s"}}, rest); break;
    case 10: ask(DescribeRTCStreamState{.stream = "s"}, rest); break;
    case 11: ask(GetMixTaskInfo{.task = "t"}, rest); break;
    case 12: ask(GenerateIdentifyToken{}, rest); break;
    case 13: ask(ApiRequest{.action = "Own"}, rest); break;
  }
  return 0;
}
