#include "config.hpp"

#include <filesystem>

#include "zegocall/base/random.hpp"

using namespace zegocall;
using example::Kind;
using example::Settings;
using example::wrong;

namespace ring {
namespace {

constexpr std::size_t jwt_secret_bytes_min = 32;

/// Where the build has packed the stock client; where npm puts it, if that came later.
std::string vendor_folder() {
  const bool packed = std::filesystem::exists(RING_SERVER_PACKED_VENDOR_DIR "/socket.io.esm.min.js");
  return packed ? RING_SERVER_PACKED_VENDOR_DIR : RING_SERVER_VENDOR_DIR;
}

/// Both of the provider's values, or none of them.
Result<void> read_provider(const Settings& settings, Config& config) {
  if (!settings.given("zego-app-id") && !settings.given("zego-server-secret")) {
    config.warnings.push_back(
        "ZEGO_APP_ID and ZEGO_SERVER_SECRET are not set: provider tokens are off, calls between browsers work without");
    return {};
  }
  if (!settings.given("zego-server-secret")) return wrong(settings, "zego-server-secret", "is not set, but the app id is");
  if (!settings.given("zego-app-id"))
    return fail_field(ErrorCode::invalid_argument, "ZEGO_APP_ID", "is not set, but the server secret is");
  auto app = settings.number("zego-app-id", 1, 4'294'967'295);
  if (!app) return unexpected(app.error());
  config.app = AppId{static_cast<std::uint32_t>(*app)};
  auto keys = Keyring::of(config.app, settings.secret("zego-server-secret"));
  if (!keys) return wrong(settings, keys.error().field == "app" ? "zego-app-id" : "zego-server-secret", keys.error().detail);
  config.keys = *std::move(keys);
  config.provider_secret = settings.secret("zego-server-secret");
  return {};
}

Result<void> read_jwt(const Settings& settings, Config& config) {
  for (const char* name : {"jwt-access-secret", "jwt-refresh-secret", "jwt-secret"})
    if (settings.given(name) && settings.secret(name).size() < jwt_secret_bytes_min)
      return wrong(
          settings, name,
          std::to_string(settings.secret(name).size()) + " bytes, must be at least " + std::to_string(jwt_secret_bytes_min));
  const auto first_of = [&](std::initializer_list<const char*> names) -> Secret {
    for (const char* name : names)
      if (settings.given(name)) return settings.secret(name);
    return {};
  };
  config.access_secret = first_of({"jwt-access-secret", "jwt-secret"});
  if (config.access_secret.empty()) {
    config.warnings.push_back(
        "JWT_SECRET is not set: this start made one of its own, everybody must log in again after the next");
    std::string made;
    for (int n = 0; n < 4; ++n) made += make_id_text(UnixTime{}, system_bytes()).substr(8);
    config.access_secret = Secret(made);
    wipe(made.data(), made.size());
  }
  config.refresh_secret = first_of({"jwt-refresh-secret", "jwt-secret"});
  if (config.refresh_secret.empty()) config.refresh_secret = config.access_secret.clone();
  return {};
}

Result<void> check_scheme(const Settings& settings, const char* name, std::string_view plain, std::string_view secure) {
  for (const std::string& url : settings.list(name))
    if (!url.starts_with(plain) && !url.starts_with(secure))
      return wrong(settings, name, "must begin with " + std::string(plain) + " or " + std::string(secure));
  return {};
}

Result<void> read_ice(const Settings& settings, Config& config) {
  if (auto fine = check_scheme(settings, "stun-server", "stun:", "stuns:"); !fine) return fine;
  if (auto fine = check_scheme(settings, "turn-server-url", "turn:", "turns:"); !fine) return fine;
  config.ice = {settings.list("stun-server"), settings.list("turn-server-url"), settings.text("turn-username"),
                settings.text("turn-credential")};
  if (config.ice.turn.empty()) return {};
  for (const auto& [name, variable] :
       {std::pair{"turn-username", "TURN_USERNAME"}, std::pair{"turn-credential", "TURN_CREDENTIAL"}})
    if (!settings.given(name)) return fail_field(ErrorCode::invalid_argument, variable, "is not set, but TURN_SERVER_URL is");
  return {};
}

}  // namespace

std::vector<example::Option> options() {
  return {
      {"ring-seconds", "how long a call rings, 5 to 600", {"RING_SERVER_RING_SECONDS", "RING_SECONDS"}, "60"},
      {"access-minutes", "how long an access token is good", {"RING_SERVER_ACCESS_MINUTES", "ACCESS_TOKEN_MINUTES"}, "1440"},
      {"token-minutes",
       "how long a provider token is good, 3 to 34560; its people are told 90 s before",
       {"RING_SERVER_TOKEN_MINUTES", "ZEGO_TOKEN_MINUTES"},
       "120"},
      {"keep-calls-days",
       "delete calls so long after their end; 0: never",
       {"RING_SERVER_KEEP_CALLS_DAYS", "KEEP_CALLS_DAYS"},
       "0"},
      {"zego-app-id", "the provider's project number", {"ZEGO_APP_ID", "ZEGOCLOUD_APP_ID"}},
      {"zego-server-secret",
       "the project's ServerSecret, 32 characters",
       {"ZEGO_SERVER_SECRET", "ZEGOCLOUD_SERVER_SECRET"},
       {},
       Kind::secret},
      {"jwt-access-secret", "signs access tokens", {"JWT_ACCESS_SECRET"}, {}, Kind::secret},
      {"jwt-refresh-secret", "signs refresh tokens", {"JWT_REFRESH_SECRET"}, {}, Kind::secret},
      {"jwt-secret", "signs what the two above do not", {"JWT_SECRET"}, {}, Kind::secret},
      {"stun-server", "stun: URLs for the page, separated by commas", {"STUN_SERVER"}},
      {"turn-server-url", "turn: URLs for the page, separated by commas", {"TURN_SERVER_URL"}},
      {"turn-username", "for the TURN servers", {"TURN_USERNAME", "TURN_SERVER_USERNAME"}},
      {"turn-credential",
       "for the TURN servers",
       {"TURN_CREDENTIAL", "TURN_SERVER_CREDENTIAL", "TURN_PASSWORD"},
       {},
       Kind::secret},
      {"login-per-minute",
       "logins, and registrations, and refreshes, that one address may try in a minute; 0 is any number",
       {"RING_SERVER_LOGIN_PER_MINUTE", "LOGIN_PER_MINUTE"},
       "30"},
      {"events-per-second",
       "that one socket may send, averaged over ten seconds; 0 is any number",
       {"RING_SERVER_EVENTS_PER_SECOND", "EVENTS_PER_SECOND"},
       "100"},
      {"secure-cookies", "mark cookies Secure (behind https)", {"SECURE_COOKIES"}, {}, Kind::toggle},
      {"public", "the folder of the page", {"RING_SERVER_PUBLIC"}, RING_SERVER_PUBLIC_DIR},
      {"vendor", "the folder of the browser's socket.io-client", {"RING_SERVER_VENDOR"}, vendor_folder()},
  };
}

Result<Config> read_config(const Settings& settings) {
  Config config;
  auto seconds = settings.number("ring-seconds", 5, 600);
  if (!seconds) return unexpected(seconds.error());
  config.ring = std::chrono::seconds(*seconds);
  auto minutes = settings.number("access-minutes", 1, 60 * 24 * 30);
  if (!minutes) return unexpected(minutes.error());
  config.access_lifetime = std::chrono::minutes(*minutes);
  auto logins = settings.number("login-per-minute", 0, 100'000);
  if (!logins) return unexpected(logins.error());
  config.logins_per_minute = static_cast<std::uint32_t>(*logins);
  auto events = settings.number("events-per-second", 0, 1'000'000);
  if (!events) return unexpected(events.error());
  config.events_per_second = static_cast<std::uint32_t>(*events);
  auto token_minutes = settings.number("token-minutes", 3, 24 * 24 * 60);
  if (!token_minutes) return unexpected(token_minutes.error());
  config.token_lifetime = std::chrono::minutes(*token_minutes);
  auto days = settings.number("keep-calls-days", 0, 36'500);
  if (!days) return unexpected(days.error());
  if (*days > 0) config.calls_kept = std::chrono::hours(24 * *days);
  for (const auto& checked : {read_provider(settings, config), read_jwt(settings, config), read_ice(settings, config)})
    if (!checked) return unexpected(checked.error());
  config.secure_cookies = settings.on("secure-cookies");
  config.public_folder = settings.text("public");
  config.vendor_folder = settings.text("vendor");
  return config;
}

}  // namespace ring
