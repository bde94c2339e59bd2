// The client's session from every state and over every way: whatever a server and the transports do, every question is
// answered exactly once, the end comes once and is the last word, and the session's own rules hold after every step.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "signaling/client/core.hpp"
#include "zegocall/testing.hpp"

using namespace zegocall;
using namespace zegocall::client_detail;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

struct Host final : ClientHost {
  void request(HttpCall call, std::string_view target, std::string_view body) override {
    bool& busy = call == HttpCall::poll ? polls : posts;
    require(!busy && !target.empty() && (call == HttpCall::poll) == body.empty());
    busy = true;
  }
  void open_websocket(std::string_view) override { require(!std::exchange(websocket, true)); }
  void send_frame(std::string_view payload, bool binary) override { require(websocket && (binary || !payload.empty())); }
  void drop_websocket() override { websocket = false; }
  void drop() override { polls = posts = websocket = false; }
  void close_websocket() override { require(websocket); }
  void ask_credentials(std::uint32_t number) override { require(number > 0), asks_credentials = true; }
  void on_state(std::size_t space, SpaceState state, const Error& why) override {
    require(!closed[space]);
    if (state == SpaceState::closed) require(!why.detail.empty()), closed[space] = true;
    if (state == SpaceState::closed && space == 0) require(closed[1]);
  }
  void on_refused(std::size_t space, JsonView data) override { require(!closed[space] && JsonView::check(data.text())); }
  void on_event(std::size_t space, std::string_view, ArgsView args, std::optional<std::uint64_t> ack) override {
    require(!closed[space]);
    if (ack) core->acknowledge(space, *ack, args);
  }
  void on_answer(std::uint64_t id, Result<Args>) override { require(open.erase(id) == 1); }
  void on_unsent(const Error& why) override { require(!why.detail.empty()); }

  ClientCore* core = nullptr;
  bool polls = false, posts = false, websocket = false, asks_credentials = false;
  bool closed[2] = {false, false};
  std::set<std::uint64_t> open;
};

struct Session {
  explicit Session(EngineMode mode) : core(options(mode), host, jitter) { host.core = &core; }
  static CoreOptions options(EngineMode mode) {
    CoreOptions out;
    out.spaces = {"/", "/a"};
    out.mode = mode;
    out.retry = {std::chrono::milliseconds(1), std::chrono::milliseconds(8), 5, std::chrono::milliseconds(0),
                 std::chrono::milliseconds(50)};
    out.waiting_bytes_max = 200;
    return out;
  }

  void say(std::string_view text, bool binary = false) {
    if (host.websocket) core.engine().on_frame(text, binary, clock.now());
    if (host.polls && !binary) host.polls = false, core.engine().on_reply(HttpCall::poll, 200, text, clock.now());
  }
  void ask(std::size_t space) {
    host.open.insert(++last);
    core.ask(make_event(space, space == 0 ? "/" : "/a", "e", {}, last), clock.now().steady + std::chrono::milliseconds(last * 3),
             clock.now());
  }
  void present() {
    if (!std::exchange(host.asks_credentials, false)) return;
    core.on_credentials(std::vector<std::optional<Json>>(2), clock.now());
  }

  /// One step; the first byte of `piece` says what happens.
  void step(std::string_view piece) {
    const char how = piece.empty() ? 't' : piece.front();
    if (!piece.empty()) piece.remove_prefix(1);
    const Error cut{ErrorCode::closed, {}, "cut"};
    const Now now = clock.now();
    switch (how) {
      case 'd': clock.advance(std::chrono::milliseconds(7)), core.on_deadline(clock.now()); break;
      case 'b': say(piece, true); break;
      case 'c': present(); break;
      case 'o':
        if (host.websocket) core.engine().on_websocket_open();
        break;
      case 'w':
        if (std::exchange(host.websocket, false)) core.engine().on_websocket_gone(cut, now);
        break;
      case 'g':
        if (std::exchange(host.polls, false)) core.engine().on_request_gone(HttpCall::poll, cut, now);
        break;
      case 'p':
        if (std::exchange(host.posts, false)) core.engine().on_reply(HttpCall::post, piece.empty() ? 200 : 400, "ok", now);
        break;
      case 'e': core.emit(make_event(0, "/", piece, {}, {}), now); break;
      case 'q': ask(piece.empty() ? 0 : 1); break;
      case 'x': core.cancel(piece.size()); break;
      case 'y': core.cancel_waiting(); break;
      case 'z': core.close(cut, now.steady + std::chrono::milliseconds(5), now); break;
      default: say(piece);
    }
    core.flush(clock.now());
    require(core.consistent());
    require(host.closed[0] == core.closed() && (!core.closed() || host.open.empty()));
    require(core.deadline().has_value() || core.closed());
  }

  Host host;
  CountingBytes jitter;
  ManualClock clock;
  std::uint64_t last = 0;
  ClientCore core;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned start = data[0];
  Session session(static_cast<EngineMode>(start % 3u));
  session.core.start(session.clock.now());
  session.ask(0);
  const unsigned state = start / 3u % 5u;
  if (state > 0) session.present();
  if (state > 1) session.say(R"(0{"sid":"a","upgrades":["websocket"],"pingInterval":10,"pingTimeout":10,"maxPayload":60})");
  if (state > 2) session.step("p"), session.say(R"(40{"sid":"b","pid":"p"})");
  if (state > 3) session.step("p"), session.say(R"(40/a,{"sid":"c"})");
  session.ask(1);
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  while (!rest.empty()) {  // pieces end at 0xff
    const std::size_t end = std::min(rest.find('\xff'), rest.size());
    session.step(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  session.step("z");
  require(session.core.closed() && session.host.open.empty());
  for (int i = 0; i < 100 && !session.core.finished(); ++i) session.step("d");  // the goodbye has a limit
  require(session.core.finished());
  return 0;
}
