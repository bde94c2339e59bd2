#include "server/proxies.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/http_text.hpp"
#include "server/url.hpp"

namespace zegocall::server_detail {
namespace {

constexpr std::array<std::uint8_t, 12> v4_in_v6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

using base_detail::trimmed;

/// Cuts the part behind the last `mark` that is not inside quotes off the end of `rest`.
std::string_view last_part(std::string_view& rest, char mark) {
  std::size_t cut = std::string_view::npos;
  bool quoted = false;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '"' && (!quoted || rest[i - 1] != '\\')) quoted = !quoted;
    if (rest[i] == mark && !quoted) cut = i;
  }
  const std::string_view part = cut == std::string_view::npos ? rest : rest.substr(cut + 1);
  rest = cut == std::string_view::npos ? std::string_view{} : rest.substr(0, cut);
  return trimmed(part);
}

bool is_port(std::string_view text) {
  return text.size() > 1 && text.size() <= 6 && text.front() == ':' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// "1.2.3.4", "1.2.3.4:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80"
std::optional<IpAddress> node_address(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return {};
    const std::string_view behind = text.substr(end + 1);
    if (!behind.empty() && !is_port(behind)) return {};
    const auto inside = IpAddress::of(text.substr(1, end - 1));
    return inside && text.find(':') < end ? inside : std::nullopt;
  }
  const std::size_t colon = text.find(':');
  const bool has_port = colon != std::string_view::npos && text.find('.') < colon && is_port(text.substr(colon));
  return IpAddress::of(has_port ? text.substr(0, colon) : text);
}

bool within(const IpAddress& address, const IpAddress& prefix, unsigned bits) {
  if (address.is_v6 != prefix.is_v6) return false;
  for (unsigned i = 0; i < bits; i += 8) {
    const unsigned used = std::min(8u, bits - i), mask = 0xffu << (8 - used) & 0xffu;
    if (((address.bytes[i / 8] ^ prefix.bytes[i / 8]) & mask) != 0) return false;
  }
  return true;
}

/// A parameter of one element of a Forwarded header, without its quotes.
std::string forwarded_value(std::string_view element, std::string_view name) {
  while (!element.empty()) {
    const std::string_view pair = last_part(element, ';');
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || !equal_ignoring_case(pair.substr(0, equals), name)) continue;
    std::string_view value = pair.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return std::string(value);
  }
  return {};
}

}  // namespace

std::optional<IpAddress> IpAddress::of(std::string_view text) {
  const std::string ended(text.substr(0, 64));
  IpAddress out;
  if (inet_pton(AF_INET, ended.c_str(), out.bytes.data()) == 1) return out;
  out.is_v6 = true;
  if (inet_pton(AF_INET6, ended.c_str(), out.bytes.data()) != 1) return {};
  if (!std::equal(v4_in_v6.begin(), v4_in_v6.end(), out.bytes.begin())) return out;
  IpAddress inner;
  std::copy(out.bytes.begin() + 12, out.bytes.end(), inner.bytes.begin());
  return inner;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes.data(), out.data(), out.size());
  return out.data();
}

Result<Proxies> Proxies::of(const std::vector<std::string>& trusted, ProxyHeader header) {
  Proxies out;
  out.header_ = header;
  for (std::size_t i = 0; i < trusted.size(); ++i) {
    if (trusted[i] == "unix") {
      out.unix_ = true;
      continue;
    }
    const std::size_t slash = trusted[i].find('/');
    const auto address = IpAddress::of(std::string_view(trusted[i]).substr(0, slash));
    unsigned bits = address ? address->bits() : 0;
    bool fine = address.has_value();
    if (fine && slash != std::string::npos) {
      const char* const end = trusted[i].data() + trusted[i].size();
      const auto [at, failed] = std::from_chars(trusted[i].data() + slash + 1, end, bits);
      fine = failed == std::errc() && at == end && bits <= address->bits();
    }
    if (!fine)
      return fail_field(ErrorCode::invalid_argument, "trusted_proxies." + std::to_string(i),
                        "must be an address, address/bits or unix");
    out.trusted_.push_back({*address, bits});
  }
  return out;
}

bool Proxies::trusts(std::string_view address) const {
  const auto ip = IpAddress::of(address);
  if (!ip) return unix_ && (address.empty() || address == "unix");
  return std::any_of(trusted_.begin(), trusted_.end(), [&](const Prefix& each) { return within(*ip, each.address, each.bits); });
}

Asker Proxies::asker(const net_detail::RequestHead& head) const {
  if (!any() || !trusts(head.peer_address)) return {head.peer_address, false};
  return header_ == ProxyHeader::forwarded ? by_forwarded(head) : by_x_forwarded(head);
}

Asker Proxies::by_x_forwarded(const net_detail::RequestHead& head) const {
  Asker out{head.peer_address, false};
  const auto scheme = head.header("x-forwarded-proto");
  std::string_view schemes = scheme ? std::string_view(*scheme) : std::string_view{};
  out.secure = equal_ignoring_case(last_part(schemes, ','), "https");
  const auto list = head.header("x-forwarded-for");
  for (std::string_view rest = list ? std::string_view(*list) : std::string_view{}; !rest.empty();) {
    const auto next = node_address(last_part(rest, ','));
    if (!next) break;
    out.address = next->text();
    if (!trusts(out.address)) break;
  }
  return out;
}

Asker Proxies::by_forwarded(const net_detail::RequestHead& head) const {
  Asker out{head.peer_address, false};
  const auto list = head.header("forwarded");
  for (std::string_view rest = list ? std::string_view(*list) : std::string_view{}; !rest.empty();) {
    const std::string_view element = last_part(rest, ',');
    const auto next = node_address(forwarded_value(element, "for"));
    if (!next) break;
    out.secure = equal_ignoring_case(forwarded_value(element, "proto"), "https");
    out.address = next->text();
    if (!trusts(out.address)) break;
  }
  return out;
}

}  // namespace zegocall::server_detail
