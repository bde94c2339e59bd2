#include "zego/api_reply.hpp"

namespace zegocall {
namespace {

constexpr std::int64_t seconds_max = 253'402'300'799;  // the end of the year 9999
constexpr std::size_t shown_max = 200;

/// A time in units of which a second has `per_second`.
Result<UnixTime> time_at(JsonView in, std::string_view path, std::int64_t per_second) {
  auto value = in.get<std::optional<std::int64_t>>(path);
  if (!value) return unexpected(std::move(value).error());
  const std::int64_t count = value->value_or(0);
  if (count < 0 || count / per_second > seconds_max) return fail_field(ErrorCode::out_of_range, std::string(path), "is no time");
  return UnixTime(std::chrono::milliseconds(count * (1000 / per_second)));
}

/// What the provider writes as a string here and as a number there; a number keeps all its digits.
Result<std::string> text_at(JsonView in, std::string_view path) {
  auto value = in.get<JsonView>(path);
  if (!value) return unexpected(std::move(value).error());
  if (value->kind() == JsonKind::number) return std::string(value->text());
  return in.get<std::string>(path);
}
Result<std::string> text_or_nothing(JsonView in, std::string_view path) {
  auto value = in.get<std::optional<JsonView>>(path);
  if (!value) return unexpected(std::move(value).error());
  if (!*value) return std::string();
  return text_at(in, path);
}

template <class T>
Result<void> keep(Result<T> from, T& to) {
  if (!from) return unexpected(std::move(from).error());
  to = *std::move(from);
  return {};
}

/// The first failure of several readings, each of which is a Result<void>.
template <class... R>
Result<void> all_of(R... results) {
  Result<void> out;
  static_cast<void>(((out = std::move(results), out.has_value()) && ...));
  return out;
}

template <class T>
Result<void> optional_at(JsonView in, std::string_view path, T& out) {
  auto value = in.get<std::optional<T>>(path);
  if (!value) return unexpected(std::move(value).error());
  if (*value) out = **std::move(value);
  return {};
}
template <class T>
Result<void> required_at(JsonView in, std::string_view path, T& out) {
  return keep(in.get<T>(path), out);
}

/// A 0 or 1, or nothing.
Result<void> flag_at(JsonView in, std::string_view path, bool& out) {
  std::int64_t value = 0;
  auto good = optional_at(in, path, value);
  out = value != 0;
  return good;
}

template <class Enum>
Result<void> read_enum(JsonView in, Enum& out, std::uint8_t max) {
  auto number = in.get<std::uint8_t>();
  if (!number) return unexpected(std::move(number).error());
  if (*number < 1 || *number > max) return fail(ErrorCode::out_of_range, "is a value that is not documented");
  out = static_cast<Enum>(*number);
  return {};
}

}  // namespace

// The hooks by which lists of these are read.
static Result<void> from_json(JsonView in, ForbidRule& out) { return read_enum(in, out, 4); }
static Result<void> from_json(JsonView in, ForbidPrivilege& out) { return read_enum(in, out, 2); }
static Result<void> from_json(JsonView in, DescribeUserNum::Room& out) {
  return all_of(required_at(in, "RoomId", out.room), required_at(in, "UserCount", out.users),
                optional_at(in, "AdminUserCount", out.admins));
}
static Result<void> from_json(JsonView in, DescribeUserList::User& out) {
  return all_of(required_at(in, "UserId", out.user), optional_at(in, "UserName", out.name),
                optional_at(in, "UserRole", out.role));
}
static Result<void> from_json(JsonView in, DescribeUsers::User& out) {
  return all_of(required_at(in, "UserId", out.user), flag_at(in, "Status", out.online),
                keep(time_at(in, "LoginTime", 1000), out.login), optional_at(in, "UserRole", out.role));
}
static Result<void> from_json(JsonView in, DescribeSimpleStreamList::Stream& out) {
  return all_of(required_at(in, "StreamId", out.stream), required_at(in, "UserId", out.user),
                optional_at(in, "UserName", out.user_name), keep(time_at(in, "CreateTime", 1000), out.created),
                keep(text_or_nothing(in, "StreamNumberId"), out.number));
}
static Result<void> from_json(JsonView in, SendCustomCommand::Failed& out) {
  return all_of(required_at(in, "Uid", out.user), optional_at(in, "Code", out.code));
}
static Result<void> from_json(JsonView in, DescribeForbidUserRules::Rule& out) {
  return all_of(required_at(in, "RuleType", out.rule), optional_at(in, "IP", out.ip), optional_at(in, "RoomId", out.room),
                optional_at(in, "UserId", out.user), optional_at(in, "DisabledPrivilegeList", out.privileges),
                keep(time_at(in, "ExpireTime", 1), out.expires));
}
static Result<void> from_json(JsonView in, DescribeForbidStreamRules::Rule& out) {
  return all_of(required_at(in, "StreamId", out.stream), flag_at(in, "DisableAudio", out.audio),
                flag_at(in, "DisableVideo", out.video), optional_at(in, "CreateTime", out.created),
                optional_at(in, "EffectiveTime", out.lasts));
}

namespace zego_detail {

Result<Envelope> read_envelope(std::string body) {
  auto whole = Json::parse(std::move(body));
  if (!whole) return fail(ErrorCode::protocol, "the answer is not JSON: " + whole.error().detail);
  Envelope out;
  out.whole = *std::move(whole);
  const JsonView in = out.whole.view();
  auto good = in.kind() == JsonKind::object ? Result<void>() : fail(ErrorCode::protocol, "the answer is not an object");
  if (good) good = required_at(in, "Code", out.code);
  if (good) good = optional_at(in, "Message", out.message);
  if (good) good = keep(text_or_nothing(in, "RequestId"), out.request_id);
  if (!good) return fail_field(ErrorCode::protocol, good.error().field, good.error().detail);
  return out;
}

std::string shown(std::string_view text) {
  std::string out(text.substr(0, shown_max));
  while (out.size() < text.size() && !out.empty() && (static_cast<unsigned char>(text[out.size()]) & 0xc0) == 0x80)
    out.pop_back();
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return out;
}

bool is_answer(std::string_view action, std::int64_t code) {
  return action == "DescribeRTCStreamState" && (code == 41004 || code == 41006);
}

Error error_of(std::string_view action, const Envelope& envelope) {
  const ApiCode code = api_code(action, envelope.code);
  std::string detail = std::to_string(envelope.code) + ": ";
  detail += code.words.empty() ? shown(envelope.message) : std::string(code.words);
  if (!envelope.request_id.empty()) detail += "; RequestId " + shown(envelope.request_id);
  return {code.error, std::string(code.field), std::move(detail)};
}

Result<void> fill(const Envelope&, ApiDone&) { return {}; }
Result<void> fill(const Envelope& in, ApiData& out) {
  out.data = Json::copy_of(in.data());
  return {};
}
Result<void> fill(const Envelope& in, ApiRequest::Answer& out) {
  out.data = Json::copy_of(in.data());
  out.whole = in.whole;
  return {};
}
Result<void> fill(const Envelope& in, ApiMessageSent& out) {
  return keep(text_at(in.whole.view(), "Data.MessageId"), out.message_id);
}
Result<void> fill(const Envelope& in, DescribeUserNum::Answer& out) {
  return optional_at(in.whole.view(), "Data.UserCountList", out.rooms);
}
Result<void> fill(const Envelope& in, DescribeUserList::Answer& out) {
  return all_of(optional_at(in.whole.view(), "Data.Marker", out.marker),
                optional_at(in.whole.view(), "Data.UserList", out.users));
}
Result<void> fill(const Envelope& in, DescribeUsers::Answer& out) {
  return optional_at(in.whole.view(), "Data.UserStatusList", out.users);
}
Result<void> fill(const Envelope& in, DescribeSimpleStreamList::Answer& out) {
  return optional_at(in.whole.view(), "Data.StreamList", out.streams);
}
Result<void> fill(const Envelope& in, SendCustomCommand::Answer& out) {
  return optional_at(in.whole.view(), "Data.FailUsers", out.failed);
}
Result<void> fill(const Envelope& in, SetForbidUserRule::Answer& out) {
  return keep(time_at(in.whole.view(), "Data.ExpireTime", 1), out.expires);
}
Result<void> fill(const Envelope& in, DescribeForbidUserRules::Answer& out) {
  return optional_at(in.whole.view(), "Data.RuleList", out.rules);
}
Result<void> fill(const Envelope& in, DescribeForbidStreamRules::Answer& out) {
  return all_of(optional_at(in.whole.view(), "Data.RoomId", out.room),
                optional_at(in.whole.view(), "Data.ForbidStreamRuleList", out.rules));
}
Result<void> fill(const Envelope& in, DescribeRTCStreamState::Answer& out) {
  out.state = in.code == 0 ? StreamState::active : in.code == 41006 ? StreamState::closed : StreamState::unknown;
  return all_of(keep(text_or_nothing(in.whole.view(), "Data.create_time"), out.created),
                keep(text_or_nothing(in.whole.view(), "Data.close_time"), out.closed));
}
Result<void> fill(const Envelope& in, GetMixTaskInfo::Answer& out) {
  return all_of(optional_at(in.whole.view(), "Data.TaskInfo.TaskId", out.task),
                optional_at(in.whole.view(), "Data.TaskInfo.MixDuration", out.duration));
}
Result<void> fill(const Envelope& in, GenerateIdentifyToken::Answer& out) {
  return all_of(required_at(in.whole.view(), "Data.IdentifyToken", out.token),
                optional_at(in.whole.view(), "Data.RemainTime", out.remaining));
}

}  // namespace zego_detail
}  // namespace zegocall
