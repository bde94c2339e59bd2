// A client's core on scripted transports: what a server says is pushed in, and everything that comes out is a line of `out`.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "signaling/client/core.hpp"
#include "zegocall/testing.hpp"

namespace zegocall::client_test {

using namespace client_detail;

/// Jitter that is told: 0 tries again at once, `most` waits as long as may be.
class Jitter final : public ByteSource {
 public:
  void fill(std::span<std::byte> out) override {
    std::uint64_t value = next;
    for (std::byte& each : out) each = std::byte(static_cast<unsigned char>(value)), value >>= 8;
  }
  std::uint64_t next = 0;
};

inline const char* const handshake_text =
    R"({"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000})";

struct Bench : ClientHost {
  explicit Bench(CoreOptions options = {})
      : mode(options.mode), names(options.spaces), core(with_once(std::move(options)), *this, jitter) {}
  /// Most tests want the first failure to be the last.
  static CoreOptions with_once(CoreOptions options) {
    if (options.retry.tries_max > 1'000'000) options.retry.tries_max = 0;
    return options;
  }

  void request(HttpCall call, std::string_view target, std::string_view body) override {
    out.push_back((call == HttpCall::poll ? "get " : "post ") + std::string(body));
    targets.emplace_back(target);
  }
  void open_websocket(std::string_view target) override {
    if (mode == EngineMode::upgrade) out.emplace_back("open websocket");
    targets.emplace_back(target);
  }
  void send_frame(std::string_view payload, bool binary) override {
    out.push_back((binary ? "bytes " : "send ") + std::string(payload));
  }
  void drop_websocket() override { out.emplace_back("drop websocket"); }
  void drop() override { ++drops; }
  void close_websocket() override { out.emplace_back("close websocket"); }
  void ask_credentials(std::uint32_t number) override { asked_credentials = number; }
  void on_state(std::size_t space, SpaceState state, const Error& why) override {
    if (state == SpaceState::connecting && !tell_connecting) return;
    static constexpr const char* words[] = {"connecting", "connected", "waiting", "closed"};
    std::string line = (space == 0 ? "" : "space " + std::to_string(space) + " ") + words[static_cast<int>(state)];
    if (state == SpaceState::closed || state == SpaceState::waiting) line += " " + to_string(why);
    out.push_back(std::move(line));
  }
  void on_refused(std::size_t, JsonView) override {}
  void on_event(std::size_t space, std::string_view name, ArgsView args, std::optional<std::uint64_t> ack) override {
    out.push_back((space == 0 ? "event " : "space " + std::to_string(space) + " event ") + std::string(name) + " " +
                  std::string(args.text()));
    for (const std::string& bytes : args.attachments()) out.push_back("with " + bytes);
    const Args thanks{"thanks"};
    if (ack) core.acknowledge(space, *ack, thanks);
  }
  void on_answer(std::uint64_t id, Result<Args> answer) override {
    out.push_back("answer " + std::to_string(id) + " " +
                  (answer ? std::string(answer->text()) : std::string(name(answer.error().code))));
  }
  void on_unsent(const Error& why) override { out.push_back("unsent " + std::string(name(why.code))); }

  Now now() const { return clock.now(); }
  EngineClient& engine() { return core.engine(); }
  void settle() {
    core.flush(now());
    CHECK(core.consistent());
  }
  void hear(std::string_view text) { engine().on_frame(text, false, now()), settle(); }
  void hear_bytes(std::string_view bytes) { engine().on_frame(bytes, true, now()), settle(); }
  void reply(HttpCall call, std::string_view body, int status = 200) { engine().on_reply(call, status, body, now()), settle(); }
  void gone(const char* why = "broke") { engine().on_websocket_gone({ErrorCode::closed, {}, why}, now()), settle(); }
  /// Credentials for the main namespace; the transport is asked for.
  void present(std::optional<Json> auth = {}) {
    std::vector<std::optional<Json>> all(names.size());
    all[0] = std::move(auth);
    core.on_credentials(std::move(all), now());
    settle();
  }
  void open(std::optional<Json> auth = {}) {
    core.start(now());
    present(std::move(auth));
    hear("0" + std::string(handshake_text));
  }
  void connect() {
    open();
    hear(R"(40{"sid":"xyz"})");
    out.clear();
  }
  void emit(std::string_view name, const Args& args = {}, std::size_t space = 0) {
    core.emit(make_event(space, names[space], name, args, {}), now());
    settle();
  }
  void ask(std::uint64_t id, std::chrono::milliseconds limit, std::size_t space = 0) {
    core.ask(make_event(space, names[space], "ask", {}, id), now().steady + limit, now());
    settle();
  }
  void close(const char* why) {
    core.close({ErrorCode::closed, {}, why}, now().steady + std::chrono::milliseconds(500), now());
    settle();
  }
  /// Exactly to the core's own deadline.
  void run_to_deadline() {
    const auto due = core.deadline();
    REQUIRE(due);
    clock.advance(std::chrono::ceil<std::chrono::milliseconds>(*due - now().steady));
    core.on_deadline(now());
    settle();
  }
  bool says(std::vector<std::string> lines) {
    CHECK(out == lines);
    return std::exchange(out, {}) == lines;
  }

  EngineMode mode;
  std::vector<std::string> names;
  ManualClock clock;
  Jitter jitter;
  std::vector<std::string> out, targets;
  std::uint32_t asked_credentials = 0;
  int drops = 0;
  bool tell_connecting = false;
  ClientCore core;
};

}  // namespace zegocall::client_test
