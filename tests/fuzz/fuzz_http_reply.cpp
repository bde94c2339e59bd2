// HTTP replies, cut into pieces as the first byte says: what is read must not depend on where the network cuts.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/http_reply.hpp"

using namespace zegocall;

namespace {

Result<net_detail::ReadReply> read_in_pieces(std::string_view bytes, std::size_t piece) {
  return net_detail::read_reply("GET", 1000, [&](std::string& into) -> Result<bool> {
    if (bytes.empty()) return false;
    into.append(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    return true;
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = read_in_pieces(rest, rest.size() + 1);
  const auto cut = read_in_pieces(rest, data[0] % 16u + 1);
  if (whole.has_value() != cut.has_value()) std::abort();
  if (!whole) return 0;
  if (whole->reply.status != cut->reply.status || whole->reply.body != cut->reply.body ||
      whole->reply.headers != cut->reply.headers)
    std::abort();
  if (whole->reply.body.size() > 1000) std::abort();
  return 0;
}
