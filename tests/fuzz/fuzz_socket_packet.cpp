// Socket.IO packets: whatever decodes says the same when it is encoded and decoded again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "signaling/wire/socket_packet.hpp"

using namespace zegocall;
using namespace zegocall::wire_detail;

namespace {

/// The frame that we would send for this packet, without the Engine.IO digit; empty if a server sends no such packet.
std::string said_again(const SocketPacket& packet, const ArgsView& args) {
  std::string frame;
  switch (packet.type) {
    case SocketType::event:
    case SocketType::binary_event: encode_event(frame, packet.nsp, packet.id, packet.name, args); break;
    case SocketType::ack:
    case SocketType::binary_ack: encode_ack(frame, packet.nsp, *packet.id, args); break;
    case SocketType::connect:
      encode_connect(frame, packet.nsp, packet.json.kind() == JsonKind::object ? packet.json.text() : std::string_view());
      break;
    case SocketType::disconnect: encode_disconnect(frame, packet.nsp); break;
    case SocketType::connect_error: break;
  }
  return frame.empty() ? frame : frame.substr(1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string scratch, second_scratch;
  auto packet = decode_socket(text, {}, scratch);
  if (!packet) return 0;
  static const std::vector<std::string> all(10, "attachment");
  const std::span<const std::string> parts(all.data(), packet->attachments);
  auto args = packet->binary() ? attach(*packet, parts) : Result<ArgsView>(packet->args);
  if (!args) return 0;
  const std::string frame = said_again(*packet, *args);
  if (frame.empty()) return 0;
  auto second = decode_socket(frame, {}, second_scratch);
  if (!second) std::abort();
  if (second->nsp != packet->nsp || second->name != packet->name || second->args.text() != packet->args.text()) std::abort();
  const bool has_id = packet->type != SocketType::connect && packet->type != SocketType::disconnect;
  if (has_id && second->id != packet->id) std::abort();
  return 0;
}
