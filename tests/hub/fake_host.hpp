// A host in virtual time: it remembers what the core asked for, and lets everybody in unless told otherwise.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "signaling/hub/core.hpp"
#include "zegocall/testing.hpp"

namespace hub_test {

using namespace zegocall;
using namespace zegocall::hub_detail;

/// Different every time, the same in every run.
class ScriptedBytes final : public ByteSource {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& b : out) {
      state_ = state_ * 6364136223846793005u + 1442695040888963407u;
      b = static_cast<std::byte>(state_ >> 56);
    }
  }

 private:
  std::uint64_t state_ = 1;
};

struct Socket {
  std::vector<std::string> frames;  ///< binary ones begin with "b:"
  bool closed = false, aborted = false, paused = false;
  std::size_t buffered = 0;
};
struct Answer {
  int status;
  std::string type, body;
};
struct Heard {
  Connection from;
  std::string name, args;
  std::vector<std::string> attachments;
  std::optional<std::uint64_t> ack;
};

struct FakeHost : HubHost {
  HubCore* core = nullptr;
  ManualClock* clock = nullptr;
  std::map<std::uint32_t, Socket> sockets;
  std::map<std::uint32_t, std::vector<Answer>> answers;
  std::vector<Heard> heard;
  std::vector<Connection> connections;
  std::vector<Connection> waiting;  ///< for accept or refuse
  std::vector<std::string> log;     ///< order of what was called
  std::vector<std::string> auths;
  std::map<std::uint64_t, std::vector<std::string>> asked;
  std::map<std::uint64_t, AskEnd> ask_ends;
  std::size_t sends = 0;
  bool accept_at_once = true;
  std::function<Taken(Connection, const EventIn&)> handler;
  std::function<Taken(Connection)> on_gone;

  void send(std::span<const Peer> peers, std::string_view payload, bool binary) override {
    ++sends;
    for (const Peer& peer : peers) sockets[peer.slot].frames.push_back((binary ? "b:" : "") + std::string(payload));
  }
  std::size_t buffered(Peer peer) override { return sockets[peer.slot].buffered; }
  void close(Peer peer, bool abort) override {
    sockets[peer.slot].closed = true;
    sockets[peer.slot].aborted = abort;
  }
  void answer(Peer peer, const HttpReply& reply) override {
    answers[peer.slot].push_back({reply.status, std::string(reply.content_type), std::string(reply.body)});
  }
  void pause_reading(Peer peer, bool paused) override { sockets[peer.slot].paused = paused; }
  struct Head final : HandshakeContext {
    std::uint32_t slot = 0;
    std::string from;
    std::string_view address() const override { return from; }
  };
  std::string address;               ///< of those that open a session from here on
  std::string pattern = "/room-";    ///< names that begin so become namespaces
  std::vector<Coming> comings;       ///< how each accepted connection came to be
  std::vector<std::string> brought;  ///< the data that recovered connections brought with them
  struct Data final : ConnectionData {
    std::string text;
  };
  std::optional<std::uint16_t> pattern_of(std::string_view name) override {
    return name.starts_with(pattern) ? std::optional<std::uint16_t>(7) : std::nullopt;
  }
  std::unique_ptr<HandshakeContext> handshake_of(Peer peer) override {
    auto head = std::make_unique<Head>();
    head->slot = peer.slot;
    head->from = address;
    return head;
  }

  void on_authenticate(Connection c, NamespaceIndex, std::string_view auth, const HandshakeContext* context) override {
    CHECK(context != nullptr);
    auths.emplace_back(auth);
    if (!accept_at_once) return waiting.push_back(c);
    Accepted accepted;
    if (const auto json = Json::parse(std::string(auth))) accepted.user = json->get<UserId>("user").value_or(UserId());
    auto data = core->recover(c, accepted.user, clock->now());
    if (data) brought.push_back(static_cast<Data&>(*data).text);
    if (!data) data = std::make_unique<Data>();
    accepted.data = std::move(data);
    comings.push_back(core->coming(c));
    core->accept(c, std::move(accepted), clock->now());
  }
  void on_authenticate_gone(Connection) override { log.push_back("authenticate_gone"); }
  void on_connect(Connection c) override {
    connections.push_back(c);
    log.push_back("connect");
  }
  Taken on_event(Connection c, const EventIn& event) override {
    if (handler && handler(c, event) == Taken::hold) return Taken::hold;
    const auto parts = event.args.attachments();
    heard.push_back({c, std::string(event.name), std::string(event.args.text()), {parts.begin(), parts.end()}, event.ack});
    log.push_back("event " + std::string(event.name));
    return Taken::yes;
  }
  Taken on_disconnect(Connection c, std::string_view reason) override {
    CHECK(!core->alive(c));
    CHECK(!core->id(c).empty());
    if (on_gone && on_gone(c) == Taken::hold) return Taken::hold;
    log.push_back("disconnect " + std::string(reason));
    return Taken::yes;
  }
  void on_answer(std::uint64_t token, Connection, const ArgsView& answer) override { asked[token].emplace_back(answer.text()); }
  void on_ask_end(std::uint64_t token, const AskEnd& end) override {
    CHECK(ask_ends.count(token) == 0);
    ask_ends[token] = end;
  }
};

struct World {
  ManualClock clock;
  ScriptedBytes bytes;
  FakeHost host;
  HubCore core;
  std::uint32_t next_slot = 1;

  explicit World(HubSettings settings = {}) : core(settings, {"/", "/custom"}, host, bytes) {
    host.core = &core;
    host.clock = &clock;
  }
  Now now() const { return clock.now(); }
  /// Lets time pass, with every deadline on the way.
  void advance(std::chrono::milliseconds by) {
    const SteadyTime until = now().steady + by;
    while (core.deadline() && *core.deadline() <= until) {
      const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*core.deadline() - now().steady);
      clock.advance(std::max(wait, std::chrono::milliseconds(0)));
      core.on_deadline(now());
    }
    clock.advance(std::chrono::duration_cast<std::chrono::milliseconds>(until - now().steady));
  }

  Peer http(HttpMethod method, std::string_view query, std::string_view body = {}, std::string_view type = "text/plain") {
    const Peer peer{next_slot++, 1};
    core.on_http(peer, {method, query, type}, body, now());
    return peer;
  }
  Peer get(const std::string& sid) { return http(HttpMethod::get, "EIO=4&transport=polling&sid=" + sid); }
  Peer post(const std::string& sid, std::string_view body) {
    return http(HttpMethod::post, "EIO=4&transport=polling&sid=" + sid, body);
  }
  /// A POST of which only the head and a part of the body has come.
  Peer begin_post(const std::string& sid) {
    const Peer peer{next_slot++, 1};
    core.on_body_begins(peer, {HttpMethod::post, "EIO=4&transport=polling&sid=" + sid, "text/plain"}, now());
    return peer;
  }
  /// The sid of a new polling session.
  std::string poll() { return sid_in(answer(http(HttpMethod::get, "EIO=4&transport=polling&t=abc")).body); }
  static std::string sid_in(const std::string& handshake) {
    return Json::parse(handshake.substr(1)).value().get<std::string>("sid").value();
  }

  Peer websocket(const std::string& query = "EIO=4&transport=websocket") {
    const Peer peer{next_slot++, 1};
    REQUIRE(!core.on_upgrade(peer, {HttpMethod::get, query, ""}, now()));
    core.on_open(peer, now());
    return peer;
  }
  void say(Peer peer, std::string_view text) { core.on_message(peer, text, false, now()); }
  void say_binary(Peer peer, std::string_view bytes_said) { core.on_message(peer, bytes_said, true, now()); }
  Socket& socket(Peer peer) { return host.sockets[peer.slot]; }
  std::vector<std::string> frames(Peer peer) { return std::exchange(socket(peer).frames, {}); }
  bool answered(Peer peer) { return !host.answers[peer.slot].empty(); }
  Answer answer(Peer peer) {
    REQUIRE(host.answers[peer.slot].size() == 1);
    return host.answers[peer.slot].front();
  }
  /// A WebSocket with a connection to `/`.
  Peer member(const std::string& user = "") {
    const Peer peer = websocket();
    say(peer, user.empty() ? "40" : "40{\"user\":\"" + user + "\"}");
    REQUIRE(!host.connections.empty());
    (void)frames(peer);
    return peer;
  }
  Connection last() const { return host.connections.back(); }
  void emit(Target target, std::string_view name, const Args& args = {}) { core.emit(target, name, args.view(), now()); }
};

using Frames = std::vector<std::string>;

}  // namespace hub_test
