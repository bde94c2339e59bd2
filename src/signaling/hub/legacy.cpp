#include "signaling/hub/legacy.hpp"

#include "zegocall/base/json.hpp"

namespace zegocall::hub_detail {

namespace {

constexpr std::size_t members_max = 64;  // what comes behind them is not read

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/// `+` and `%41` as in a form; what is no escape stays as it is.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0;
    if (escape) {
      out.push_back(static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

}  // namespace

LegacyConnect read_legacy_connect(std::string_view nsp) {
  const std::size_t mark = nsp.find('?');
  LegacyConnect out{nsp.substr(0, mark), "{}"};
  if (mark == std::string_view::npos) return out;
  JsonObject auth;
  std::size_t members = 0;
  for (std::string_view rest = nsp.substr(mark + 1); !rest.empty() && members < members_max; ++members) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const std::size_t equals = pair.find('=');
    const std::string name = unescaped(pair.substr(0, equals));
    if (!name.empty()) auth.add(name, equals == std::string_view::npos ? std::string() : unescaped(pair.substr(equals + 1)));
  }
  out.auth = auth.text();
  return out;
}

}  // namespace zegocall::hub_detail
