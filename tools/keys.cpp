#include "keys.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace zegocall::cli {
namespace {

constexpr std::size_t file_max = 1'000'000;
constexpr std::size_t token_max = 16'000'000;  // as a line of a batch: noise is looked at too

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

struct Variable {
  std::string_view name;
  std::string_view value;
};

// The more specific name wins.
std::optional<Variable> environment(const char* specific, const char* general) {
  for (const char* variable : {specific, general}) {
    const char* const value = std::getenv(variable);
    if (value != nullptr && *value != '\0') return Variable{variable, value};
  }
  return std::nullopt;
}

Result<std::string> read_all(std::FILE* file, std::string what, std::size_t max) {
  std::string text(max + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  if (std::ferror(file) != 0) return fail_field(ErrorCode::io_error, std::move(what), "cannot be read");
  if (text.size() > max)
    return fail_field(ErrorCode::limit_exceeded, std::move(what), "must be at most " + std::to_string(max) + " bytes");
  return text;
}

std::string_view without_line_end(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

Result<std::optional<Secret>> read_secret_file(const std::string& path) {
  auto text = read_file(path, "--secret-file");
  if (!text) return unexpected(std::move(text).error());
  Secret secret(without_line_end(*text));
  wipe(text->data(), text->size());
  return std::optional<Secret>(std::move(secret));
}

Unexpected missing(std::string what, std::string detail) {
  return fail_field(ErrorCode::missing_field, std::move(what), std::move(detail));
}

}  // namespace

Result<std::optional<AppId>> find_app(const KeyOptions& options) {
  if (options.app) return std::optional(AppId(*options.app));
  const auto variable = environment("ZEGO_APP_ID", "ZEGOCLOUD_APP_ID");
  if (!variable) return std::optional<AppId>();
  std::uint32_t number = 0;
  const char* const end = variable->value.data() + variable->value.size();
  const auto read = std::from_chars(variable->value.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || number == 0)
    return fail_field(ErrorCode::invalid_argument, std::string(variable->name), "must be a number from 1 to 4294967295");
  return std::optional(AppId(number));
}

Result<std::string> read_file(const std::string& path, std::string field) {
  const std::unique_ptr<std::FILE, CloseFile> opened(path == "-" ? nullptr : std::fopen(path.c_str(), "rb"));
  std::FILE* const file = path == "-" ? stdin : opened.get();
  if (file == nullptr) return fail_field(ErrorCode::io_error, std::move(field), "the file cannot be opened");
  return read_all(file, std::move(field), file_max);
}

Result<std::optional<Secret>> find_secret_in(const std::string& file, const char* specific, const char* general) {
  if (!file.empty()) return read_secret_file(file);
  const auto variable = environment(specific, general);
  if (!variable) return std::optional<Secret>();
  return std::optional<Secret>(Secret(variable->value));
}

Result<std::optional<Secret>> find_secret(const KeyOptions& options) {
  return find_secret_in(options.secret_file, "ZEGO_SERVER_SECRET", "ZEGOCLOUD_SERVER_SECRET");
}

Result<Keyring> find_keys(const KeyOptions& options) {
  auto app = find_app(options);
  if (!app) return unexpected(std::move(app).error());
  if (!*app) return missing("ZEGO_APP_ID", "set it, or say --app");
  auto secret = find_secret(options);
  if (!secret) return unexpected(std::move(secret).error());
  if (!*secret) return missing("ZEGO_SERVER_SECRET", "set it, or say --secret-file");
  return Keyring::of(**app, **std::move(secret));
}

Result<std::string> find_token(const CheckOptions& options) { return find_text(options.token, options.key.secret_file); }

Result<std::string> find_text(const std::string& argument, const std::string& secret_file) {
  if (!argument.empty()) return argument;
  if (secret_file == "-")
    return fail_field(ErrorCode::invalid_argument, "--secret-file",
                      "standard input cannot be both: give the token as an argument");
  auto text = read_all(stdin, "standard input", token_max);
  if (!text) return text;
  return std::string(without_line_end(*text));
}

UnixTime find_now(const std::optional<std::int64_t>& seconds) {
  return seconds ? UnixTime(std::chrono::seconds(*seconds)) : system_now().wall;
}

}  // namespace zegocall::cli
