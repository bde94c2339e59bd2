// Inside HubCore. core.cpp has the doors, packets.cpp what peers say, deliver.cpp what is said to them.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "signaling/hub/connection.hpp"
#include "signaling/hub/core.hpp"
#include "signaling/hub/recovery.hpp"
#include "signaling/wire/socket_packet.hpp"

namespace zegocall::hub_detail {

struct HubCore::Impl final : EngineEvents {
  Impl(HubSettings s, std::vector<std::string> n, HubHost& h, ByteSource& b);

  struct Namespace {
    std::string name;
    Groups groups;
    std::optional<std::uint16_t> pattern;  ///< made it; such a one goes with the last that uses it
    std::size_t users = 0;                 ///< connections in any state, and those that may come back
    std::unique_ptr<PacketLog> log;        ///< where recovery is on
  };
  /// Why a WebSocket is not read.
  enum Pause : std::uint8_t { held_events = 1, flooding = 2 };

  // namespaces.cpp
  NamespaceIndex ns_index(std::string_view name) const;
  /// The namespace of a CONNECT, made if a pattern says so.
  NamespaceIndex ns_for_connect(std::string_view name);
  NamespaceIndex make_namespace(std::string_view name, std::uint16_t pattern);
  void use(NamespaceIndex ns) { ++namespaces[ns].users; }
  void stop_using(NamespaceIndex ns);

  // comeback.cpp
  bool recovers() const { return settings.recovery.keep.count() > 0; }
  void wish(std::uint32_t index, wire_detail::SocketPacket const& packet);
  std::unique_ptr<ConnectionData> recover(std::uint32_t index, const UserId& user);
  /// What a peer with this offset has: the last number of the log, and how much of what it brought along. Nothing if that
  /// cannot be told any more.
  struct Seen {
    std::uint64_t number = 0;
    std::size_t carried = 0;
  };
  std::optional<Seen> seen(const SavedConnection& saved, std::string_view offset) const;
  const SavedConnection* find_away(std::string_view pid, NamespaceIndex ns, const UserId& user);
  void put_away(SavedConnection saved);
  void assume(Conn& conn, SavedConnection& saved);
  void send_missed(std::uint32_t index);
  void keep_groups(std::uint32_t index);
  bool save(std::uint32_t index);
  void forget(SavedConnection saved);
  /// Gives an event its offset: `tail`, which stays empty where nothing is remembered.
  void offset_for(NamespaceIndex ns);
  void log_event(const Target& target, std::string_view own_group, std::span<const std::string> attachments);

  // core.cpp: connections
  Conn* live(Connection c);                ///< open or authenticating
  Conn* known(Connection c);               ///< any but unused
  std::uint32_t open_index(Connection c);  ///< `nobody` if it is not open
  Connection handle(std::uint32_t index) const { return {index, conns[index].generation}; }
  std::uint32_t create(SessionId session, NamespaceIndex ns);
  void unlink(std::uint32_t index);
  /// `recoverable`: its link was lost, so that it may come back.
  void leave(std::uint32_t index, std::string_view reason, bool recoverable = false);
  void welcome(std::uint32_t index);
  bool tell_left(std::uint32_t index);
  void free(std::uint32_t index);
  void disconnect(std::uint32_t index, Scope scope, std::string_view reason);
  void end_session(SessionId session, std::string_view reason, SessionEnd why);
  void set_expiry(std::uint32_t index, std::optional<UnixTime> expires);
  void on_expiry(std::uint32_t index);
  void resume(std::uint32_t index);

  // packets.cpp
  void on_session(SessionId id) override;
  void on_message(SessionId id, std::string_view payload, bool binary) override;
  void on_session_end(SessionId id, SessionEnd why) override;
  bool on_turn_end() override;
  bool within_rate(SessionId id, HubSession& session);
  bool slow_down(SessionId id, HubSession& session);
  void pause(SessionId id, Pause why, bool paused);
  void connect(SessionId id, std::string_view ns_name, std::string_view auth, const wire_detail::SocketPacket* packet);
  void make_legacy(std::uint32_t index);
  void refuse_namespace(SessionId id, std::string_view ns_name, std::string_view why);
  void on_attachment(SessionId id, std::string_view bytes);
  void bad_packet(SessionId id, const Error& error);
  void bad_order(SessionId id);
  void dispatch(SessionId id, const wire_detail::SocketPacket& packet, const ArgsView& args, std::string_view text);
  void on_connect(SessionId id, const wire_detail::SocketPacket& packet);
  void on_event(std::uint32_t index, const wire_detail::SocketPacket& packet, const ArgsView& args, std::string_view text);
  void on_ack(std::uint32_t index, const wire_detail::SocketPacket& packet, const ArgsView& args);
  void hold(std::uint32_t index, std::string_view text, std::span<const std::string> attachments);
  Taken offer_held(std::uint32_t index, const HeldEvent& event);
  std::uint32_t connection_of(const HubSession& session, NamespaceIndex ns) const;

  // deliver.cpp
  void collect(const Target& target);  ///< into `chosen`
  std::uint32_t one_of_sid(std::string_view group) const;
  void mark_group(Namespace& ns, std::string_view group);
  void collect_group(Namespace& ns, std::string_view group);
  void deliver(std::uint32_t index, std::string_view text, std::span<const std::string> attachments, bool droppable);
  void encode(NamespaceIndex ns, std::string_view name, const ArgsView& args, bool droppable);
  void fan_out(std::string_view text, std::span<const std::string> attachments, bool droppable);
  bool keeps_up(EngineSession& session, SessionId id, bool droppable);
  Result<void> join(std::uint32_t index, std::string_view group);
  bool ask_one(Asks::Opened ask, std::uint32_t index);

  static constexpr NamespaceIndex no_namespace = 0xffff;

  HubSettings settings;
  HubHost& host;
  ByteSource& bytes;
  wire_detail::SocketLimits packet_limits;
  std::deque<Namespace> namespaces;  // the named ones first, then those of patterns, whose places are used again
  std::size_t named = 0;
  std::vector<NamespaceIndex> free_namespaces;
  std::unordered_map<std::string_view, NamespaceIndex> dynamic;
  SavedConnections away;
  /// Connections that came from another core, and when they have surely got what they brought along.
  std::deque<std::pair<SteadyTime, Connection>> settling;
  void settle_carried(SteadyTime now);
  std::string run;  // tells this core's offsets from another's
  EngineCore engine;
  Conns conns;
  std::deque<HubSession> sessions;  // by SessionId::index
  std::vector<std::uint32_t> free_conns;
  std::vector<std::uint32_t> leaving;  // on_disconnect is to be said
  std::unordered_map<std::string_view, std::uint32_t> by_sid;
  Asks asks;
  Expiries expiries;
  TimerQueue connect_timer;
  TimerQueue slow_timer;
  std::uint64_t mark = 0;
  // Scratch of one call each: nothing is allocated per message once they have grown.
  std::string text;
  std::string tail;
  std::string name_scratch;
  std::vector<std::uint32_t> chosen;
  std::vector<Peer> peers;
};

}  // namespace zegocall::hub_detail
