// Engine.IO packets and polling bodies: whatever decodes says the same when it is encoded and decoded again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "signaling/wire/engine_packet.hpp"

using namespace zegocall::wire_detail;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  std::string again, scratch;
  std::vector<std::pair<EnginePacket, std::string>> packets;
  for (PayloadReader reader(body); !reader.done();) {
    auto packet = reader.next();
    if (!packet) break;
    append_to_payload(again, *packet);
    packets.emplace_back(*packet, std::string(packet->data));
  }
  if (packets.empty()) return 0;
  PayloadReader reader(again);
  for (auto& [packet, bytes] : packets) {
    packet.data = bytes;
    auto second = reader.next();
    if (!second || !(*second == packet)) std::abort();
  }
  if (!reader.done()) std::abort();
  return 0;
}
