// Polling bodies of Engine.IO v3, in both forms: whatever decodes says the same when it is encoded, in either form, and decoded
// again. The first byte chooses the form.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "signaling/wire/engine3_packet.hpp"

using namespace zegocall::wire_detail;

namespace {

struct Packet {
  EngineType type;
  bool binary;
  std::string data;
  friend bool operator==(const Packet&, const Packet&) = default;
};

/// Up to the first packet that cannot be read; `whole` tells whether there was none.
std::vector<Packet> read(std::string_view body, bool bytes, bool& whole) {
  std::vector<Packet> out;
  whole = true;
  for (Payload3Reader reader(body, bytes); !reader.done();) {
    const auto packet = reader.next();
    if (!packet) return whole = false, out;
    out.push_back({packet->type, packet->binary, std::string(packet->data)});
  }
  return out;
}

void require_same(std::string_view body, bool bytes, const std::vector<Packet>& wanted) {
  bool whole = false;
  if (!(read(body, bytes, whole) == wanted) || !whole) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  bool whole = false;
  const std::vector<Packet> packets = read(body, data[0] % 2 == 1, whole);
  if (packets.empty()) return 0;
  std::string again;
  for (const Packet& packet : packets) append_to_payload3(again, EnginePacket{packet.type, packet.binary, packet.data});
  require_same(again, false, packets);
  require_same(payload3_as_bytes(again), true, packets);
  return 0;
}
