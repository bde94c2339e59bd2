#include "zego/api_prepare.hpp"

#include <algorithm>
#include <iterator>

namespace zegocall::zego_detail {
namespace {

constexpr std::size_t parameters_max = 128, body_max = 1'000'000;
constexpr unsigned unknown_per_second = 10;

/// What is documented about an action without a type: its parameters stand in the body of a POST, or in a GET's query.
struct Loose {
  std::string_view action;
  bool post;
  unsigned per_second;
  std::string_view required;  ///< names with blanks between
  ApiProduct product = ApiProduct::rtc;
  bool repeatable = true;
};

constexpr Loose loose_actions[] = {
    {"StartMix", true, 100, "TaskId UserId MixInput MixOutput"},
    {"StopMix", true, 100, "TaskId"},
    {"StartAutoMix", true, 100, "TaskId UserId RoomId MixOutput"},
    {"StopAutoMix", true, 100, "TaskId RoomId"},
    {"StartCloudTranscode", true, 100, "TaskId UserId TranscodeInput TranscodeOutput"},
    {"StopCloudTranscode", true, 100, "TaskId"},
    {"StartCensorAudioV2", true, 100, "", ApiProduct::rtc, false},
    {"StopCensorAudioV2", true, 100, "TaskId"},
    {"StartCensorVideoV2", true, 100, "", ApiProduct::rtc, false},
    {"StopCensorVideoV2", true, 100, "TaskId"},
    {"StartCDNRecord", false, 20, "", ApiProduct::rtc, false},
    {"StopCDNRecord", false, 20, ""},
    {"SearchMedia", false, 20, ""},
    {"DeleteMedia", false, 20, ""},
    {"MergeMedia", false, 20, "", ApiProduct::rtc, false},
    {"DescribeMediaTask", false, 20, ""},
    {"TranscodeMedia", false, 20, "", ApiProduct::rtc, false},
    {"CallInvite", true, 20, "FromUserId UserIds OfflinePush", ApiProduct::zim, false},
    {"CallAccept", false, 20, "FromUserId CallId", ApiProduct::zim},
    {"CallReject", false, 20, "FromUserId CallId", ApiProduct::zim},
};

constexpr std::string_view common_parameters[] = {"Action",           "AppId", "SignatureNonce", "Timestamp", "Signature",
                                                  "SignatureVersion", "IsTest"};

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

/// A number in a body that is documented to have bounds.
Result<void> check_bound(JsonView body, std::string_view name, Range range) {
  const auto value = body.get<std::optional<std::int64_t>>(name);
  if (!value) return unexpected(value.error());
  return *value ? check_number(name, **value, range) : Result<void>();
}

Result<void> check_body(const Loose& loose, JsonView body) {
  if (loose.action == "StartMix") return check_bound(body, "MaxIdleTime", {90, 14400});
  if (loose.action != "CallInvite") return {};
  if (body.get<JsonView>("UserIds").value_or(JsonView()).kind() != JsonKind::array)
    return fail_field(ErrorCode::mistyped_field, "UserIds", "must be an array");
  auto good = check_count("UserIds", body.get<JsonView>("UserIds").value_or(JsonView()).size(), {1, 9});
  return good ? check_bound(body, "Timeout", {0, 600}) : good;
}

bool is_there(const ApiRequest& request, std::string_view name) {
  if (request.body) return request.body->has(name);
  return !values_of(request.parameters, name).empty();
}

Result<void> check_required(const Loose& loose, const ApiRequest& request) {
  for (std::string_view rest = loose.required; !rest.empty();) {
    const std::string_view name = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    if (!is_there(request, name))
      return fail_field(ErrorCode::missing_field, std::string(name), std::string(loose.action) + " needs it");
  }
  return request.body ? check_body(loose, request.body->view()) : Result<void>();
}

Result<void> check_method(bool post, const ApiRequest& request) {
  if (post == request.body.has_value()) return {};
  return fail_field(ErrorCode::invalid_argument, "body",
                    request.action + (post ? " is a POST: its parameters belong into a body" : " is a GET and takes no body"));
}

Result<void> check_loose(const Loose& loose, const ApiRequest& request) {
  if (request.product != loose.product)
    return fail_field(ErrorCode::invalid_argument, "product", request.action + " belongs to " + std::string(name(loose.product)));
  auto good = check_method(loose.post, request);
  return good ? check_required(loose, request) : good;
}

/// What holds for every request.
Result<void> check_shape(const ApiRequest& request) {
  if (!is_name(request.action)) return fail_field(ErrorCode::invalid_argument, "Action", "must be 1 to 64 letters and digits");
  if (request.parameters.size() > parameters_max)
    return fail_field(ErrorCode::out_of_range, "parameters", "more than " + std::to_string(parameters_max));
  for (const auto& [key, value] : request.parameters) {
    if (std::find(std::begin(common_parameters), std::end(common_parameters), key) != std::end(common_parameters))
      return fail_field(ErrorCode::invalid_argument, key, "is the library's to set");
    if (auto good = check_text("parameters", key, {1, 128}); !good) return good;
    if (auto good = check_text(key, value, {0, 8192}); !good) return good;
  }
  if (!request.body) return {};
  if (request.body->kind() != JsonKind::object) return fail_field(ErrorCode::mistyped_field, "body", "must be an object");
  if (request.body->text().size() > body_max)
    return fail_field(ErrorCode::payload_too_large, "body", "has more than " + std::to_string(body_max) + " bytes");
  return {};
}

std::string room_of(const std::vector<ApiParameter>& parameters) {
  const auto rooms = values_of(parameters, "RoomId");
  return rooms.empty() ? std::string() : std::string(rooms[0]);
}

Result<Prepared> prepare_loose(const ApiRequest& request) {
  const auto* const loose = std::find_if(std::begin(loose_actions), std::end(loose_actions),
                                         [&](const Loose& row) { return row.action == request.action; });
  const bool known = loose != std::end(loose_actions);
  if (known)
    if (auto good = check_loose(*loose, request); !good) return unexpected(std::move(good).error());
  return Prepared{.limits = {.action = request.action, .per_second = known ? loose->per_second : unknown_per_second},
                  .product = request.product,
                  .repeatable = known && loose->repeatable,
                  .parameters = request.parameters,
                  .body = request.body ? request.body->text() : std::string_view()};
}

}  // namespace

Prepared prepare_typed(const Route& route, std::vector<ApiParameter> parameters, bool test) {
  Prepared out{.limits = {.action = route.action,
                          .per_second = test && route.test_per_second > 0 ? route.test_per_second : route.per_second,
                          .room_period = std::chrono::seconds(route.room_seconds)},
               .sequenced = route.sequenced,
               .repeatable = route.repeatable};
  if (route.room_seconds > 0) out.room = room_of(parameters);
  out.parameters = std::move(parameters);
  return out;
}

Result<Prepared> prepare(const ApiRequest& request, bool test) {
  if (auto good = check_shape(request); !good) return unexpected(std::move(good).error());
  const ActionEntry* const typed = find_action(request.action);
  if (typed == nullptr) return prepare_loose(request);
  auto good = check_method(false, request);
  if (good && request.product != ApiProduct::rtc)
    good = fail_field(ErrorCode::invalid_argument, "product", request.action + " belongs to rtc");
  if (!good) return unexpected(std::move(good).error());
  auto parameters = typed->read(request.parameters);
  if (!parameters) return unexpected(std::move(parameters).error());
  return prepare_typed(typed->route, *std::move(parameters), test);
}

}  // namespace zegocall::zego_detail
