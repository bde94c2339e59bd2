// Inside HubCore. core.cpp has the doors, packets.cpp what peers say, deliver.cpp what is said to them.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "signaling/hub/connection.hpp"
#include "signaling/hub/core.hpp"
#include "signaling/wire/socket_packet.hpp"

namespace zegocall::hub_detail {

struct HubCore::Impl final : EngineEvents {
  Impl(HubSettings s, std::vector<std::string> n, HubHost& h, ByteSource& b);

  struct Namespace {
    std::string name;
    Groups groups;
  };

  // core.cpp: connections
  Conn* live(Connection c);                ///< open or authenticating
  Conn* known(Connection c);               ///< any but unused
  std::uint32_t open_index(Connection c);  ///< `nobody` if it is not open
  Connection handle(std::uint32_t index) const { return {index, conns[index].generation}; }
  std::uint32_t create(SessionId session, NamespaceIndex ns);
  void unlink(std::uint32_t index);
  void leave(std::uint32_t index, std::string_view reason);
  bool tell_left(std::uint32_t index);
  void free(std::uint32_t index);
  void disconnect(std::uint32_t index, Scope scope);
  void end_session(SessionId session, std::string_view reason, SessionEnd why);
  void set_expiry(std::uint32_t index, std::optional<UnixTime> expires);
  void on_expiry(std::uint32_t index);
  void resume(std::uint32_t index);

  // packets.cpp
  void on_session(SessionId id) override;
  void on_message(SessionId id, std::string_view payload, bool binary) override;
  void on_session_end(SessionId id, SessionEnd why) override;
  bool on_turn_end() override;
  bool within_rate(HubSession& session);
  void on_attachment(SessionId id, std::string_view bytes);
  void bad_packet(SessionId id, const Error& error);
  void bad_order(SessionId id);
  void dispatch(SessionId id, const wire_detail::SocketPacket& packet, const ArgsView& args, std::string_view text);
  void on_connect(SessionId id, const wire_detail::SocketPacket& packet);
  void on_event(std::uint32_t index, const wire_detail::SocketPacket& packet, const ArgsView& args, std::string_view text);
  void on_ack(std::uint32_t index, const wire_detail::SocketPacket& packet, const ArgsView& args);
  void hold(std::uint32_t index, std::string_view text, std::span<const std::string> attachments);
  Taken offer_held(std::uint32_t index, const HeldEvent& event);
  NamespaceIndex ns_index(std::string_view name) const;
  std::uint32_t connection_of(const HubSession& session, NamespaceIndex ns) const;

  // deliver.cpp
  void collect(const Target& target);  ///< into `chosen`
  void mark_group(Namespace& ns, std::string_view group);
  void collect_group(Namespace& ns, std::string_view group);
  void deliver(std::uint32_t index, std::string_view text, std::span<const std::string> attachments, bool droppable);
  void fan_out(std::string_view text, std::span<const std::string> attachments, bool droppable);
  bool keeps_up(EngineSession& session, SessionId id, bool droppable);
  Result<void> join(std::uint32_t index, std::string_view group);
  bool ask_one(Asks::Opened ask, std::uint32_t index);

  static constexpr NamespaceIndex no_namespace = 0xffff;

  HubSettings settings;
  HubHost& host;
  ByteSource& bytes;
  wire_detail::SocketLimits packet_limits;
  std::deque<Namespace> namespaces;
  EngineCore engine;
  Conns conns;
  std::deque<HubSession> sessions;  // by SessionId::index
  std::vector<std::uint32_t> free_conns;
  std::vector<std::uint32_t> leaving;  // on_disconnect is to be said
  std::unordered_map<std::string_view, std::uint32_t> by_sid;
  Asks asks;
  Expiries expiries;
  TimerQueue connect_timer;
  std::uint64_t mark = 0;
  // Scratch of one call each: nothing is allocated per message once they have grown.
  std::string text;
  std::string name_scratch;
  std::vector<std::uint32_t> chosen;
  std::vector<Peer> peers;
};

}  // namespace zegocall::hub_detail
