// The polling client's replies: what is read must not depend on where the network cuts, nor say other than the strict
// reader of whole replies does.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "net/http_reply.hpp"
#include "net/reply_reader.hpp"

using namespace zegocall;
using net_detail::ReplyReader;

namespace {

constexpr std::size_t body_max = 1000;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Heard {
  bool failed = false, done = false, keeps = false;
  int status = 0;
  std::string body;
  std::size_t used = 0;
  bool operator==(const Heard&) const = default;
};

/// All bytes in pieces of this size, then the end of the stream.
Heard hear(std::string_view bytes, std::size_t piece) {
  ReplyReader reader(body_max);
  require(reader.untouched());
  Heard out;
  while (!bytes.empty() && !reader.done()) {
    const auto used = reader.feed(bytes.substr(0, piece));
    if (!used) return {.failed = true};
    require(*used > 0 && *used <= piece && reader.body().size() <= body_max);
    out.used += *used;
    bytes.remove_prefix(*used);
  }
  out.done = reader.done() || reader.end();
  if (!out.done) return out;
  out.status = reader.status();
  out.body = reader.body();
  out.keeps = reader.keeps();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Heard whole = hear(rest, rest.size() + 1);
  require(whole == hear(rest, data[0] % 16u + 1));
  if (!whole.done) return 0;
  require(whole.status >= 200 && whole.status <= 999);
  // What it has read to the end, the other reader takes for the same or refuses: it wants more of names and trailers.
  std::string_view left = rest;
  const auto strict = net_detail::read_reply("GET", body_max, [&](std::string& into) -> Result<bool> {
    if (left.empty()) return false;
    into.append(std::exchange(left, {}));
    return true;
  });
  if (!strict) return 0;
  require(strict->reply.status == whole.status && strict->reply.body == whole.body);
  return 0;
}
