#include "../common/shapes.hpp"
#include "guard.hpp"
#include "zegocall/zego/codes.hpp"

using namespace zegocall;
using namespace zegocall::c_detail;
using namespace zegocall::bindings;

struct zc_callbacks {
  Secret secret;
  CallbackWindow window;
  std::unique_ptr<SeenOnce> seen;
};

namespace {

Result<std::unique_ptr<zc_callbacks>> callbacks_of(std::string_view secret, const zc_callbacks_options& options) {
  const auto past = span_of(options.past_s, "past"), future = span_of(options.future_s, "future");
  if (!past) return unexpected(past.error());
  if (!future) return unexpected(future.error());
  if (secret.empty()) return bad_argument("secret", "must not be empty");
  if (options.values_max == 0) return fail_field(ErrorCode::out_of_range, "values_max", "must be 1 or more");
  return std::unique_ptr<zc_callbacks>(new zc_callbacks{Secret(secret), {*past, *future}, make_seen_once(options.values_max)});
}

}  // namespace

zc_status zc_callbacks_new(zc_callbacks** out, const char* secret, size_t secret_size,
                           const zc_callbacks_options* options) noexcept {
  return guard([&]() -> Result<void> {
    if (auto there = not_null(out, "out"); !there) return there;
    const auto text = text_of({secret, secret_size}, "secret");
    if (!text) return unexpected(text.error());
    const auto given = options_of(options, ZC_CALLBACKS_OPTIONS_INIT, "options");
    if (!given) return unexpected(given.error());
    auto made = callbacks_of(*text, *given);
    if (!made) return unexpected(std::move(made).error());
    *out = std::move(made).value().release();
    return {};
  });
}

void zc_callbacks_free(zc_callbacks* callbacks) noexcept { delete callbacks; }

zc_status zc_callbacks_verify(zc_string* out, zc_callbacks* callbacks, zc_view body, int64_t now_ms) noexcept {
  return guard([&]() -> Result<void> {
    if (auto ready = fillable(out); !ready) return ready;
    if (auto there = not_null(callbacks, "callbacks"); !there) return there;
    const auto text = text_of(body, "body");
    if (!text) return unexpected(text.error());
    const auto now = time_of(now_ms, "now_ms");
    if (!now) return unexpected(now.error());
    const auto taken = take_callback(*text, callbacks->secret, *callbacks->seen, *now, callbacks->window);
    return taken ? fill(out, taken->text()) : Result<void>(unexpected(taken.error()));
  });
}

zc_status zc_callbacks_release(zc_callbacks* callbacks, zc_view seen_as) noexcept {
  return guard([&]() -> Result<void> {
    if (auto there = not_null(callbacks, "callbacks"); !there) return there;
    const auto text = text_of(seen_as, "seen_as");
    if (!text) return unexpected(text.error());
    callbacks->seen->release(*text);
    return {};
  });
}

zc_status zc_explain_code(zc_string* out, int64_t code) noexcept {
  return guard([&]() -> Result<void> {
    if (auto ready = fillable(out); !ready) return ready;
    return fill(out, to_string(explain_code(code)));
  });
}

zc_status zc_explain_status(zc_string* out, zc_status status, zc_view field, zc_view detail) noexcept {
  return guard([&]() -> Result<void> {
    if (auto ready = fillable(out); !ready) return ready;
    const auto member = text_of(field, "field"), words = text_of(detail, "detail");
    if (!member) return unexpected(member.error());
    if (!words) return unexpected(words.error());
    for (const ErrorInfo* info = begin_error_table(); info != end_error_table(); ++info)
      if (-static_cast<zc_status>(info->code) == status)
        return fill(out, to_string(explain(Error{info->code, std::string(*member), std::string(*words)})));
    return bad_argument("status", "is no failure's number");
  });
}
