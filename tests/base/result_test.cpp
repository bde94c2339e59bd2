#include "zegocall/base/result.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <set>

using namespace zegocall;

namespace {

struct Row {
  int number;
  std::string_view name;
  bool retryable;
};

// Frozen: hosts store these numbers and branch on these words. A row may be added, never changed.
constexpr Row frozen[] = {
    {100, "invalid_argument", false},
    {101, "missing_field", false},
    {102, "mistyped_field", false},
    {103, "out_of_range", false},
    {104, "limit_exceeded", false},
    {105, "not_found", false},
    {106, "already_exists", false},
    {200, "timeout", true},
    {201, "closed", true},
    {202, "unreachable", true},
    {203, "io_error", true},
    {204, "address_in_use", true},
    {300, "unauthenticated", false},
    {301, "forbidden", false},
    {302, "expired", false},
    {303, "replayed", false},
    {400, "store_unavailable", true},
    {401, "conflict", true},
    {402, "store_corrupt", false},
    {403, "store_newer", false},
    {500, "protocol", false},
    {501, "bad_json", false},
    {502, "bad_utf8", false},
    {503, "payload_too_large", false},
    {504, "unknown_event", false},
    {600, "busy", true},
    {601, "invalid_state", false},
    {602, "already_done", false},
    {603, "stale_version", false},
    {604, "rate_limited", true},
    {605, "room_full", true},
    {606, "room_locked", true},
    {607, "passcode_required", false},
    {608, "passcode_wrong", false},
    {609, "passcode_throttled", true},
    {610, "not_invited", false},
    {611, "banned", false},
    {612, "room_ended", false},
    {613, "not_started", true},
    {700, "empty", false},
    {701, "bad_prefix", false},
    {702, "unsupported_version", false},
    {703, "jwt_instead_of_token", false},
    {704, "kit_token_instead_of_token", false},
    {705, "plus_turned_into_space", false},
    {706, "url_encoded", false},
    {707, "bad_base64", false},
    {708, "too_short", false},
    {709, "length_mismatch", false},
    {710, "bad_iv_length", false},
    {711, "trailing_bytes", false},
    {712, "unknown_mode", false},
    {713, "wrong_key_or_tampered", false},
    {714, "expire_mismatch", false},
    {715, "expired", false},
    {716, "not_yet_valid", true},
    {717, "wrong_app", false},
    {718, "wrong_user", false},
    {719, "wrong_room", false},
    {720, "privilege_missing", false},
    {721, "lifetime_too_long", false},
    {722, "secret_length", false},
    {723, "sample_secret", false},
    {800, "provider_failed", true},
    {801, "provider_refused", false},
    {900, "internal", false},
    {901, "not_in_this_build", false},
};

struct MoveOnly {
  std::unique_ptr<int> value;
};
Result<MoveOnly> make(int n) { return MoveOnly{std::make_unique<int>(n)}; }

}  // namespace

TEST_CASE("no failure has a word of its own, and is in no table") {
  CHECK(name(ErrorCode{}) == "none");
  CHECK(to_string(Error{ErrorCode{}, {}, {}}) == "none");
  CHECK(!is_retryable(ErrorCode{}));
  for (const ErrorInfo* info = begin_error_table(); info != end_error_table(); ++info) CHECK(info->code != ErrorCode{});
}

TEST_CASE("the error table is frozen: number, word, retryable") {
  REQUIRE(std::distance(begin_error_table(), end_error_table()) == std::ssize(frozen));
  const ErrorInfo* info = begin_error_table();
  for (const Row& row : frozen) {
    CHECK(static_cast<int>(info->code) == row.number);
    CHECK(info->name == row.name);
    CHECK(info->retryable == row.retryable);
    CHECK(name(info->code) == row.name);
    CHECK(is_retryable(info->code) == row.retryable);
    ++info;
  }
  CHECK(std::is_sorted(begin_error_table(), end_error_table(), [](auto& a, auto& b) { return a.code < b.code; }));
}

TEST_CASE("an error says code, field and detail, and leaves out what is empty") {
  CHECK(to_string(Error{ErrorCode::invalid_argument, "callType", "must be voice or video"}) ==
        "invalid_argument: callType: must be voice or video");
  CHECK(to_string(Error{ErrorCode::busy, "", "in call 42"}) == "busy: in call 42");
  CHECK(to_string(Error{ErrorCode::timeout, "", ""}) == "timeout");
}

TEST_CASE("a result holds one of the two") {
  const Result<int> good = 4;
  CHECK(good.has_value());
  CHECK(*good == 4);
  CHECK(good.value_or(7) == 4);
  const Result<int> bad = fail_field(ErrorCode::out_of_range, "n", "must be 1 to 3");
  CHECK(!bad);
  CHECK(bad.error() == Error{ErrorCode::out_of_range, "n", "must be 1 to 3"});
  CHECK(bad.value_or(7) == 7);
  CHECK_THROWS_WITH_AS((void)bad.value(), "out_of_range: n: must be 1 to 3", BadResultAccess);
}

TEST_CASE("and_then goes on with a value and passes an error by") {
  int calls = 0;
  const auto half = [&](int n) -> Result<int> {
    ++calls;
    if (n % 2 != 0) return fail(ErrorCode::invalid_argument, "odd");
    return n / 2;
  };
  CHECK(*Result<int>(8).and_then(half).and_then(half) == 2);
  CHECK(calls == 2);
  const auto failed = Result<int>(6).and_then(half).and_then(half).and_then(half);
  CHECK(failed.error().detail == "odd");
  CHECK(calls == 4);
}

TEST_CASE("transform changes the value's type, also to nothing") {
  CHECK(*Result<int>(8).transform([](int n) { return std::to_string(n); }) == "8");
  int seen = 0;
  CHECK(Result<int>(8).transform([&](int n) { seen = n; }).has_value());
  CHECK(seen == 8);
  CHECK(Result<int>(fail(ErrorCode::closed)).transform([](int n) { return n; }).error().code == ErrorCode::closed);
  CHECK(*Result<void>().transform([] { return 3; }) == 3);
  CHECK(Result<void>(fail(ErrorCode::closed)).and_then([] { return Result<int>(1); }).error().code == ErrorCode::closed);
}

TEST_CASE("a result moves what cannot be copied") {
  auto made = make(5);
  const auto taken = std::move(made).and_then([](MoveOnly&& m) -> Result<MoveOnly> { return std::move(m); });
  CHECK(*taken->value == 5);
}

TEST_CASE("a result converts where its value does") {
  const Result<std::string> text = Result<const char*>("a");
  CHECK(*text == "a");
  const Result<std::optional<int>> wrapped = Result<int>(fail(ErrorCode::timeout));
  CHECK(wrapped.error().code == ErrorCode::timeout);
}
