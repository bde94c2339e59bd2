#include "zego/api_sign.hpp"

#include "zego/digest.hpp"

namespace zegocall::zego_detail {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

}  // namespace

Result<std::string> sign_request(AppId app, std::string_view nonce, const Secret& secret, std::int64_t timestamp) {
  const std::string app_text = std::to_string(app.value), time_text = std::to_string(timestamp);
  auto hex = hex_digest("MD5", {app_text, nonce, secret.reveal(), time_text});
  if (!hex) return fail(ErrorCode::not_in_this_build, "the server API is signed with MD5, which this machine's OpenSSL refuses");
  return *std::move(hex);
}

void percent_encode(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', "0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15]});
    }
  }
}

void add_to_query(std::string& query, std::string_view name, std::string_view value) {
  if (!query.empty()) query.push_back('&');
  percent_encode(name, query);
  query.push_back('=');
  percent_encode(value, query);
}

}  // namespace zegocall::zego_detail
