// Sessions from every state: the input is a script of what peers, the host and time do to one hub, of which the first byte says
// what it serves (Engine.IO v3, recovery, which policy against floods). Nothing may crash,
// no session may become inconsistent, every connection gets exactly one end, and at last everything is gone.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "signaling/hub/core.hpp"
#include "zegocall/testing.hpp"

using namespace zegocall;
using namespace zegocall::hub_detail;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

class Bytes final : public ByteSource {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& b : out) state_ = state_ * 6364136223846793005u + 1, b = static_cast<std::byte>(state_ >> 56);
  }

 private:
  std::uint64_t state_ = 7;
};

/// Takes the script apart.
class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}
  bool done() const { return rest_.empty(); }
  unsigned byte() {
    if (rest_.empty()) return 0;
    const unsigned value = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::string_view text() {
    const std::string_view taken = rest_.substr(0, byte() % 64);
    rest_.remove_prefix(std::min(taken.size(), rest_.size()));
    return taken;
  }

 private:
  std::string_view rest_;
};

struct Host final : HubHost {
  HubCore* core = nullptr;
  ManualClock clock;
  std::map<std::uint32_t, int> open;  // by connection index
  std::vector<Connection> known;
  std::map<std::uint64_t, bool> asked;
  std::string last_sid, last_pid;
  std::size_t queued = 0;
  unsigned mood = 0;

  void send(std::span<const Peer>, std::string_view payload, bool) override { note(payload); }
  void note(std::string_view payload) {
    const std::size_t at = payload.find("\"pid\":\"");
    if (at != std::string_view::npos) last_pid = payload.substr(at + 7, 20);
  }
  std::optional<std::uint16_t> pattern_of(std::string_view name) override {
    return name.starts_with("/p") ? std::optional<std::uint16_t>(9) : std::nullopt;
  }
  std::size_t buffered(Peer) override { return queued; }
  void close(Peer, bool) override {}
  void answer(Peer, const HttpReply& reply) override {
    const std::size_t at = reply.body.find("\"sid\":\"");
    note(reply.body);
    if (reply.body.find("0{") != std::string_view::npos && at != std::string_view::npos) last_sid = reply.body.substr(at + 7, 20);
  }
  void pause_reading(Peer, bool) override {}
  std::unique_ptr<HandshakeContext> handshake_of(Peer) override { return nullptr; }
  void on_authenticate(Connection c, NamespaceIndex, std::string_view, const HandshakeContext*) override {
    known.push_back(c);
    if (mood % 4 == 0) return;
    if (mood % 4 == 1) return core->refuse(c, "no", "", clock.now());
    Accepted accepted;
    accepted.user = UserId("u");
    (void)core->recover(c, accepted.user, clock.now());
    if (mood % 4 == 2) accepted.expires = clock.now().wall + std::chrono::seconds(3);
    core->accept(c, std::move(accepted), clock.now());
  }
  void on_connect(Connection c) override { require(++open[c.index] == 1); }
  Taken on_event(Connection c, const EventIn& event) override {
    if (mood & 4) return Taken::hold;
    require(open[c.index] == 1);
    if (event.ack) core->acknowledge(c, *event.ack, event.args, clock.now());
    if (mood & 8) core->emit(Target{.but = c}, event.name, event.args, clock.now());
    if (mood & 16) core->disconnect(c, HubCore::Scope::connection, clock.now());
    if (mood & 32) core->kick(c, "mood", clock.now());
    if (mood & 64) (void)core->join(c, event.name);
    return Taken::yes;
  }
  Taken on_disconnect(Connection c, std::string_view) override {
    if ((mood & 4) && (mood & 128)) return Taken::hold;
    require(--open[c.index] == 0);
    return Taken::yes;
  }
  void on_answer(std::uint64_t token, Connection, const ArgsView&) override { require(asked.count(token) && !asked[token]); }
  void on_ask_end(std::uint64_t token, const AskEnd& end) override {
    require(asked.count(token) && !asked[token]);
    require(end.answered + end.lost <= end.asked);
    asked[token] = true;
  }
};

HubSettings small_settings(unsigned choice) {
  HubSettings settings;
  settings.allow_eio3 = (choice & 1) != 0;
  if (choice & 2) settings.recovery = {std::chrono::milliseconds(2000), 3, 6, 600};
  settings.flood = (choice & 4) != 0 ? Flood::slow_down : Flood::disconnect;
  settings.limits.namespaces = 3;
  settings.ping_interval = std::chrono::milliseconds(300);
  settings.ping_timeout = std::chrono::milliseconds(200);
  settings.connect_timeout = std::chrono::milliseconds(1000);
  settings.limits.outbox_bytes = 400;
  settings.limits.outbox_droppable_bytes = 40;
  settings.limits.held_events = 4;
  settings.limits.pending_acks = 2;
  settings.limits.groups_per_connection = 3;
  settings.limits.packets_per_second = 20;
  settings.limits.packets_burst = 100;
  return settings;
}

struct Session {
  Host host;
  Bytes bytes;
  HubCore core;
  std::uint64_t token = 0;
  const Args bytes_args{BytesView("x")};

  explicit Session(unsigned choice) : core(small_settings(choice), {"/", "/a"}, host, bytes) { host.core = &core; }
  Now now() const { return host.clock.now(); }

  std::string sid_query(bool old) const {
    return (old ? "EIO=3&transport=polling&sid=" : "EIO=4&transport=polling&sid=") + host.last_sid;
  }
  void http(Script& script, HttpMethod method, bool with_sid, bool old = false) {
    std::string query = with_sid ? sid_query(old) : std::string(old ? "EIO=3&transport=polling" : "EIO=4&transport=polling");
    if (old && script.byte() % 2 == 1) query += "&b64=1";
    core.on_http({script.byte() % 16, 1}, {method, query, old ? "application/octet-stream" : "text/plain"},
                 method == HttpMethod::post ? script.text() : "", now());
  }
  void come_back(Script& script) {
    const std::string frame =
        "40{\"pid\":\"" + host.last_pid + "\",\"offset\":\"" + std::string(script.byte() % 2 ? "x.1" : "") + "\"}";
    core.on_message({16 + script.byte() % 8, 1}, frame, false, now());
  }
  void upgrade(Script& script, bool with_sid, bool old = false) {
    const Peer peer{16 + script.byte() % 8, 1};
    core.on_close(peer, now());
    const std::string query =
        std::string(old ? "EIO=3" : "EIO=4") + "&transport=websocket" + (with_sid ? "&sid=" + host.last_sid : std::string());
    if (!core.on_upgrade(peer, {HttpMethod::get, query, ""}, now())) core.on_open(peer, now());
  }
  Connection pick(Script& script) { return host.known.empty() ? Connection{} : host.known[script.byte() % host.known.size()]; }
  void frame(Script& script) { core.on_message({16 + script.byte() % 8, 1}, script.text(), false, now()); }
  void usual(Script& script) {
    static const char* frames[] = {"40",
                                   "40/a,",
                                   "2probe",
                                   "5",
                                   "3",
                                   "42[\"x\"]",
                                   "427[\"y\",{\"a\":1}]",
                                   "430[1]",
                                   "41",
                                   "41/a,",
                                   "451-[\"b\",{\"_placeholder\":true,\"num\":0}]",
                                   "1",
                                   "40/p1,",
                                   "40/p2,",
                                   "40/a?x=1&y,",
                                   "41/p1,",
                                   "42/p1,[\"z\"]",
                                   "2",
                                   "b4AQI="};
    core.on_message({16 + script.byte() % 8, 1}, frames[script.byte() % std::size(frames)], false, now());
  }
  void ask(Script& script) {
    host.asked[++token] = false;
    const auto timeout = std::chrono::milliseconds(script.byte() * 10);
    if (script.byte() % 2)
      core.ask(pick(script), "q", {}, timeout, token, now());
    else
      core.ask(Target{}, "q", {}, timeout, token, now());
  }
  void step(Script& script) {
    switch (script.byte() % 26) {
      case 0: return http(script, HttpMethod::get, false);
      case 1: return http(script, HttpMethod::get, true);
      case 2: return http(script, HttpMethod::post, true);
      case 3: return core.on_request_gone({script.byte() % 16, 1}, now());
      case 4: return upgrade(script, false);
      case 5: return upgrade(script, true);
      case 6: return frame(script);
      case 7: return core.on_message({16 + script.byte() % 8, 1}, script.text(), true, now());
      case 8: return core.on_close({16 + script.byte() % 8, 1}, now());
      case 9: return host.clock.advance(std::chrono::milliseconds(script.byte() * 4)), core.on_deadline(now());
      case 10: host.mood = script.byte(); return;
      case 11: return core.resume(pick(script), now());
      case 12: return core.emit(Target{.droppable = script.byte() % 2 == 1}, "e", {}, now());
      case 13: return core.disconnect(pick(script), HubCore::Scope::whole_session, now());
      case 14: return ask(script);
      case 15: return core.accept(pick(script), {}, now());
      case 16: host.queued = script.byte() * 2; return;
      case 17: return (void)core.join(pick(script), script.text());
      case 18: return core.leave(Target{}, script.text());
      case 19: return come_back(script);
      case 20: return http(script, HttpMethod::get, false, true);
      case 21: return http(script, HttpMethod::post, true, true);
      case 22: return upgrade(script, false, true);
      case 23: return core.emit(Target{}, "e", bytes_args.view(), now());
      case 24: return core.on_body_begins({script.byte() % 16, 1}, {HttpMethod::post, sid_query(false), "text/plain"}, now());
      default: return usual(script);
    }
  }
  void finish() {
    host.mood = 2;
    core.close_sessions(1000, now());
    for (const Connection c : host.known) core.resume(c, now());
    for (int i = 0; i < 100 && core.deadline(); ++i) {
      host.clock.advance(std::chrono::milliseconds(1000));
      core.on_deadline(now());
    }
    require(!core.deadline());
    require(core.counters().now_sessions == 0 && core.counters().now_connections == 0 && core.counters().now_groups == 0);
    require(core.counters().now_away == 0 && core.counters().now_namespaces == 2);
    require(core.counters().now_asks == 0 && core.counters().now_polling == 0);
    for (const auto& [index, count] : host.open) require(count == 0);
    for (const auto& [name, ended] : host.asked) require(ended);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script(data, size);
  Session session(script.byte());
  while (!script.done()) session.step(script);
  session.finish();
  return 0;
}
