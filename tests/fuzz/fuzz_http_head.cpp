// Request heads: what is accepted holds what its readers rely on.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "net/http_head.hpp"

using namespace zegocall::net_detail;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}
bool plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  const auto end = head_size(text, 0);
  require(end.has_value() == (text.find("\r\n\r\n") != std::string::npos));
  if (!end) return 0;
  ParsedHead head;
  if (const auto refusal = parse_head(text.data(), *end, head)) {
    require(refusal->status >= 400 && refusal->status < 600 && !refusal->why.empty());
    return 0;
  }
  const RequestHead& request = head.request;
  require(request.path == "*" || (!request.path.empty() && request.path.front() == '/'));
  require(request.path.find_first_of(" ?#\r\n") == std::string_view::npos &&
          request.query.find_first_of(" #\r\n") == std::string_view::npos);
  require(request.wants_upgrade == !head.websocket_key.empty());
  int lengths = 0;
  for (const HeaderField& field : request.fields) {
    require(!field.name.empty() && plain(field.name) && plain(field.value) &&
            field.name.find_first_of(" :") == std::string_view::npos);
    require(field.name != "transfer-encoding");
    if (field.name == "content-length") ++lengths;
  }
  require(lengths <= 1 && (lengths == 1 || head.content_length == 0));
  return 0;
}
