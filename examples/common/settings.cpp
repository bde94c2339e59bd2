#include "settings.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "zegocall/base/json.hpp"

namespace example {

using zegocall::ErrorCode;
using zegocall::fail_field;
using zegocall::Json;
using zegocall::JsonKind;
using zegocall::JsonView;
using zegocall::Result;
using zegocall::unexpected;

namespace {

std::string in_capitals(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

/// A file's string, number, boolean or list as the text that a flag would have.
Result<std::string> flat(JsonView value, const std::string& member) {
  if (value.kind() == JsonKind::string) return value.get<std::string>();
  if (value.kind() == JsonKind::number || value.kind() == JsonKind::boolean) return std::string(value.text());
  if (value.kind() != JsonKind::array)
    return fail_field(ErrorCode::mistyped_field, member, "must be a text, a number, true, false or a list");
  std::string out;
  for (const JsonView element : value.elements()) {
    auto item = element.get<std::string>();
    if (!item) return fail_field(ErrorCode::mistyped_field, member, "must be a list of texts");
    out += (out.empty() ? "" : ",") + *item;
  }
  return out;
}

/// What a toggle's text says; nothing if it is none of the words.
std::optional<bool> means(std::string_view text) {
  for (const std::string_view word : {"true", "1", "yes", "on"})
    if (text == word) return true;
  for (const std::string_view word : {"false", "0", "no", "off"})
    if (text == word) return false;
  return std::nullopt;
}

}  // namespace

std::vector<Option> common_options(std::string_view server) {
  const std::string own = in_capitals(server) + "_";
  return {
      {"host", "numeric address or localhost to listen at, or unix:/path of a socket", {own + "HOST", "HOST"}, "127.0.0.1"},
      {"port", "port to listen at, 0 = any free one", {own + "PORT", "PORT"}, "0"},
      {"loops", "threads that serve connections, 1 to 64", {own + "LOOPS"}, "1"},
      {"tls-cert", "PEM file of the certificate and its chain: speak TLS; SIGHUP reads it again", {own + "TLS_CERT"}},
      {"tls-key", "PEM file of its key", {own + "TLS_KEY"}},
      {"tls-client-ca", "PEM file of authorities: every client must show a certificate of theirs", {own + "TLS_CLIENT_CA"}},
      {"config", "a JSON file with any of these by name"},
      {"allowed-origins",
       "origins of pages that may call, separated by commas; * is any",
       {own + "ALLOWED_ORIGINS", "ALLOWED_ORIGINS"}},
      {"trusted-proxies",
       "addresses and prefixes (10.0.0.0/8) of proxies that may say who their client is, separated by commas",
       {own + "TRUSTED_PROXIES", "TRUSTED_PROXIES"}},
      {"proxy-header",
       "where they say it: x-forwarded-for or forwarded",
       {own + "PROXY_HEADER", "PROXY_HEADER"},
       "x-forwarded-for"},
      {"connections-per-address",
       "open sockets from one address that is no trusted proxy, 0 = no limit",
       {own + "CONNECTIONS_PER_ADDRESS"},
       "20000"},
      {"access-log",
       "a file for one line per HTTP request, opened again on SIGHUP; - is standard error",
       {own + "ACCESS_LOG", "ACCESS_LOG"}},
      {"log-level",
       "the least that standard error is told: debug, info, warning or error; debug names the race rule that decided a command",
       {own + "LOG_LEVEL", "LOG_LEVEL"},
       "info"},
      {"drain-seconds",
       "how long /readyz says 503 before the port closes, while clients are connected",
       {own + "DRAIN_SECONDS"},
       "0"},
      {"test-clock", "let POST /test/advance move the time", {}, {}, Kind::toggle},
      {"help", "this text", {}, {}, Kind::toggle},
  };
}

std::vector<Option> store_options(std::string_view server) {
  const std::string own = in_capitals(server) + "_";
  return {{"db", "where to keep things: a file, or :memory:", {own + "DB"}, "./" + std::string(server) + ".db"},
          {"redis", "redis:// address of a cluster's bus", {own + "REDIS", "REDIS_URL"}}};
}

zegocall::Unexpected wrong(const Settings& settings, std::string_view name, std::string why) {
  return fail_field(ErrorCode::invalid_argument, settings.source(name), std::move(why));
}

Result<Settings> Settings::read(std::vector<Option> options, const std::vector<std::string>& arguments,
                                const Environment& environment) {
  Settings out;
  out.options_ = std::move(options);
  // The strongest speaks first; nobody is overruled.
  if (auto fine = out.read_arguments(arguments); !fine) return unexpected(fine.error());
  out.read_environment(environment);
  if (out.given("config"))
    if (auto fine = out.read_file(out.text("config")); !fine) return unexpected(fine.error());
  if (auto fine = out.check_toggles(); !fine) return unexpected(fine.error());
  return out;
}

Result<void> Settings::check_toggles() const {
  for (const Option& option : options_) {
    const auto found = said_.find(option.name);
    if (option.kind != Kind::toggle || found == said_.end() || means(found->second.value)) continue;
    return wrong(*this, option.name, "must be true or false (or yes, no, on, off, 1, 0)");
  }
  return {};
}

Result<void> Settings::read_arguments(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::size_t equals = arguments[i].find('=');
    const std::string flag = arguments[i].substr(0, equals);
    const Option* option = flag.starts_with("--") ? find(flag.substr(2)) : nullptr;
    if (!option) return fail_field(ErrorCode::invalid_argument, flag, "is not a flag of this program; try --help");
    if (option->kind == Kind::secret)
      return fail_field(ErrorCode::invalid_argument, flag,
                        "is a secret: give it by the environment or the file, not as an argument");
    std::string value = equals == std::string::npos ? "" : arguments[i].substr(equals + 1);
    if (option->kind == Kind::toggle) {
      if (equals == std::string::npos) value = "true";
    } else if (equals == std::string::npos) {
      if (i + 1 == arguments.size()) return fail_field(ErrorCode::invalid_argument, flag, "needs a value");
      value = arguments[++i];
    }
    said_[option->name] = {std::move(value), flag};
  }
  return {};
}

void Settings::read_environment(const Environment& environment) {
  for (const Option& option : options_) {
    if (said_.contains(option.name)) continue;
    for (const std::string& variable : option.variables) {
      auto value = environment(variable);
      if (!value || value->empty()) continue;
      said_[option.name] = {*std::move(value), variable};
      break;
    }
  }
}

Result<void> Settings::read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail_field(ErrorCode::not_found, source("config"), "cannot read " + path);
  auto root = Json::parse(std::string{std::istreambuf_iterator<char>(in), {}});
  if (!root) return fail_field(root.error().code, source("config"), path + ": " + root.error().detail);
  if (root->kind() != JsonKind::object)
    return fail_field(ErrorCode::mistyped_field, source("config"), path + " must hold an object");
  for (const auto& [key, value] : root->view().members()) {
    const Option* option = find(key);
    const std::string member = path + ": " + key;
    if (!option) return fail_field(ErrorCode::invalid_argument, member, "is not a setting of this program");
    auto text = flat(value, member);
    if (!text) return unexpected(text.error());
    if (!said_.contains(option->name)) said_[option->name] = {*std::move(text), member};
  }
  return {};
}

const Option* Settings::find(std::string_view name) const {
  const auto found = std::find_if(options_.begin(), options_.end(), [&](const Option& option) { return option.name == name; });
  return found == options_.end() ? nullptr : &*found;
}

std::string Settings::text(std::string_view name) const {
  if (const auto found = said_.find(name); found != said_.end()) return found->second.value;
  const Option* option = find(name);
  return option ? option->fallback : std::string();
}

bool Settings::on(std::string_view name) const { return means(text(name)).value_or(false); }

Result<std::int64_t> Settings::number(std::string_view name, std::int64_t min, std::int64_t max) const {
  const std::string value = text(name);
  std::int64_t out = 0;
  const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (failed != std::errc() || end != value.data() + value.size() || out < min || out > max)
    return wrong(*this, name, "must be a number from " + std::to_string(min) + " to " + std::to_string(max));
  return out;
}

std::vector<std::string> Settings::list(std::string_view name) const {
  std::vector<std::string> out;
  const std::string all = text(name);
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find(',', at), all.size());
    std::string_view item = std::string_view(all).substr(at, end - at);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (!item.empty()) out.emplace_back(item);
    at = end + 1;
  }
  return out;
}

std::string Settings::source(std::string_view name) const {
  if (const auto found = said_.find(name); found != said_.end()) return found->second.source;
  const Option* option = find(name);
  const bool by_variable = option && option->kind == Kind::secret && !option->variables.empty();
  return by_variable ? option->variables.front() : "--" + std::string(name);
}

std::string Settings::usage(std::string_view server) const {
  std::string out = "usage: " + std::string(server) + " [flags]\n";
  for (const Option& option : options_) {
    std::string left = option.kind == Kind::secret ? "  " + option.name + " (no flag)"
                                                   : "  --" + option.name + (option.kind == Kind::value ? " VALUE" : "");
    left.resize(std::max<std::size_t>(left.size() + 1, 34), ' ');
    out += left + option.help;
    if (!option.fallback.empty()) out += " (" + option.fallback + ")";
    for (std::size_t i = 0; i < option.variables.size(); ++i) out += (i == 0 ? "  [" : ", ") + option.variables[i];
    out += option.variables.empty() ? "\n" : "]\n";
  }
  out +=
      "Names without dashes are the members of the --config file; [NAMES] are read from the environment, the first that is "
      "set.\n";
  return out;
}

}  // namespace example
