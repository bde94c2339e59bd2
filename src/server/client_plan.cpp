#include "server/client_plan.hpp"

#include <algorithm>

#include "base/http_text.hpp"
#include "net/http_url.hpp"
#include "signaling/wire/engine_packet.hpp"
#include "signaling/wire/reserved_names.hpp"

namespace zegocall::server_detail {
namespace {

using namespace std::chrono_literals;
using client_detail::EngineMode;

constexpr std::chrono::milliseconds time_max = 24h;

Unexpected refuse(std::string field, const char* detail) {
  return fail_field(ErrorCode::invalid_argument, std::move(field), detail);
}

Result<void> check_time(const char* field, std::chrono::milliseconds value, std::chrono::milliseconds least) {
  if (value >= least && value <= time_max) return {};
  return fail_field(ErrorCode::out_of_range, field, "must be " + std::to_string(least.count()) + " ms to 24 h");
}

Result<void> check_path(const std::string& path) {
  if (path.empty() || path.front() != '/') return refuse("path", "must begin with a slash");
  const auto is_odd = [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f || c == '?' || c == '#';
  };
  if (std::any_of(path.begin(), path.end(), is_odd)) return refuse("path", "has a character that must be escaped");
  return {};
}

Result<void> check_sizes(const ClientOptions& options) {
  if (options.message_bytes_max == 0) return refuse("message_bytes_max", "must not be 0");
  if (options.outbox_bytes_max == 0) return refuse("outbox_bytes_max", "must not be 0");
  return {};
}

Result<void> check_times(const ClientOptions& options) {
  auto good = check_time("connect_timeout", options.connect_timeout, 1ms);
  if (good) good = check_time("reconnect.first", options.reconnect.first, 1ms);
  if (good) good = check_time("reconnect.max", options.reconnect.max, 1ms);
  if (good) good = check_time("reconnect.give_up_after", options.reconnect.give_up_after, 0ms);
  if (good) good = check_time("reconnect.reset_after", options.reconnect.reset_after, 0ms);
  if (good && options.reconnect.max < options.reconnect.first)
    return fail_field(ErrorCode::invalid_argument, "reconnect.max",
                      "must be at least reconnect.first, " + std::to_string(options.reconnect.first.count()) + " ms");
  return good;
}

/// What the library says itself must not be said twice.
bool is_ours(const std::string& lower_name) {
  static constexpr std::string_view ours[] = {"host",    "connection",        "upgrade", "content-length",  "content-type", "te",
                                              "trailer", "transfer-encoding", "expect",  "accept-encoding", "keep-alive"};
  return std::find(std::begin(ours), std::end(ours), lower_name) != std::end(ours) || lower_name.starts_with("sec-websocket-") ||
         lower_name.starts_with("proxy-");
}

Result<std::string> header_lines(const ClientOptions& options) {
  std::string out;
  for (std::size_t i = 0; i < options.headers.size(); ++i) {
    const auto& [name, value] = options.headers[i];
    const std::string field = "headers." + std::to_string(i);
    const std::string lower = base_detail::lower_case(name);
    const bool token = !lower.empty() && std::all_of(lower.begin(), lower.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
    if (!token) return refuse(field, "the name must be letters, digits, - and _");
    if (is_ours(lower)) return refuse(field, "this header is the library's own");
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::any_of(value.begin(), value.end(), is_control)) return refuse(field, "the value has a control character");
    out.append(name).append(": ").append(value).append("\r\n");
  }
  return out;
}

Result<std::vector<std::string>> space_names(const std::string& main, const ClientWiring& wiring) {
  std::vector<std::string> names{main};
  for (std::size_t i = 0; i < wiring.namespaces.size(); ++i) {
    const std::string& name = wiring.namespaces[i].name;
    const std::string field = "namespaces." + std::to_string(i) + ".name";
    if (name.empty() || name.front() != '/') return refuse(field, "must begin with a slash");
    const auto is_odd = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == ',' || c == '?'; };
    if (std::any_of(name.begin(), name.end(), is_odd)) return refuse(field, "has a character that a namespace cannot have");
    if (std::find(names.begin(), names.end(), name) != names.end()) return refuse(field, "is there twice");
    names.push_back(name);
  }
  return names;
}

Result<void> check_handlers(const std::vector<std::pair<std::string, MessageHandler>>& on, const std::string& field) {
  for (const auto& [event, handler] : on) {
    const auto same = [&name = event](const auto& other) { return other.first == name; };
    if (std::count_if(on.begin(), on.end(), same) > 1) return refuse(field + "." + event, "has two handlers");
    if (wire_detail::is_reserved(event)) return refuse(field + "." + event, wire_detail::reserved_words);
    if (!handler) return refuse(field + "." + event, "has no handler");
  }
  return {};
}

Result<void> check_all_handlers(const ClientWiring& wiring) {
  auto good = check_handlers(wiring.on, "on");
  for (std::size_t i = 0; i < wiring.namespaces.size() && good; ++i)
    good = check_handlers(wiring.namespaces[i].on, "namespaces." + std::to_string(i) + ".on");
  return good;
}

Result<void> plan_proxy(const ClientOptions& options, const ClientUrl& url, ClientPlan& plan) {
  const ClientProxy& proxy = options.proxy;
  if (proxy.url.empty()) {
    if (proxy.user.empty() && proxy.password.empty()) return {};
    return refuse("proxy.url", "is needed with a user or password");
  }
  const auto hop = net_detail::parse_http_url(proxy.url, "proxy.url");
  if (!hop) return unexpected(hop.error());
  if (hop->tls || hop->target != "/") return refuse("proxy.url", "must be http://host:port");
  if (proxy.user.find(':') != std::string::npos) return refuse("proxy.user", "must not hold a colon");
  const bool v6 = url.host.find(':') != std::string::npos;
  plan.look_up = hop->host;
  plan.to.port = hop->port;
  plan.to.proxy = net_detail::ProxyHop{(v6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port), {}};
  if (proxy.user.empty() && proxy.password.empty()) return {};
  plan.to.proxy->authorization = "Basic ";
  std::string both = proxy.user + ":" + std::string(proxy.password.reveal());
  wire_detail::append_base64(plan.to.proxy->authorization, both);
  wipe(both.data(), both.size());
  return {};
}

Result<void> plan_tls(const ClientOptions& options, const ClientUrl& url, ClientPlan& plan) {
  const ClientTls& tls = options.tls;
  if (!url.tls) {
    const bool plain = tls.ca_file.empty() && tls.certificate_file.empty() && tls.key_file.empty() && tls.pins.empty() &&
                       !tls.pins_alone && tls.server_name.empty();
    return plain ? Result<void>() : refuse("tls", "needs an https:// or wss:// address: nothing is checked without");
  }
  auto trust = net_detail::TlsTrust::open({.ca_file = tls.ca_file,
                                           .certificate_file = tls.certificate_file,
                                           .key_file = tls.key_file,
                                           .pins = tls.pins,
                                           .pins_alone = tls.pins_alone});
  if (!trust) {
    Error why = std::move(trust).error();
    if (!why.field.empty()) why.field.insert(0, "tls.");
    return unexpected(std::move(why));
  }
  plan.to.tls = std::make_shared<net_detail::TlsTrust>(*std::move(trust));
  plan.to.tls_host = tls.server_name.empty() ? url.host : tls.server_name;
  return {};
}

EngineMode mode_of(Transport transport) {
  switch (transport) {
    case Transport::websocket: return EngineMode::websocket;
    case Transport::polling: return EngineMode::polling;
    case Transport::upgrade: return EngineMode::upgrade;
  }
  return EngineMode::websocket;
}

client_detail::CoreOptions core_options(const ClientOptions& options, const ClientUrl& url) {
  client_detail::CoreOptions core;
  core.mode = mode_of(options.transport);
  core.target = options.path + (options.path.back() == '/' ? "?" : "/?") + (url.query.empty() ? "" : url.query + "&") + "EIO=4";
  core.connect_timeout = options.connect_timeout;
  core.retry = {options.reconnect.first, options.reconnect.max, options.reconnect.tries_max, options.reconnect.give_up_after,
                options.reconnect.reset_after};
  core.limits.attachments = options.attachments_max;
  core.limits.json.bytes_max = options.message_bytes_max;
  core.waiting_bytes_max = options.outbox_bytes_max;
  return core;
}

}  // namespace

Result<ClientPlan> plan_client(const ClientOptions& options, const ClientWiring& wiring) {
  const auto url = parse_client_url(options.url);
  if (!url) return unexpected(url.error());
  ClientPlan plan{
      .look_up = url->host, .to = {}, .head = "Host: " + url->authority + "\r\n", .core = core_options(options, *url)};
  plan.to.port = url->port;
  auto good = check_path(options.path);
  if (good) good = check_sizes(options);
  if (good) good = check_times(options);
  if (good) good = plan_proxy(options, *url, plan);
  if (good) good = plan_tls(options, *url, plan);
  if (!good) return unexpected(std::move(good).error());
  const auto lines = header_lines(options);
  if (!lines) return unexpected(lines.error());
  plan.head += *lines;
  auto names = space_names(url->nsp, wiring);
  if (!names) return unexpected(std::move(names).error());
  plan.core.spaces = *std::move(names);
  if (auto handled = check_all_handlers(wiring); !handled) return unexpected(std::move(handled).error());
  return plan;
}

}  // namespace zegocall::server_detail
