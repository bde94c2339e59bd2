// Encode and decode of Socket.IO packets, and the whole way of a relay through the hub without sockets.
#include <benchmark/benchmark.h>

#include <string>

#include "signaling/hub/core.hpp"
#include "signaling/wire/engine_packet.hpp"
#include "signaling/wire/socket_packet.hpp"
#include "zegocall/testing.hpp"

using namespace zegocall;
using namespace zegocall::hub_detail;

namespace {

/// `["signal",{"to":...,"data":...}]` with a body of about this many bytes.
std::string signal_packet(std::size_t bytes) {
  const Args args{JsonObject{{"to", "u1"}, {"from", "u2"}, {"data", JsonObject{{"sdp", std::string(bytes, 'v')}}}}};
  std::string frame;
  wire_detail::encode_event(frame, "/", std::nullopt, "signal", args);
  return frame;
}

void decode_event(benchmark::State& state) {
  const std::string frame = signal_packet(static_cast<std::size_t>(state.range(0)));
  const std::string_view text = std::string_view(frame).substr(1);
  std::string scratch;
  for (auto _ : state) benchmark::DoNotOptimize(wire_detail::decode_socket(text, {}, scratch));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(decode_event)->Arg(60)->Arg(1500)->Arg(64'000);

void encode_event(benchmark::State& state) {
  const Args args{JsonObject{{"to", "u1"}, {"data", std::string(static_cast<std::size_t>(state.range(0)), 'v')}}};
  std::string frame;
  for (auto _ : state) {
    frame.clear();
    wire_detail::encode_event(frame, "/", std::nullopt, "signal", args);
    benchmark::DoNotOptimize(frame.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(frame.size()));
}
BENCHMARK(encode_event)->Arg(60)->Arg(1500);

void decode_payload(benchmark::State& state) {
  std::string body;
  for (int i = 0; i < 10; ++i) wire_detail::append_to_payload(body, signal_packet(60));
  for (auto _ : state)
    for (wire_detail::PayloadReader reader(body); !reader.done();) benchmark::DoNotOptimize(reader.next());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(decode_payload);

class Bytes final : public ByteSource {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& b : out) state_ = state_ * 6364136223846793005u + 1, b = static_cast<std::byte>(state_ >> 56);
  }

 private:
  std::uint64_t state_ = 1;
};

/// Relays `signal` to the group "r", and swallows what is sent.
struct Relay final : HubHost {
  HubCore* core = nullptr;
  Now now{};
  std::size_t sent = 0;

  void send(std::span<const Peer> peers, std::string_view payload, bool) override {
    sent += peers.size();
    benchmark::DoNotOptimize(payload.data());
  }
  std::size_t buffered(Peer) override { return 0; }
  void close(Peer, bool) override {}
  void answer(Peer, const HttpReply&) override {}
  void pause_reading(Peer, bool) override {}
  std::unique_ptr<HandshakeContext> handshake_of(Peer) override { return nullptr; }
  void on_authenticate(Connection c, NamespaceIndex, std::string_view, const HandshakeContext*) override {
    core->accept(c, {}, now);
    (void)core->join(c, "r");
  }
  void on_connect(Connection) override {}
  Taken on_event(Connection c, const EventIn& event) override {
    static constexpr std::string_view to[] = {"r"};
    core->emit({.to = to, .but = c}, event.name, event.args, now);
    return Taken::yes;
  }
  Taken on_disconnect(Connection, std::string_view) override { return Taken::yes; }
  void on_answer(std::uint64_t, Connection, const ArgsView&) override {}
  void on_ask_end(std::uint64_t, const AskEnd&) override {}
};

/// One event in, `range(0)` - 1 members out, `range(1)` bytes each.
void relay(benchmark::State& state) {
  Relay host;
  Bytes bytes;
  HubSettings settings;
  settings.limits.packets_per_second = 0;
  HubCore core(settings, {"/"}, host, bytes);
  host.core = &core;
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(state.range(0)); ++i) {
    (void)core.on_upgrade({i, 1}, {HttpMethod::get, "EIO=4&transport=websocket", ""}, host.now);
    core.on_open({i, 1}, host.now);
    core.on_message({i, 1}, "40", false, host.now);
  }
  const std::string frame = signal_packet(static_cast<std::size_t>(state.range(1)));
  host.sent = 0;
  for (auto _ : state) core.on_message({0, 1}, frame, false, host.now);
  state.counters["out/s"] = benchmark::Counter(static_cast<double>(host.sent), benchmark::Counter::kIsRate);
}
BENCHMARK(relay)->Args({2, 60})->Args({2, 1500})->Args({10, 60})->Args({100, 60})->Args({10'000, 60});

/// A session from its upgrade to its end.
void churn(benchmark::State& state) {
  Relay host;
  Bytes bytes;
  HubCore core({}, {"/"}, host, bytes);
  host.core = &core;
  std::uint32_t generation = 0;
  for (auto _ : state) {
    const Peer peer{1, ++generation};
    (void)core.on_upgrade(peer, {HttpMethod::get, "EIO=4&transport=websocket", ""}, host.now);
    core.on_open(peer, host.now);
    core.on_message(peer, "40", false, host.now);
    core.on_close(peer, host.now);
  }
}
BENCHMARK(churn);

}  // namespace
