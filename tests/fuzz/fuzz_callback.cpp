// Callback bodies from a hostile peer. The first byte says where the rest goes in: as a body, or as the members of a body
// with a right signature, where an attacker comes with one captured callback; those go on through the ordering.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "zego/digest.hpp"
#include "zegocall/zego/callback.hpp"
#include "zegocall/zego/room_order.hpp"

using namespace zegocall;

namespace {

constexpr std::string_view secret_text = "callback-secret-made-up-for-tests";
constexpr UnixTime now{std::chrono::seconds(1735689600)};

void require(bool holds) {
  if (!holds) std::abort();
}

Result<ProviderEvent> check_body(std::string_view body) {
  static const Secret secret{secret_text};
  const auto envelope = read_callback(body);
  if (!envelope) {
    const ErrorCode code = envelope.error().code;
    require(code == ErrorCode::protocol || code == ErrorCode::payload_too_large);
    return unexpected(envelope.error());
  }
  require(envelope->body.kind() == JsonKind::object && !envelope->nonce.empty());
  const auto seen = make_seen_once(1);
  const auto callback = verify_callback(*envelope, secret, *seen, now);
  if (!callback) return unexpected(callback.error());
  require(verify_callback(*envelope, secret, *seen, now).error().code == ErrorCode::replayed);
  auto event = interpret_callback(*callback);
  if (!event) require(event.error().code == ErrorCode::protocol && !event.error().field.empty());
  if (event) require(!head_of(*event).event.empty() && interpret_callback(*callback).value().index() == event->index());
  return event;
}

// `members` is what stands in an object after the signed part.
std::string signed_body(std::string_view members) {
  static const std::string signature = *zego_detail::hex_digest("SHA1", {"1735689600", "350176", secret_text});
  std::string out = R"({"timestamp":1735689600,"nonce":"350176","signature":")" + signature + '"';
  if (!members.empty()) out.append(",").append(members);
  return out + "}";
}

// A callback per line, each signed; told in this order and once more.
void check_order(std::string_view lines) {
  RoomOrder order({.parked_per_room_max = 4, .parked_max = 8});
  UnixTime time = now;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(line.size() < lines.size() ? line.size() + 1 : line.size());
    const auto event = check_body(signed_body(line));
    if (!event) continue;
    order.handle(*event, time);
    order.handle(*event, time);
    require(order.parked() <= 8);
    time += std::chrono::seconds(40);
    order.on_deadline(time);
  }
  for (int i = 0; i < 1000 && order.deadline(); ++i) order.on_deadline(*order.deadline());
  require(!order.deadline() && order.parked() == 0);
  while (const auto change = order.poll()) require(!to_string(*change).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0)
    static_cast<void>(check_body(rest));
  else
    check_order(rest);
  return 0;
}
