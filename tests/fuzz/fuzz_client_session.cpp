// The client's session from every state: whatever a server sends, every ask is answered at most once, the end comes once and
// nothing comes after it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "signaling/client/core.hpp"
#include "zegocall/testing.hpp"

using namespace zegocall;
using namespace zegocall::client_detail;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

struct Host final : ClientHost {
  void send(std::string_view payload, bool binary) override { require(!closed && (binary || !payload.empty())); }
  void on_connected() override { require(!closed); }
  void on_event(std::string_view, ArgsView args, std::optional<std::uint64_t> ack) override {
    require(!closed);
    if (ack) core->acknowledge(*ack, args);
  }
  void on_closed(const Error& why) override {
    require(!closed && !why.detail.empty());
    closed = true;
  }
  ClientCore* core = nullptr;
  bool closed = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Host host;
  ClientCore core({}, host);
  host.core = &core;
  ManualClock clock;
  const unsigned state = data[0] % 4u;
  int asked = 0, answered = 0;
  const auto ask = [&](std::uint64_t id) {
    ++asked;
    core.ask(make_event("/", "e", {}, id), clock.now().steady + std::chrono::seconds(id),
             [&](const Result<Args>&) { ++answered; });
  };
  core.start(clock.now());
  ask(1);
  if (state > 0) core.on_open({});
  if (state > 1)
    core.on_message(R"(0{"sid":"a","upgrades":[],"pingInterval":10,"pingTimeout":10,"maxPayload":9})", false, clock.now());
  if (state > 2) core.on_message(R"(40{"sid":"b"})", false, clock.now());
  ask(2);
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  while (!rest.empty()) {  // pieces end at 0xff; their first byte says what happens
    const std::size_t end = std::min(rest.find('\xff'), rest.size());
    std::string_view piece = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const char how = piece.empty() ? 't' : piece.front();
    if (!piece.empty()) piece.remove_prefix(1);
    if (how == 'd') {
      clock.advance(std::chrono::milliseconds(7));
      core.on_deadline(clock.now());
    } else {
      core.on_message(piece, how == 'b', clock.now());
    }
    require(core.closed() == host.closed && answered <= asked);
    require(core.deadline().has_value() != core.closed());
  }
  core.close({ErrorCode::closed, {}, "end"});
  require(host.closed && answered == asked);
  return 0;
}
