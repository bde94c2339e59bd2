// The server side of Engine.IO v4 (and v3 where it is allowed) without any I/O: the sessions of one path, over long-polling and
// WebSockets. HubCore stands on it; a host that wants bare messages uses it directly. Loop thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "signaling/hub/addresses.hpp"
#include "signaling/hub/settings.hpp"
#include "signaling/hub/timers.hpp"
#include "signaling/hub/transport.hpp"
#include "signaling/wire/engine_session.hpp"
#include "zegocall/base/random.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall::hub_detail {

using wire_detail::EngineSession;
using wire_detail::SessionEnd;
using wire_detail::SessionTimer;

/// One Engine.IO session. A stale one is a no-op everywhere.
struct SessionId {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;  ///< never 0 for a real session
  friend bool operator==(const SessionId&, const SessionId&) = default;
};

/// 20 characters of 120 random bits.
EngineSession::Sid make_sid(ByteSource& bytes);
/// Of several cores that share their clients, the one whose session a request is about: its number is in the sid's first
/// character. Nothing if the request names no session, or none that one of them can have made.
std::optional<unsigned> core_of_request(std::string_view query, unsigned cores);

/// What a session says. May call any function of the core.
class EngineEvents {
 public:
  virtual ~EngineEvents() = default;
  virtual void on_session(SessionId) = 0;
  virtual void on_message(SessionId, std::string_view payload, bool binary) = 0;
  /// Once, last, at the end of the turn.
  virtual void on_session_end(SessionId, SessionEnd) = 0;
  /// The end of the turn: a chance to tell what was put off. True if there was something.
  virtual bool on_turn_end() { return false; }
};

class EngineCore final : private wire_detail::SessionOwner {
 public:
  /// Host, events and byte source outlive the core. Destroying it calls nothing.
  EngineCore(const HubSettings& settings, TransportHost& host, EngineEvents& events, ByteSource& bytes);
  ~EngineCore() override;
  EngineCore(const EngineCore&) = delete;
  EngineCore& operator=(const EngineCore&) = delete;

  // The same doors as HubCore's, with the same meaning.
  void on_http(Peer, const EngineRequest&, std::string_view body, Now);
  /// on_http would refuse it, whatever its body is. In a turn.
  bool refuses(const EngineRequest&);
  void on_body_begins(Peer, const EngineRequest&, Now);
  void on_request_gone(Peer, Now);
  std::optional<HttpReply> on_upgrade(Peer, const EngineRequest&, Now);
  void on_open(Peer, Now);
  void on_message(Peer, std::string_view payload, bool binary, Now);
  void on_close(Peer, Now);
  std::optional<SteadyTime> deadline() const;
  /// The same; SteadyTime::max() if there is none.
  SteadyTime next_deadline() const;
  void on_deadline(Now);
  void open_turn(Now now);
  void close_turn();

  /// One Engine.IO message.
  void send_message(SessionId, std::string_view payload, bool binary, Now);
  /// Ends a session, after what is queued for it. The event follows at the end of the turn.
  void close(SessionId, SessionEnd, Now);
  void stop_accepting() { accepting_ = false; }
  /// Ends up to `count` sessions; returns how many are left.
  std::size_t close_sessions(std::size_t count, SessionEnd, Now);

  const HandshakeContext* handshake(SessionId) const;
  const Counters& counters() const { return counters_; }

  // For HubCore, inside a turn.
  Now now() const { return now_; }
  Counters& counters() { return counters_; }
  /// Null when stale or ended.
  EngineSession* find(SessionId id);
  void end(SessionId id, SessionEnd why);
  /// One more packet of its address; false if that is too many.
  bool take_address_packet(SessionId id) {
    AddressUse* use = slots_[id.index].address;
    return !use || addresses_->take_packet(*use, now_.steady);
  }
  std::uint32_t generation_at(std::uint32_t index) const { return slots_[index].generation; }

  /// open_turn and close_turn of a block.
  class Turn {
   public:
    Turn(EngineCore& core, Now now) : core_(core) { core_.open_turn(now); }
    ~Turn() { core_.close_turn(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    EngineCore& core_;
  };

 private:
  struct Slot {
    std::uint32_t generation = 0;
    bool told = false;  ///< on_session was said, and on_session_end not yet
    TimerNode heartbeat;
    TimerNode upgrade;
    AddressUse* address = nullptr;
    std::optional<EngineSession> session;
  };
  /// What a Peer of ours is.
  struct Link {
    enum class Kind : unsigned char { none, poll, post, handshake, probe, refused, websocket } kind = Kind::none;
    std::uint32_t generation = 0;
    SessionId session;
    wire_detail::EngineRevision revision;
    std::unique_ptr<HandshakeContext> context;
  };

  void arm(EngineSession&, SessionTimer) override;
  void disarm(EngineSession&, SessionTimer) override;
  void flush_soon(EngineSession&) override;
  void on_message(EngineSession&, std::string_view payload, bool binary) override;
  void on_upgraded(EngineSession&) override;
  void on_end(EngineSession&, SessionEnd) override;
  void on_gone(EngineSession&) override;

  Slot& slot_of(EngineSession& session);
  SessionId id_of(EngineSession& session);
  Slot* live(SessionId id);
  Link& link(Peer peer);
  Link* find_link(Peer peer);
  SessionId find_sid(std::string_view sid) const;
  SessionId create(std::unique_ptr<HandshakeContext> context, wire_detail::EngineRevision revision);
  void refuse(Peer request, int code);
  std::optional<int> refusal(const EngineRequest& request, bool upgrade);
  bool counts_addresses() const;
  bool address_is_full(const HandshakeContext* context) const;
  void count_address(Slot& slot);
  void uncount_address(Slot& slot);
  void open_by_poll(Peer request, std::string_view query);
  void open_by_websocket(Peer websocket, Link& opened);
  void greet();
  void run_timers();
  SteadyTime ping_sent_at(const TimerNode& ping) const;
  void settle();
  void count_end(SessionEnd why);
  void free_gone();

  HubSettings settings_;
  wire_detail::SessionSettings session_settings_;
  TransportHost& host_;
  EngineEvents& events_;
  ByteSource& bytes_;
  Counters counters_;
  std::deque<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<Link> links_;  // by Peer::slot
  std::unordered_map<std::string_view, std::uint32_t> by_sid_;
  TimerQueue ping_, pong_, silence_, linger_, upgrade_;
  Addresses own_addresses_;
  AddressBook* const addresses_;
  struct Greeting {
    SteadyTime at;
    Peer websocket;
  };
  std::deque<Greeting> greetings_;  // v3 sessions that are about to open
  std::vector<SessionId> to_flush_;
  struct Ended {
    SessionId id;
    SessionEnd why;
  };
  std::vector<Ended> ended_;
  std::vector<std::uint32_t> gone_;
  std::string out_;
  Now now_{};
  unsigned depth_ = 0;
  bool accepting_ = true;
};

}  // namespace zegocall::hub_detail
