#include "callback_words.hpp"

#include <charconv>

#include "words.hpp"

namespace zegocall::cli {

Result<Secret> find_callback_secret(const CallbackOptions& options) {
  const bool both = options.secret_file == "-" && (options.file.empty() || options.file == "-");
  if (both) return fail_field(ErrorCode::invalid_argument, "--secret-file", "standard input cannot be both secret and callback");
  auto secret = find_secret_in(options.secret_file, "ZEGO_CALLBACK_SECRET", "ZEGOCLOUD_CALLBACK_SECRET");
  if (!secret) return unexpected(std::move(secret).error());
  if (!*secret || (*secret)->empty())
    return fail_field(ErrorCode::missing_field, "ZEGO_CALLBACK_SECRET",
                      "set it, or say --secret-file; it is not the ServerSecret: the console shows it among the callbacks");
  return **std::move(secret);
}

Result<std::optional<AppId>> find_callback_app(const CallbackOptions& options) { return find_app({.app = options.app}); }

std::optional<Error> app_mismatch(const ProviderEvent& event, std::optional<AppId> wanted) {
  const AppId app = head_of(event).app;
  if (!wanted || app == *wanted) return std::nullopt;
  const std::string is = app == AppId{} ? "is missing" : "is " + std::to_string(app.value);
  return Error{ErrorCode::wrong_app, "appid", is + ", must be " + std::to_string(wanted->value)};
}

UnixTime time_to_judge(const CallbackEnvelope& envelope, bool any_time, UnixTime now) {
  std::int64_t seconds = 0;
  const char* const end = envelope.timestamp.data() + envelope.timestamp.size();
  const auto read = std::from_chars(envelope.timestamp.data(), end, seconds);
  const bool good = read.ec == std::errc() && read.ptr == end && seconds >= 0 && seconds <= last_second;
  return any_time && good ? UnixTime(std::chrono::seconds(seconds)) : now;
}

std::string advice_for(const Error& error) {
  if (error.code == ErrorCode::unauthenticated)
    return "  do     1  take the CallbackSecret, which is another one than the ServerSecret and the AppSign\n"
           "         2  take it from the project that sends: compare appid\n"
           "         3  hash the texts of timestamp and nonce as they came, sorted as texts\n";
  if (error.code == ErrorCode::wrong_app)
    return "  do     1  one callback address for each project: does another one send here?\n"
           "         2  is the server's app id (--app, ZEGO_APP_ID) the project's that sends?\n";
  if (error.code == ErrorCode::expired)
    return "  do     1  is this an old capture? --any-time judges it at its own time\n"
           "         2  is this machine's clock right? zegocall doctor\n";
  return {};
}

}  // namespace zegocall::cli
