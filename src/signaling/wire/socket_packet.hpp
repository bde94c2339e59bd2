// Socket.IO v5 packets, as the text of one Engine.IO message: type, attachment count, namespace, id, JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "zegocall/base/json.hpp"
#include "zegocall/base/result.hpp"

namespace zegocall::wire_detail {

/// The numbers are those of the wire.
enum class SocketType : unsigned char {
  connect = 0,
  disconnect = 1,
  event = 2,
  ack = 3,
  connect_error = 4,
  binary_event = 5,
  binary_ack = 6,
};

struct SocketLimits {
  std::size_t attachments = 10;
  JsonLimits json;
};

/// One packet. Everything is a view of the text that it was decoded from, or of the scratch. In a packet that announces
/// attachments the placeholders are still objects: attach() makes them attachments.
struct SocketPacket {
  SocketType type = SocketType::event;
  std::string_view nsp = "/";
  std::optional<std::uint64_t> id;
  std::size_t attachments = 0;
  std::string_view name;  ///< of an event, unescaped
  JsonView json;          ///< the whole payload: CONNECT and CONNECT_ERROR; null if there is none
  ArgsView args;          ///< of an event without its name, of an ack

  bool binary() const { return type == SocketType::binary_event || type == SocketType::binary_ack; }
};

/// Decodes what follows the Engine.IO type character. An escaped event name is unescaped into `scratch`. Accepts what
/// socket.io-parser 4.2 accepts, less what JsonView::check refuses with JsonLimits::lone_surrogates, and less what means
/// nothing (docs/adr/0018); half a surrogate pair is U+FFFD in an event's name. Errors: protocol, limit_exceeded, or those of
/// JsonView::check.
Result<SocketPacket> decode_socket(std::string_view text, const SocketLimits& limits, std::string& scratch);

/// The packet's arguments with its attachments in place. Errors: protocol (a placeholder without an attachment).
Result<ArgsView> attach(const SocketPacket& packet, std::span<const std::string> attachments);

// Encoders append one Engine.IO text packet, with its type character 4; its attachments follow it as binary messages, in
// the order of args.attachments(). The type is a binary one when there are attachments.
/// `offset` follows the arguments as one more, a string that needs no escaping; "" = none.
void encode_event(std::string& out, std::string_view nsp, std::optional<std::uint64_t> id, std::string_view name,
                  const ArgsView& args, std::string_view offset = {});
void encode_ack(std::string& out, std::string_view nsp, std::uint64_t id, const ArgsView& args);
/// The server's answer to a CONNECT; neither text needs escaping. `pid` names the connection for a recovery, "" = none.
void encode_connected(std::string& out, std::string_view nsp, std::string_view sid, std::string_view pid = {});
/// The same for a client of Socket.IO 2, which is told nothing more.
void encode_connected_legacy(std::string& out, std::string_view nsp);
/// The client's CONNECT; `auth` is JSON text, "" = none.
void encode_connect(std::string& out, std::string_view nsp, std::string_view auth);
/// `data` is JSON text, "" = none.
void encode_connect_error(std::string& out, std::string_view nsp, std::string_view message, std::string_view data);
/// The same for a client of Socket.IO 2: the data, or else the message alone.
void encode_error_legacy(std::string& out, std::string_view nsp, std::string_view message, std::string_view data);
void encode_disconnect(std::string& out, std::string_view nsp);

/// Appends a JSON string.
void append_json_string(std::string& out, std::string_view text);

}  // namespace zegocall::wire_detail
