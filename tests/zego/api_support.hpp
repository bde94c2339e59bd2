// What the tests of the server API share: a port that answers what the test says, and clocks that move when told.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "zegocall/testing.hpp"
#include "zegocall/zego/api.hpp"

namespace zegocall::zego_test {

using namespace std::chrono_literals;

inline constexpr std::string_view secret = "zegocall-test-secret-0123456789a";
inline constexpr AppId app{1234567890};

inline std::string envelope(std::int64_t code, const std::string& data = "{}") {
  return R"({"Code":)" + std::to_string(code) + R"(,"Message":"m","RequestId":"8000000000000000001","Data":)" + data + "}";
}

/// One thing that was asked.
struct Asked {
  OutgoingRequest request;
  Now at;
};

/// The provider, its network, and the time that everything happens at.
class World final : public HttpPort, public ApiPause {
 public:
  using Answer = std::function<Result<HttpReply>(const OutgoingRequest&)>;
  World() { answers(envelope(0)); }

  void answers(std::string body, int status = 200) {
    answer = [body = std::move(body), status](const OutgoingRequest&) { return HttpReply{.status = status, .body = body}; };
  }
  Result<HttpReply> send(const OutgoingRequest& request) override {
    asked.push_back({request, clock.now()});
    clock.advance(takes);
    return answer(request);
  }
  Now wait_until(SteadyTime at) override {
    if (at > clock.now().steady) clock.advance(std::chrono::ceil<std::chrono::milliseconds>(at - clock.now().steady));
    return clock.now();
  }

  ServerApi open(ApiOptions options = {}) {
    options.app = app;
    options.bytes = &bytes;
    options.jitter = &jitter;
    options.pause = this;
    return ServerApi::open(std::move(options), Secret(secret), *this).value();
  }
  Now now() const { return clock.now(); }

  ManualClock clock;
  CountingBytes bytes;
  CountingBytes jitter;
  Answer answer;
  std::chrono::milliseconds takes{0};  // that a request takes
  std::vector<Asked> asked;
};

/// The query's parameter, still encoded; empty if it is not there.
inline std::string parameter(const OutgoingRequest& request, const std::string& name) {
  const std::string in = "&" + request.url.substr(request.url.find('?') + 1) + "&";
  const std::size_t at = in.find("&" + name + "=");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 2;
  return in.substr(begin, in.find('&', begin) - begin);
}

inline std::string host(const OutgoingRequest& request) { return request.url.substr(8, request.url.find('/', 8) - 8); }

}  // namespace zegocall::zego_test

namespace doctest {
template <>
struct StringMaker<zegocall::ErrorCode> {
  static String convert(zegocall::ErrorCode code) { return std::string(zegocall::name(code)).c_str(); }
};
}  // namespace doctest
