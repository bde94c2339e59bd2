// Is this callback good, and what does it say?
#include "callback_words.hpp"
#include "token_words.hpp"
#include "words.hpp"

namespace zegocall::cli {
namespace {

Exit say_no(const Error& error, bool json) {
  if (json) {
    print(JsonObject{{"ok", false}, {"error", name(error.code)}, {"field", error.field}, {"detail", error.detail}}.text() + "\n");
    return Exit::no;
  }
  print(printable(to_string(error)) + "\n" + advice_for(error));
  return Exit::no;
}

std::string body_lines(const Json& body) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, value] : body.view().members()) {
    if (key == "signature" || key == "Signature") continue;
    const std::string text = value.kind() == JsonKind::string ? value.get<std::string>().value() : std::string(value.text());
    rows.push_back({"  " + printable(key), printable(text.substr(0, 200)) + (text.size() > 200 ? "..." : "")});
  }
  return aligned(rows);
}

void say_yes(const VerifiedCallback& callback, const CallbackHead& head, UnixTime now, bool json) {
  if (json) {
    print(JsonObject{{"ok", true},
                     {"event", head.event},
                     {"app_id", head.app},
                     {"sent_at", iso8601(head.sent)},
                     {"key", head.key},
                     {"body", callback.body()}}
              .text() +
          "\n");
    return;
  }
  const std::int64_t sent = std::chrono::floor<std::chrono::seconds>(head.sent).time_since_epoch().count();
  print("good: " + printable(head.event) + " of app " + std::to_string(head.app.value) + ", sent " + date_words(sent) + ", " +
        when_words(sent, now) + "\n" + body_lines(callback.body()) +
        "The signature covers timestamp and nonce only, not the rest: ask the server API before you act on it.\n");
}

}  // namespace

Exit run_callback_verify(const CallbackOptions& options) {
  const auto secret = find_callback_secret(options);
  if (!secret) return usage_error(secret.error(), options.json);
  const auto app = find_callback_app(options);
  if (!app) return usage_error(app.error(), options.json);
  const auto past = read_span(options.past);
  if (!past) return usage_error({past.error().code, "--past", past.error().detail}, options.json);
  const auto body = read_file(options.file.empty() ? "-" : options.file, options.file.empty() ? "standard input" : "FILE");
  if (!body) return usage_error(body.error(), options.json);
  const auto envelope = read_callback(*body);
  if (!envelope) return say_no(envelope.error(), options.json);
  const UnixTime now = find_now(options.now);
  const auto seen = make_seen_once(1);
  const auto callback =
      verify_callback(*envelope, *secret, *seen, time_to_judge(*envelope, options.any_time, now), {.past = *past});
  if (!callback) return say_no(callback.error(), options.json);
  const auto event = interpret_callback(*callback);
  if (!event) return say_no(event.error(), options.json);
  if (const auto other = app_mismatch(*event, *app)) return say_no(*other, options.json);
  say_yes(*callback, head_of(*event), now, options.json);
  return Exit::yes;
}

}  // namespace zegocall::cli
