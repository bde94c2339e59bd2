// Expected failure is a value: Result<T> holds a T or an Error. Its names are a subset of std::expected (C++23), so
// that a later alias stays cheap. No function of zegocall throws to report a failure that a peer, a file or a
// database can cause.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace zegocall {

/// What went wrong. The numbers are stable (a test freezes them), grouped by hundreds: 1xx argument, 2xx network,
/// 3xx authentication, 4xx store, 5xx protocol, 6xx a call's refusal, 7xx provider token, 8xx provider server API, 9xx internal.
enum class ErrorCode : std::uint16_t {
  invalid_argument = 100,  ///< a value is not one of those allowed
  missing_field = 101,     ///< a required member is absent
  mistyped_field = 102,    ///< a member has another JSON type than the one asked for
  out_of_range = 103,      ///< a number or length is outside its limits
  limit_exceeded = 104,    ///< a bound on size, depth, count or rate of one input was passed
  not_found = 105,         ///< nothing has this id
  already_exists = 106,    ///< something else has this id or name
  timeout = 200,
  closed = 201,       ///< the connection, loop or object is closed
  unreachable = 202,  ///< no connection to the peer could be made
  io_error = 203,
  address_in_use = 204,
  unauthenticated = 300,  ///< no credentials, or credentials that do not verify
  forbidden = 301,        ///< known, but not allowed
  expired = 302,          ///< credentials or a stamp outside their time
  replayed = 303,         ///< a one-use value was used before
  store_unavailable = 400,
  conflict = 401,       ///< somebody else committed first; load again and decide again
  store_corrupt = 402,  ///< stored data that this version cannot read
  store_newer = 403,    ///< the file was written by a newer version
  protocol = 500,
  bad_json = 501,
  bad_utf8 = 502,
  payload_too_large = 503,
  unknown_event = 504,
  busy = 600,           ///< one of the people is in another call; detail names it
  invalid_state = 601,  ///< not possible in the call's present state
  already_done = 602,   ///< somebody was faster; the call's snapshot tells the rest
  stale_version = 603,
  rate_limited = 604,  ///< too many at once; the same request later may succeed
  room_full = 605,     ///< every seat of the room is taken
  room_locked = 606,
  passcode_required = 607,
  passcode_wrong = 608,      ///< also one that was right until the passcode was changed
  passcode_throttled = 609,  ///< too many wrong passcodes; later it may be tried again
  not_invited = 610,
  banned = 611,
  room_ended = 612,   ///< over, or closed to people who were never in
  not_started = 613,  ///< a scheduled room that is not open yet
  empty = 700,        ///< 7xx: why a text is not an acceptable provider token
  bad_prefix = 701,
  unsupported_version = 702,
  jwt_instead_of_token = 703,
  kit_token_instead_of_token = 704,
  plus_turned_into_space = 705,
  url_encoded = 706,
  bad_base64 = 707,
  too_short = 708,
  length_mismatch = 709,
  bad_iv_length = 710,
  trailing_bytes = 711,
  unknown_mode = 712,
  wrong_key_or_tampered = 713,
  expire_mismatch = 714,
  token_expired = 715,
  not_yet_valid = 716,
  wrong_app = 717,
  wrong_user = 718,
  wrong_room = 719,
  privilege_missing = 720,
  lifetime_too_long = 721,
  secret_length = 722,
  sample_secret = 723,
  provider_failed = 800,   ///< 8xx: the provider's server API. It failed on its side; the same request may succeed later
  provider_refused = 801,  ///< it refused for a reason that has no word of ours; the detail has its code
  internal = 900,
  not_in_this_build = 901,
};

/// The code's stable word, for example "store_unavailable". Any thread; valid for ever.
std::string_view name(ErrorCode code);

/// True when the same request may succeed later without a change of its own.
bool is_retryable(ErrorCode code);

/// Every code with its word, in the order of the numbers.
struct ErrorInfo {
  ErrorCode code;
  std::string_view name;
  bool retryable;
};
const ErrorInfo* begin_error_table();
const ErrorInfo* end_error_table();

/// One failure. `field` is the path of the member that is to blame ("payload.room_id"), empty if there is none;
/// `detail` is a sentence for a person. Neither ever holds a secret or a part of one.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string field;
  std::string detail;
  std::chrono::milliseconds retry_after{0};  ///< not sooner does it make sense to try again; 0: nothing is known of that
  bool operator==(const Error&) const = default;
};

/// "invalid_argument: callType: must be voice or video"; the field is left out when empty.
std::string to_string(const Error& error);

/// The failed side of a Result under construction, as std::unexpected.
struct Unexpected {
  Error error;
};
inline Unexpected unexpected(Error error) { return Unexpected{std::move(error)}; }
inline Unexpected fail(ErrorCode code, std::string detail = {}) { return Unexpected{Error{code, {}, std::move(detail)}}; }
inline Unexpected fail_field(ErrorCode code, std::string field, std::string detail = {}) {
  return Unexpected{Error{code, std::move(field), std::move(detail)}};
}

/// Thrown by value() on a failed Result: a mistake of the calling program, like std::bad_expected_access.
class BadResultAccess : public std::exception {
 public:
  explicit BadResultAccess(const Error& error) : text_(to_string(error)) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

template <class T>
class Result;

namespace base_detail {
template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<Result<T>> = true;
}  // namespace base_detail

/// A T, or the Error that kept it from being made. Thread-compatible like any value.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Unexpected failure) : state_(std::in_place_index<1>, std::move(failure.error)) {}
  template <class U>
  requires(!base_detail::is_result<std::remove_cvref_t<U>> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
           !std::is_same_v<std::remove_cvref_t<U>, Unexpected> &&
           // The constraint keeps copies and moves out. NOLINTNEXTLINE(bugprone-forwarding-reference-overload)
           std::is_convertible_v<U&&, T>) Result(U&& value)
      : state_(std::in_place_index<0>, T(std::forward<U>(value))) {}
  template <class U>
  requires(!std::is_same_v<U, T> && std::is_convertible_v<U, T>) Result(Result<U> other) : state_(std::in_place_index<1>) {
    if (other)
      state_.template emplace<0>(std::move(*other));
    else
      state_.template emplace<1>(std::move(other).error());
  }

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  T& value() & { return check(), std::get<0>(state_); }
  const T& value() const& { return check(), std::get<0>(state_); }
  T value() && { return check(), std::get<0>(std::move(state_)); }
  template <class U>
  T value_or(U&& other) const& {
    return has_value() ? **this : static_cast<T>(std::forward<U>(other));
  }
  template <class U>
  T value_or(U&& other) && {
    return has_value() ? std::get<0>(std::move(state_)) : static_cast<T>(std::forward<U>(other));
  }
  const Error& error() const& { return std::get<1>(state_); }
  Error error() && { return std::get<1>(std::move(state_)); }

  /// The next step that can itself fail: `f(value)` returns a Result.
  template <class F>
  auto and_then(F&& f) const& -> std::invoke_result_t<F, const T&> {
    if (!has_value()) return Unexpected{error()};
    return std::invoke(std::forward<F>(f), **this);
  }
  template <class F>
  auto and_then(F&& f) && -> std::invoke_result_t<F, T&&> {
    if (!has_value()) return Unexpected{std::move(*this).error()};
    return std::invoke(std::forward<F>(f), std::get<0>(std::move(state_)));
  }
  /// The next step that cannot fail: `f(value)` returns a plain value, or nothing.
  template <class F>
  auto transform(F&& f) const& -> Result<std::remove_cvref_t<std::invoke_result_t<F, const T&>>>;
  template <class F>
  auto transform(F&& f) && -> Result<std::remove_cvref_t<std::invoke_result_t<F, T&&>>>;

 private:
  void check() const {
    if (!has_value()) throw BadResultAccess(error());
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Unexpected failure) : error_(std::move(failure.error)) {}

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  void value() const {
    if (error_) throw BadResultAccess(*error_);
  }
  const Error& error() const& { return *error_; }
  Error error() && { return std::move(*error_); }
  template <class F>
  auto and_then(F&& f) const -> std::invoke_result_t<F> {
    if (error_) return Unexpected{*error_};
    return std::invoke(std::forward<F>(f));
  }
  template <class F>
  auto transform(F&& f) const -> Result<std::remove_cvref_t<std::invoke_result_t<F>>> {
    if (error_) return Unexpected{*error_};
    if constexpr (std::is_void_v<std::invoke_result_t<F>>)
      return std::invoke(std::forward<F>(f)), Result<void>{};
    else
      return std::invoke(std::forward<F>(f));
  }

 private:
  std::optional<Error> error_;
};

template <class T>
template <class F>
auto Result<T>::transform(F&& f) const& -> Result<std::remove_cvref_t<std::invoke_result_t<F, const T&>>> {
  using U = std::invoke_result_t<F, const T&>;
  if (!has_value()) return Unexpected{error()};
  if constexpr (std::is_void_v<U>)
    return std::invoke(std::forward<F>(f), **this), Result<void>{};
  else
    return std::invoke(std::forward<F>(f), **this);
}
template <class T>
template <class F>
auto Result<T>::transform(F&& f) && -> Result<std::remove_cvref_t<std::invoke_result_t<F, T&&>>> {
  using U = std::invoke_result_t<F, T&&>;
  if (!has_value()) return Unexpected{std::move(*this).error()};
  if constexpr (std::is_void_v<U>)
    return std::invoke(std::forward<F>(f), std::get<0>(std::move(state_))), Result<void>{};
  else
    return std::invoke(std::forward<F>(f), std::get<0>(std::move(state_)));
}

/// A broken invariant of our own stops the program, in every build; never used on anything that a peer, a file, a
/// database or a caller's data controls.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
#define ZC_ASSERT(condition) ((condition) ? void() : ::zegocall::assertion_failed(#condition, __FILE__, __LINE__))

}  // namespace zegocall
