// Reading and writing JSON as a hub does it: the whole frame is checked once, two members are read, the rest goes on.
#include <benchmark/benchmark.h>

#include <string>

#include "zegocall/base/json.hpp"

using namespace zegocall;

namespace {

std::string small_event() {
  std::string text =
      R"(["signal",{"to":"677485800001020304050607","from":"677485800001020304050608","kind":"candidate","callId":")";
  return text + "6774858000" + R"("}])";
}

/// An SDP as browsers send it: long, full of \r\n.
std::string large_event() {
  std::string sdp = R"(v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n)";
  while (sdp.size() < 1370) sdp += R"(a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n)";
  return R"(["signal",{"to":"677485800001020304050607","callId":"677485800001020304050608","data":{"type":"offer","sdp":")" +
         sdp + R"("}}])";
}

std::string many_members() {
  JsonObject out;
  for (int i = 0; i < 60'000; ++i) out.add("member_" + std::to_string(i), i);
  return std::string(out.text());
}

void check(benchmark::State& state, const std::string& text) {
  for (auto _ : state) benchmark::DoNotOptimize(JsonView::check(text, {.bytes_max = 8'000'000}));
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
  state.counters["bytes"] = static_cast<double>(text.size());
}

void relay(benchmark::State& state, const std::string& text) {
  std::string out;
  for (auto _ : state) {
    const auto view = JsonView::check(text);
    const ArgsView args(*view, 1);
    auto in = args.get<UserId, CallId>("0.to", "0.callId");
    benchmark::DoNotOptimize(in);
    out.assign("42[\"signal\",").append(args.text()).push_back(']');
    benchmark::DoNotOptimize(out);
  }
}

void write_event(benchmark::State& state) {
  const UserId user{"677485800001020304050607"};
  const CallId call{"677485800001020304050608"};
  for (auto _ : state) {
    const Args args{"call_accepted",
                    JsonObject{{"callId", call}, {"acceptedBy", user}, {"at", 1735689600000}, {"dismiss", true}}};
    benchmark::DoNotOptimize(args.text().data());
  }
}

void write_text(benchmark::State& state) {
  const std::string text(1400, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(Json::of(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}

}  // namespace

BENCHMARK_CAPTURE(check, small_event, small_event());
BENCHMARK_CAPTURE(check, large_event, large_event());
BENCHMARK_CAPTURE(check, object_of_60000, many_members());
BENCHMARK_CAPTURE(relay, small_event, small_event());
BENCHMARK_CAPTURE(relay, large_event, large_event());
BENCHMARK(write_event);
BENCHMARK(write_text);
