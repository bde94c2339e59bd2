// WebSocket frames: the reader says the same whether bytes come at once or in pieces, on both sides.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "net/ws_frames.hpp"

using namespace zegocall::net_detail;

namespace {

constexpr std::size_t message_max = 1000;

/// Everything that a reader says about these bytes, fed in pieces of this size.
std::string heard(WsSide side, std::string_view bytes, std::size_t piece) {
  WsReader reader(side);
  std::string waiting, out;
  while (!bytes.empty()) {
    const std::size_t now = std::min(piece, bytes.size());
    waiting.append(bytes.substr(0, now));
    bytes.remove_prefix(now);
    while (true) {
      const WsReader::Step step = reader.next(waiting.data(), waiting.size(), message_max);
      if (step.payload.size() > message_max) std::abort();
      out += static_cast<char>('a' + static_cast<int>(step.got)) + std::to_string(step.close_code) + (step.binary ? "b" : "t");
      if (step.got == WsReader::Got::failed) return out;
      if (step.consumed == 0) {
        out.resize(out.size() - 3);  // "more": how often depends on the pieces
        break;
      }
      out.append(step.payload);
      if (step.got == WsReader::Got::more) out.resize(out.size() - 3);
      waiting.erase(0, step.consumed);
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const WsSide side = (data[0] & 1) != 0 ? WsSide::client : WsSide::server;
  const std::size_t piece = 1 + data[1] % 32u;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  if (heard(side, bytes, bytes.size() + 1) != heard(side, bytes, piece)) std::abort();
  return 0;
}
