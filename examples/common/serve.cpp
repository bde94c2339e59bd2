#include "serve.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>

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

sigset_t end_signals() {
  sigset_t out;
  sigemptyset(&out);
  sigaddset(&out, SIGTERM);
  sigaddset(&out, SIGINT);
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

Result<void> fill(Start& start) {
  if (auto fine = check_this_build(start.settings); !fine) return fine;
  const auto port = start.settings.number("port", 0, 65535);
  if (!port) return unexpected(port.error());
  const auto linger = start.settings.number("drain-seconds", 0, 600);
  if (!linger) return unexpected(linger.error());
  start.drain.linger = std::chrono::seconds(*linger);
  start.drain.grace += start.drain.linger;
  start.db = start.settings.text("db");
  start.hub.host = start.settings.text("host");
  start.hub.port = static_cast<std::uint16_t>(*port);
  start.hub.allowed_origins = start.settings.list("allowed-origins");
  start.hub.log = zegocall::stderr_log();
  if (start.settings.on("test-clock")) {
    start.test_clock = std::make_unique<zegocall::AdvancingClock>();
    start.hub.clock = start.test_clock.get();
  }
  return {};
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
  const sigset_t signals = end_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::vector<Option> options = common_options(server);
  options.insert(options.end(), own_options.begin(), own_options.end());
  auto settings = Settings::read(std::move(options), {argv + 1, argv + argc}, from_environment);
  if (!settings) return refuse(server, settings.error());
  if (settings->on("help")) return std::fputs(settings->usage(server).c_str(), stdout), 0;
  Start start{std::string(server), *std::move(settings), {}, {}, {}, nullptr};
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

Result<int> run(Start& start, zegocall::Wiring wiring) {
  const std::string host = start.hub.host;
  auto hub = zegocall::Hub::open(start.hub, std::move(wiring));
  if (!hub) return unexpected(hub.error());
  const bool v6 = host.find(':') != std::string::npos;
  std::printf("listening on http://%s%s%s:%d\n", v6 ? "[" : "", host.c_str(), v6 ? "]" : "", int{hub->port()});
  std::fflush(stdout);
  const sigset_t signals = end_signals();
  int which = 0;
  sigwait(&signals, &which);
  hub->drain(start.drain);
  return 0;
}

}  // namespace example
