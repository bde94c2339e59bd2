#include "serve.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace example {

using zegocall::ErrorCode;
using zegocall::fail_field;
using zegocall::Result;
using zegocall::unexpected;

namespace {

std::optional<std::string> from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

sigset_t kept_signals() {
  sigset_t out;
  sigemptyset(&out);
  sigaddset(&out, SIGTERM);
  sigaddset(&out, SIGINT);
  sigaddset(&out, SIGHUP);
  return out;
}

Result<void> check_this_build(const Settings& settings) {
  const std::string db = settings.text("db");
  if (db.starts_with("postgresql://") || db.starts_with("postgres://"))
    return fail_field(ErrorCode::not_in_this_build, settings.source("db"), "not in this build: PostgreSQL");
  if (settings.given("redis"))
    return fail_field(ErrorCode::not_in_this_build, settings.source("redis"), "not in this build: Redis");
#ifndef ZEGOCALL_TEST_CLOCK
  if (settings.on("test-clock"))
    return fail_field(ErrorCode::not_in_this_build, "--test-clock", "not in this build: configure with ZEGOCALL_TEST_CLOCK=ON");
#endif
  return {};
}

Result<void> read_proxies(Start& start) {
  start.hub.trusted_proxies = start.settings.list("trusted-proxies");
  const std::string header = start.settings.text("proxy-header");
  if (header != "x-forwarded-for" && header != "forwarded")
    return wrong(start.settings, "proxy-header", "must be x-forwarded-for or forwarded");
  if (header == "forwarded") start.hub.proxy_header = zegocall::ProxyHeader::forwarded;
  return {};
}

Result<void> read_log_level(Start& start) {
  using zegocall::LogLevel;
  const std::string wanted = start.settings.text("log-level");
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    if (zegocall::name(level) != wanted) continue;
    start.hub.log = zegocall::stderr_log(level);
    return {};
  }
  return wrong(start.settings, "log-level", "must be debug, info, warning or error");
}

Result<void> read_access_log(Start& start) {
  const std::string path = start.settings.text("access-log");
  if (path.empty()) return {};
  if (path == "-") return start.hub.access_log = zegocall::stderr_log(), Result<void>{};
  auto log = zegocall::FileLog::open(path, zegocall::LogLevel::info, start.hub.log);
  if (!log) return wrong(start.settings, "access-log", log.error().detail);
  start.access_log = *std::move(log);
  start.hub.access_log = start.access_log->sink();
  return {};
}

/// How many lines a full disk has cost, beside the program's own counters.
void count_lost_lines(Start& start) {
  if (!start.access_log) return;
  start.hub.metrics = [log = *start.access_log, own = start.hub.metrics] {
    return "# HELP zegocall_access_log_lost_total Lines of the access log that could not be written\n"
           "# TYPE zegocall_access_log_lost_total counter\nzegocall_access_log_lost_total " +
           std::to_string(log.lost()) + "\n" + (own ? own() : std::string());
  };
}

Result<void> fill(Start& start) {
  if (auto fine = check_this_build(start.settings); !fine) return fine;
  const auto port = start.settings.number("port", 0, 65535);
  if (!port) return unexpected(port.error());
  const auto loops = start.settings.number("loops", 1, 64);
  if (!loops) return unexpected(loops.error());
  start.hub.loops = static_cast<unsigned>(*loops);
  const auto connections = start.settings.number("connections-per-address", 0, 1'000'000);
  if (!connections) return unexpected(connections.error());
  start.hub.limits.connections_per_address_max = static_cast<std::size_t>(*connections);
  const auto linger = start.settings.number("drain-seconds", 0, 600);
  if (!linger) return unexpected(linger.error());
  start.drain.linger = std::chrono::seconds(*linger);
  start.drain.grace += start.drain.linger;
  start.db = start.settings.text("db");
  start.hub.host = start.settings.text("host");
  start.hub.port = static_cast<std::uint16_t>(*port);
  start.hub.tls.certificate_file = start.settings.text("tls-cert");
  start.hub.tls.key_file = start.settings.text("tls-key");
  start.hub.tls.client_ca_file = start.settings.text("tls-client-ca");
  start.hub.allowed_origins = start.settings.list("allowed-origins");
  if (auto fine = read_log_level(start); !fine) return fine;
  if (auto fine = read_proxies(start); !fine) return fine;
  if (auto fine = read_access_log(start); !fine) return fine;
  if (start.settings.on("test-clock")) {
    start.test_clock = std::make_unique<zegocall::AdvancingClock>();
    start.hub.clock = start.test_clock.get();
  }
  return {};
}

/// The settings behind HubOptions' fields.
constexpr std::pair<std::string_view, std::string_view> setting_of[] = {
    {"host", "host"},
    {"port", "port"},
    {"loops", "loops"},
    {"tls.certificate_file", "tls-cert"},
    {"tls.key_file", "tls-key"},
    {"tls.client_ca_file", "tls-client-ca"},
    {"allowed_origins", "allowed-origins"},
    {"trusted_proxies", "trusted-proxies"},
};

/// An error of Hub::open as one of what the person wrote. An entry of a list is counted from one.
zegocall::Error as_written(const Settings& settings, zegocall::Error error) {
  const std::size_t digits = error.field.find_last_not_of("0123456789") + 1;
  const bool entry = digits > 0 && digits < error.field.size() && error.field[digits - 1] == '.';
  const std::string option = entry ? error.field.substr(0, digits - 1) : error.field;
  for (const auto& [field, name] : setting_of) {
    if (field != option) continue;
    if (entry) error.detail.insert(0, "entry " + std::to_string(std::stoul(error.field.substr(digits)) + 1) + ": ");
    error.field = settings.source(name);
    break;
  }
  return error;
}

int refuse(std::string_view server, const zegocall::Error& error) {
  std::string text = error.field;
  if (!error.detail.empty()) text += (text.empty() ? "" : ": ") + error.detail;
  if (text.empty()) text = zegocall::name(error.code);
  std::fprintf(stderr, "%s: %s\n", std::string(server).c_str(), text.c_str());
  return 2;
}

}  // namespace

int main_of(std::string_view server, std::vector<Option> own_options, int argc, char** argv,
            const std::function<Result<int>(Start&)>& serve) {
  const sigset_t signals = kept_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::vector<Option> options = common_options(server);
  options.insert(options.end(), own_options.begin(), own_options.end());
  auto settings = Settings::read(std::move(options), {argv + 1, argv + argc}, from_environment);
  if (!settings) return refuse(server, settings.error());
  if (settings->on("help")) return std::fputs(settings->usage(server).c_str(), stdout), 0;
  Start start{std::string(server), *std::move(settings), {}, {}, {}, nullptr, {}};
  if (auto filled = fill(start); !filled) return refuse(server, filled.error());
  const auto code = serve(start);
  return code ? *code : refuse(server, code.error());
}

std::function<zegocall::Now()> clock_of(const Start& start) {
  if (!start.test_clock) return zegocall::system_now;
  return [clock = start.test_clock.get()] { return clock->now(); };
}

void add_test_clock(const Start& start, zegocall::Router& http) {
  if (!start.test_clock) return;
  http.route(zegocall::Method::post, "/test/advance",
             [clock = start.test_clock.get()](const zegocall::HttpRequest& request) -> Result<zegocall::HttpResponse> {
               const auto ms = request.get<std::uint32_t>("ms");
               if (!ms) return unexpected(ms.error());
               clock->advance(std::chrono::milliseconds(*ms));
               // A group runs what is due; a deadline that another one set is in the next.
               for (int group = 0; group < 3; ++group)
                 if (auto ran = request.wait_service([]() -> Result<void> { return {}; }); !ran) return unexpected(ran.error());
               return zegocall::http_json(200, zegocall::JsonObject{{"now", zegocall::iso8601(clock->now().wall)}});
             },
             zegocall::Run::worker, {.body_max = 1024, .anonymous = true});
}

namespace {

std::string address_of(const zegocall::HubOptions& options, std::uint16_t port) {
  if (options.host.starts_with("unix:")) return options.host;
  const bool v6 = options.host.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + options.host + "]" : options.host;
  return (options.tls.certificate_file.empty() ? "http://" : "https://") + host + ":" + std::to_string(port);
}

/// What SIGHUP asks for: the access log that somebody has moved away, and the certificate. On failure the old one stays.
void reload(Start& start, const zegocall::Hub& hub) {
  const auto say = [&](const Result<void>& done, const char* fine, const char* not_so) {
    if (done) return start.hub.log(zegocall::LogLevel::info, fine);
    start.hub.log(zegocall::LogLevel::error, not_so + to_string(as_written(start.settings, done.error())));
  };
  if (start.access_log) {
    auto done = start.access_log->reopen();
    if (!done) done = wrong(start.settings, "access-log", done.error().detail);
    say(done, "the access log was opened again", "the old access log stays: ");
  }
  if (!start.hub.tls.certificate_file.empty())
    say(hub.reload_tls(), "the certificate was read again", "the old certificate stays: ");
}

}  // namespace

Result<int> run(Start& start, zegocall::Wiring wiring) {
  count_lost_lines(start);
  auto hub = zegocall::Hub::open(start.hub, std::move(wiring));
  if (!hub) return unexpected(as_written(start.settings, hub.error()));
  std::printf("listening on %s\n", address_of(start.hub, hub->port()).c_str());
  std::fflush(stdout);
  const sigset_t signals = kept_signals();
  int which = 0;
  while (sigwait(&signals, &which) == 0 && which == SIGHUP) reload(start, *hub);
  hub->drain(start.drain);
  return 0;
}

}  // namespace example
