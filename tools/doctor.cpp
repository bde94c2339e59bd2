// doctor: looks at the environment that a server would start with. It says what it found, what that means and what to do,
// and never a secret or a part of one.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "credentials.hpp"
#include "http_date.hpp"
#include "secret_look.hpp"
#include "token_words.hpp"
#include "words.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/token.hpp"

namespace zegocall::cli {
namespace {

constexpr std::string_view default_clock_host = "rtc-api.zego.im";
constexpr std::size_t jwt_secret_min = 32;   // characters, as JwtMinter wants them
constexpr std::size_t turn_secret_min = 16;  // whoever has one credential can try secrets at home
constexpr std::size_t telling_min = 8;       // a shorter value is in others by chance
constexpr std::int64_t drift_max = 30;       // seconds: the leeway of verify_token

enum class State : std::uint8_t { ok, warn, fail };

struct Check {
  State state;
  std::string name;
  std::string found;
  std::string advice{};
};

std::string_view word_of(State state) {
  switch (state) {
    case State::ok: return "ok";
    case State::warn: return "warn";
    case State::fail: return "FAIL";
  }
  return {};
}

struct Variable {
  std::string name;
  std::string_view value;  // never printed, unless it is known to be no secret
};

std::vector<Variable> all_variables() {
  std::vector<Variable> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t at = text.find('=');
    if (at != std::string_view::npos && at + 1 < text.size())
      out.push_back({std::string(text.substr(0, at)), text.substr(at + 1)});
  }
  std::sort(out.begin(), out.end(), [](const Variable& a, const Variable& b) { return a.name < b.name; });
  return out;
}

class Doctor {
 public:
  Doctor() : variables_(all_variables()) {}

  void look(const DoctorOptions& options) {
    look_at_apps();
    look_at_secrets();
    look_at_callback_secrets();
    look_at_other_secrets();
    look_at_client_variables();
    look_at_clock(options.clock_host);
    round_trip();
  }
  const std::vector<Check>& checks() const { return checks_; }
  std::size_t failures() const {
    return static_cast<std::size_t>(
        std::count_if(checks_.begin(), checks_.end(), [](const Check& c) { return c.state == State::fail; }));
  }
  const std::string& summary() const { return summary_; }

 private:
  const Variable* find(std::string_view name) const {
    const auto at = std::find_if(variables_.begin(), variables_.end(), [&](const Variable& v) { return v.name == name; });
    return at == variables_.end() ? nullptr : &*at;
  }
  void say(State state, std::string name, std::string found, std::string advice = {}) {
    checks_.push_back({state, std::move(name), std::move(found), std::move(advice)});
  }

  // 0 if it is no app id. Such a value is not printed: it may be the secret, in the wrong place.
  static std::uint32_t app_of(std::string_view value) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    return error == std::errc() && end == value.data() + value.size() ? number : 0;
  }

  void look_at_apps() {
    std::string_view used;
    for (const std::string_view name : {"ZEGO_APP_ID", "ZEGOCLOUD_APP_ID"}) {
      const Variable* const variable = find(name);
      if (variable == nullptr) continue;
      const std::uint32_t number = app_of(variable->value);
      if (number == 0) {
        const bool blank = variable->value.find_first_of(" \t\r\n\"'") != std::string_view::npos;
        say(State::fail, std::string(name), "not a number from 1 to 4294967295",
            blank ? "blanks, quotes or a line end came with it: remove them"
                  : "the app id is the number beside the project's name in the console");
      } else if (!used.empty() && app_ != number) {
        say(State::warn, std::string(name), std::to_string(number) + ", not read",
            std::string(used) + " wins and names another project: is the secret that one's?");
      } else {
        say(State::ok, std::string(name), std::to_string(number) + (used.empty() ? "" : ", the same"));
      }
      if (used.empty()) {
        used = name;
        app_ = number;
        app_source_ = name;
      }
    }
    if (used.empty()) say(State::fail, "ZEGO_APP_ID", "is not set", "take the number from the console");
  }

  static std::string secret_advice(std::string_view value) {
    if (value.find_first_of(" \t\r\n\"'") != std::string_view::npos)
      return "blanks, quotes or a line end came with it: remove them";
    if (value.size() == 64) return "64 is the AppSign, which is another thing: take the ServerSecret";
    if (value.size() < 32) return "one lost when copied? take it again from the console";
    return "something added when copied? take it again from the console";
  }

  void look_at_secrets() {
    std::string_view used;
    for (const std::string_view name : {"ZEGO_SERVER_SECRET", "ZEGOCLOUD_SERVER_SECRET"}) {
      const Variable* const variable = find(name);
      if (variable == nullptr) continue;
      look_at_secret(*variable, !used.empty());
      if (used.empty()) {
        used = name;
        secret_ = variable->value;
      }
    }
    if (used.empty())
      return say(State::fail, "ZEGO_SERVER_SECRET", "is not set", "take it from the console, into the server only");
    const bool mixed = !app_source_.empty() && (app_source_ == "ZEGO_APP_ID") != (used == "ZEGO_SERVER_SECRET");
    if (mixed)
      say(State::warn, std::string(app_source_), "read with " + std::string(used),
          "names of two families: are they of one project? set both in one family");
  }

  // True when there was nothing to say. Lengths and kinds only, never a character.
  bool looks_real(const Variable& variable, std::string_view advice) {
    if (is_placeholder(variable.value))
      return say(State::fail, variable.name, "a published sample or a placeholder", std::string(advice)), false;
    if (!is_of_one_class(variable.value)) return true;
    say(State::warn, variable.name, std::to_string(variable.value.size()) + " characters of one kind",
        "no generator makes such: is it invented? " + std::string(advice));
    return false;
  }

  void look_at_secret(const Variable& variable, bool second) {
    const auto ring = Keyring::of(AppId{1}, Secret(variable.value));
    const bool sample = !ring && ring.error().code == ErrorCode::sample_secret;
    if (sample || is_placeholder(variable.value))
      say(State::fail, variable.name, "a published sample or a placeholder",
          "everybody can make tokens with it: take the project's own");
    else if (!ring)
      say(State::fail, variable.name, std::to_string(variable.value.size()) + " characters, must be 32",
          secret_advice(variable.value));
    else if (second && variable.value != secret_)
      say(State::warn, variable.name, "32 characters, not read",
          "the other name wins and holds another secret: which project is meant?");
    else if (looks_real(variable, "take it from the console"))
      say(State::ok, variable.name, "32 characters");
  }

  void look_at_callback_secrets() {
    for (const std::string_view name : {"ZEGO_CALLBACK_SECRET", "ZEGOCLOUD_CALLBACK_SECRET"}) {
      const Variable* const variable = find(name);
      if (variable == nullptr) continue;
      if (variable->value.find_first_of(" \t\r\n\"'") != std::string_view::npos)
        say(State::fail, std::string(name), std::to_string(variable->value.size()) + " characters",
            "blanks, quotes or a line end came with it: remove them");
      else if (variable->value == secret_)
        say(State::fail, std::string(name), "the same as the ServerSecret",
            "the CallbackSecret is another one: the console shows it among the callbacks");
      else if (looks_real(*variable, "take it from the console, among the callbacks"))
        say(State::ok, std::string(name), std::to_string(variable->value.size()) + " characters");
    }
  }

  void look_at_other_secrets() {
    for (const std::string_view name :
         {"JWT_ACCESS_SECRET", "JWT_SECRET", "JWT_REFRESH_SECRET", "TURN_SHARED_SECRET", "TURN_SECRET"}) {
      const Variable* const variable = find(name);
      if (variable == nullptr) continue;
      const std::string size = std::to_string(variable->value.size()) + " characters";
      const std::size_t least = name.substr(0, 3) == "JWT" ? jwt_secret_min : turn_secret_min;
      if (variable->value == secret_)
        say(State::fail, std::string(name), "the same as the ServerSecret",
            "one leak would open both: give it a secret of its own");
      else if (variable->value.size() < least)
        say(State::fail, std::string(name), size + ", must be at least " + std::to_string(least),
            "make one: openssl rand -hex 32");
      else if (looks_real(*variable, "make one: openssl rand -hex 32"))
        say(State::ok, std::string(name), size);
    }
  }

  static bool is_client(std::string_view name) {
    return std::any_of(client_prefixes.begin(), client_prefixes.end(),
                       [&](std::string_view prefix) { return name.substr(0, prefix.size()) == prefix; });
  }
  // By its name, which a server's own secrets have too.
  static bool is_secret(std::string_view name) {
    return std::any_of(secret_words.begin(), secret_words.end(),
                       [&](std::string_view word) { return name.find(word) != std::string_view::npos; });
  }
  bool holds_a_secret(std::string_view text) const {
    return std::any_of(variables_.begin(), variables_.end(), [&](const Variable& other) {
      return other.value.size() >= telling_min && !is_client(other.name) && is_secret(other.name) &&
             text.find(other.value) != std::string_view::npos;
    });
  }

  // What a bundler compiles into the page. Names tell, and so do values.
  void look_at_client_variables() {
    for (const Variable& variable : variables_) {
      if (!is_client(variable.name)) continue;
      if (is_secret(variable.name) || holds_a_secret(variable.value)) {
        say(State::fail, variable.name, "a secret in a client variable",
            "it is in every visitor's browser: remove it, change the secret");
      } else if (variable.name.find("APP_ID") != std::string::npos && app_ != 0 && app_of(variable.value) != 0 &&
                 app_of(variable.value) != app_) {
        say(State::fail, variable.name, std::to_string(app_of(variable.value)) + ", the server's is " + std::to_string(app_),
            "page and server are of two projects: every login will be refused");
      }
    }
  }

  void look_at_clock(const std::string& wanted) {
    if (wanted == "none") return;
    const std::string host = wanted.empty() ? std::string(default_clock_host) : wanted;
    const auto theirs = read_authority(host).and_then(ask_http_date);
    if (!theirs) {
      say(wanted.empty() ? State::ok : State::warn, "clock", "not compared: " + host + " does not answer",
          "keep it right with NTP; --clock-host names another server to compare with");
      return;
    }
    const auto ours = system_now().wall;
    const std::int64_t ahead = std::chrono::duration_cast<std::chrono::seconds>(ours - *theirs).count();
    const std::int64_t apart = ahead < 0 ? -ahead : ahead;
    const std::string by = span_words(std::chrono::seconds(apart)) + (ahead < 0 ? " behind " : " ahead of ") + host;
    if (apart > drift_max)
      say(State::fail, "clock", by,
          ahead < 0 ? "tokens end early or are expired at birth: start NTP" : "tokens begin in the future: start NTP");
    else
      say(State::ok, "clock", apart <= 1 ? "as " + host : by);
  }

  void round_trip() {
    auto keys = Keyring::of(AppId{app_}, Secret(secret_));
    if (!keys) {
      summary_ = app_ == 0 ? "mint and verify skipped: no usable app id" : "mint and verify skipped: no usable secret";
      return;
    }
    const UnixTime now = system_now().wall;
    for (const TokenMode mode : {TokenMode::gcm, TokenMode::cbc}) {
      const auto token = TokenMinter(*keys, system_bytes()).mint({.user = "doctor", .mode = mode}, now);
      const auto claims =
          token ? verify_token(*token, *keys, {.user = "doctor"}, now) : Result<TokenClaims>(unexpected(token.error()));
      if (claims)
        say(State::ok, "mint and verify", std::string(zegocall::name(mode)));
      else
        say(State::fail, "mint and verify", std::string(zegocall::name(mode)) + ": " + to_string(claims.error()));
    }
    summary_ = "whether the secret is this app's only the provider can say: log in with a token from `zegocall token mint`";
  }

  static constexpr std::array<std::string_view, 4> client_prefixes = {"VITE_", "NEXT_PUBLIC_", "REACT_APP_", "EXPO_PUBLIC_"};
  static constexpr std::array<std::string_view, 3> secret_words = {"SECRET", "PASSWORD", "PRIVATE_KEY"};
  std::vector<Variable> variables_;
  std::vector<Check> checks_;
  std::uint32_t app_ = 0;
  std::string_view app_source_;
  std::string_view secret_;
  std::string summary_;
};

std::string text_of(const Doctor& doctor) {
  std::vector<std::vector<std::string>> rows;
  for (const Check& check : doctor.checks())
    rows.push_back(
        {"  " + std::string(word_of(check.state)), " " + printable(check.name), " " + check.found, " " + check.advice});
  const std::size_t failures = doctor.failures();
  const std::string count = failures == 0 ? "no failure" : std::to_string(failures) + (failures == 1 ? " failure" : " failures");
  return aligned(rows) + count + "; " + doctor.summary() + "\n";
}

std::string json_of(const Doctor& doctor) {
  return JsonObject{{"ok", doctor.failures() == 0},
                    {"checks", JsonArray::of(doctor.checks(),
                                             [](const Check& check) {
                                               return JsonObject{
                                                   {"state", check.state == State::fail ? "fail" : word_of(check.state)},
                                                   {"name", check.name},
                                                   {"found", check.found},
                                                   {"advice", check.advice}};
                                             })},
                    {"summary", doctor.summary()}}
             .text() +
         "\n";
}

}  // namespace

Exit run_doctor(const DoctorOptions& options) {
  if (!options.clock_host.empty() && !read_authority(options.clock_host))
    return usage_error({ErrorCode::invalid_argument, "--clock-host", "must be host, host:port or [address]:port, or none"},
                       options.json);
  Doctor doctor;
  doctor.look(options);
  print(options.json ? json_of(doctor) : text_of(doctor));
  return doctor.failures() == 0 ? Exit::yes : Exit::no;
}

}  // namespace zegocall::cli
