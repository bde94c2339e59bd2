// The envelope of every HTTP answer.
#include <charconv>
#include <utility>

#include "ring.hpp"

using namespace zegocall;

namespace ring {

HttpResponse ok(int status, std::string_view message, const JsonInput& data) {
  return http_json(status, JsonObject{{"statusCode", status}, {"data", data}, {"message", message}, {"success", true}});
}

HttpResponse refuse(int status, std::string_view message, const JsonInput& data, const JsonInput& errors) {
  return http_json(status, JsonObject{{"success", false}, {"message", message}, {"errors", errors}, {"data", data}});
}

std::string words(const Error& error) {
  if (error.code == ErrorCode::missing_field) return error.field + " is required";
  if (error.detail.empty()) return error.field.empty() ? std::string(name(error.code)) : error.field + " is not acceptable";
  if (error.code == ErrorCode::mistyped_field || error.code == ErrorCode::out_of_range || error.code == ErrorCode::limit_exceeded)
    return error.field.empty() ? error.detail : error.field + ": " + error.detail;
  return error.detail;
}

namespace {

/// What a room's door says; nothing for other refusals.
std::optional<int> door_status(ErrorCode code) {
  static constexpr std::pair<ErrorCode, int> door[] = {
      {ErrorCode::passcode_required, 403},  {ErrorCode::passcode_wrong, 403},
      {ErrorCode::not_invited, 403},        {ErrorCode::banned, 403},
      {ErrorCode::room_full, 409},          {ErrorCode::room_locked, 409},
      {ErrorCode::room_ended, 409},         {ErrorCode::not_started, 409},
      {ErrorCode::passcode_throttled, 429},
  };
  for (const auto& [refusal, status] : door)
    if (refusal == code) return status;
  return std::nullopt;
}

}  // namespace

HttpResponse refusal_of(const Error& error) {
  // The contract says 400 of every bad field and of what a call's state forbids.
  const bool state = error.code == ErrorCode::invalid_state || error.code == ErrorCode::already_done;
  const int status = door_status(error.code).value_or(http_status(error.code));
  return http_json(state || status == 422 ? 400 : status, JsonObject{{"success", false},
                                                                     {"message", words(error)},
                                                                     {"errors", JsonArray{}},
                                                                     {"data", nullptr},
                                                                     {"reason", reason_json(error)}});
}

Json reason_json(const Error& error) {
  JsonObject out{{"code", name(error.code)}};
  if (!error.field.empty()) out.add("field", error.field);
  if (!error.detail.empty()) out.add("detail", error.detail);
  if (error.retry_after.count() > 0)
    out.add("retryAfterSeconds", std::chrono::ceil<std::chrono::seconds>(error.retry_after).count());
  return out;
}

namespace {

Result<std::uint32_t> number_in(const HttpRequest& request, std::string_view name, std::uint32_t fallback, std::uint32_t most) {
  const auto text = request.query(name);
  if (!text || text->empty()) return fallback;
  std::uint32_t value = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (problem != std::errc{} || end != text->data() + text->size() || value < 1 || value > most)
    return fail_field(ErrorCode::out_of_range, std::string(name), "must be a number from 1 to " + std::to_string(most));
  return value;
}

}  // namespace

Result<PageRequest> page_of(const HttpRequest& request) {
  auto page = number_in(request, "page", 1, 1'000'000);
  if (!page) return unexpected(page.error());
  auto size = number_in(request, "limit", 20, 100);
  if (!size) return unexpected(size.error());
  return PageRequest{*page, *size};
}

Json pagination(PageRequest page, std::uint64_t total, std::string_view total_name) {
  const std::uint64_t pages = (total + page.size - 1) / page.size;
  return JsonObject{{"currentPage", page.page},
                    {"totalPages", pages},
                    {total_name, total},
                    {"hasNextPage", page.page < pages},
                    {"hasPrevPage", page.page > 1}};
}

}  // namespace ring
