// Every typed action as one entry: its documented limit, its parameters, what else must hold.
#pragma once

#include <array>
#include <string_view>
#include <tuple>

#include "zego/api_fields.hpp"

namespace zegocall::zego_detail {

/// What the provider documents about an action beside its parameters.
struct Route {
  std::string_view action;
  unsigned per_second;           ///< for the whole project
  unsigned test_per_second = 0;  ///< in the test environment; 0: the same
  unsigned room_seconds = 0;     ///< once in so many seconds per room; 0: no such limit
  bool sequenced = false;        ///< takes a Sequence
  bool repeatable = true;        ///< doing it twice is as good as once
};

template <class Action>
struct Spec;

// The whole list; the order is that of the header.
template <class... Actions>
struct ActionList {
  template <class F>
  static void each(F f) {
    (f(static_cast<const Actions*>(nullptr)), ...);
  }
};
using TypedActions =
    ActionList<KickoutUser, CloseRoom, DescribeUserNum, DescribeUserList, DescribeUsers, DescribeSimpleStreamList, AddStream,
               DeleteStream, SendBroadcastMessage, SendBarrageMessage, SendCustomCommand, SetForbidUserRule,
               DescribeForbidUserRules, DelForbidUserRule, SetForbidStreamRule, DescribeForbidStreamRules, DelForbidStreamRule,
               ForbidRTCStream, ResumeRTCStream, ForbidRTCStreams, ResumeRTCStreams, DescribeRTCStreamState, ForbidCDNLiveStream,
               ResumeCDNLiveStream, QueryForbidCDNLiveStream, CreatCDNTransferRule, DeleteCDNTransferRule, ClearCDNTransferRule,
               RTMPDispatchV2, GetMixTaskInfo, GenerateIdentifyToken>;

inline constexpr Route media(std::string_view action, unsigned per_second, unsigned test_per_second = 0) {
  return {.action = action, .per_second = per_second, .test_per_second = test_per_second, .sequenced = true};
}
inline constexpr Range message_content{1, 1024}, reason{0, 256}, day{1, 86400}, rule_type{1, 4};

template <>
struct Spec<KickoutUser> {
  using A = KickoutUser;
  static constexpr Route route{"KickoutUser", 50};
  static constexpr std::tuple table{field("RoomId", &A::room), field("UserId", &A::users, {1, 5}),
                                    field("CustomReason", &A::reason, reason)};
};
template <>
struct Spec<CloseRoom> {
  using A = CloseRoom;
  static constexpr Route route{"CloseRoom", 1, 1};
  static constexpr std::tuple table{field("RoomId", &A::room), field("CustomReason", &A::reason, reason),
                                    truth("RoomCloseCallback", &A::room_callback)};
};
template <>
struct Spec<DescribeUserNum> {
  using A = DescribeUserNum;
  static constexpr Route route{"DescribeUserNum", 10, 1};
  static constexpr std::tuple table{field("RoomId", &A::rooms, {1, 10})};
};
template <>
struct Spec<DescribeUserList> {
  using A = DescribeUserList;
  static constexpr Route route{.action = "DescribeUserList", .per_second = 200, .room_seconds = 1};
  static constexpr std::tuple table{field("RoomId", &A::room), field("Mode", &A::order, {0, 1}),
                                    field("Limit", &A::limit, {0, 200}), field("Marker", &A::marker, {0, 4096})};
};
template <>
struct Spec<DescribeUsers> {
  using A = DescribeUsers;
  static constexpr Route route{"DescribeUsers", 10};
  static constexpr std::tuple table{field("RoomId", &A::room), field("UserId", &A::users, {1, 10})};
};
template <>
struct Spec<DescribeSimpleStreamList> {
  using A = DescribeSimpleStreamList;
  static constexpr Route route{.action = "DescribeSimpleStreamList", .per_second = 50, .room_seconds = 10};
  static constexpr std::tuple table{field("RoomId", &A::room)};
};
template <>
struct Spec<AddStream> {
  using A = AddStream;
  static constexpr Route route{"AddStream", 10, 1};
  static constexpr std::tuple table{field("RoomId", &A::room),
                                    field("UserId", &A::user),
                                    field("StreamId", &A::stream),
                                    field("UserName", &A::user_name, user_name),
                                    field("StreamTitle", &A::title, {0, 127}),
                                    field("ExtraInfo", &A::extra, {0, 1024}),
                                    field("CensorFlag", &A::censor)};
};
template <>
struct Spec<DeleteStream> {
  using A = DeleteStream;
  static constexpr Route route{"DeleteStream", 10, 1};
  static constexpr std::tuple table{field("RoomId", &A::room), field("UserId", &A::user), field("StreamId", &A::stream),
                                    field("UserName", &A::user_name, user_name)};
};

/// The two kinds of message take the same parameters.
template <class A>
inline constexpr std::tuple message_table{
    field("RoomId", &A::room), field("UserId", &A::user), field("UserName", &A::user_name, user_name),
    field("MessageCategory", &A::category, {1, 2}), field("MessageContent", &A::content, message_content)};
template <>
struct Spec<SendBroadcastMessage> {
  static constexpr Route route{.action = "SendBroadcastMessage", .per_second = 100, .test_per_second = 10, .repeatable = false};
  static constexpr auto table = message_table<SendBroadcastMessage>;
};
template <>
struct Spec<SendBarrageMessage> {
  static constexpr Route route{.action = "SendBarrageMessage", .per_second = 100, .test_per_second = 10, .repeatable = false};
  static constexpr auto table = message_table<SendBarrageMessage>;
};
template <>
struct Spec<SendCustomCommand> {
  using A = SendCustomCommand;
  static constexpr Route route{.action = "SendCustomCommand", .per_second = 100, .test_per_second = 10, .repeatable = false};
  static constexpr std::tuple table{field("RoomId", &A::room), field("FromUserId", &A::from), field("ToUserId", &A::to, {0, 10}),
                                    field("MessageContent", &A::content, message_content)};
};

template <>
struct Spec<SetForbidUserRule> {
  using A = SetForbidUserRule;
  static constexpr Route route{"SetForbidUserRule", 10};
  static constexpr std::tuple table{field("RuleType", &A::rule, rule_type),
                                    field("IP", &A::ip, {0, 45}),
                                    field("RoomId", &A::room, optional_of(room_id)),
                                    field("UserId", &A::user, optional_of(user_id)),
                                    field("DisabledPrivilege", &A::privileges, {1, 2}),
                                    field("EffectiveTime", &A::lasts, day)};
};
template <>
struct Spec<DescribeForbidUserRules> {
  using A = DescribeForbidUserRules;
  static constexpr Route route{"DescribeForbidUserRules", 10};
  static constexpr std::tuple table{field("RuleType", &A::rule, rule_type)};
};
template <>
struct Spec<DelForbidUserRule> {
  using A = DelForbidUserRule;
  static constexpr Route route{"DelForbidUserRule", 10};
  static constexpr std::tuple table{field("RuleType", &A::rule, rule_type), field("IP", &A::ip, {0, 45}),
                                    field("RoomId", &A::room, optional_of(room_id)),
                                    field("UserId", &A::user, optional_of(user_id))};
};
template <>
struct Spec<SetForbidStreamRule> {
  using A = SetForbidStreamRule;
  static constexpr Route route{"SetForbidStreamRule", 10};
  static constexpr std::tuple table{field("RoomId", &A::room), field("StreamId", &A::stream), field("DisableAudio", &A::audio),
                                    field("DisableVideo", &A::video), field("EffectiveTime", &A::lasts, day)};
};
template <>
struct Spec<DescribeForbidStreamRules> {
  using A = DescribeForbidStreamRules;
  static constexpr Route route{"DescribeForbidStreamRules", 10};
  static constexpr std::tuple table{field("RoomId", &A::room), field("StreamId", &A::streams, {1, 10})};
};
template <>
struct Spec<DelForbidStreamRule> {
  using A = DelForbidStreamRule;
  static constexpr Route route{"DelForbidStreamRule", 10};
  static constexpr std::tuple table{field("RoomId", &A::room), field("StreamId", &A::stream)};
};

/// Most of the media service's actions name one stream and a sequence.
template <class A>
inline constexpr std::tuple stream_table{field("StreamId", &A::stream), field("Sequence", &A::sequence)};
template <class A>
inline constexpr std::tuple streams_table{field("StreamId", &A::streams, {1, 20}), field("Sequence", &A::sequence)};
template <class A>
inline constexpr std::tuple relay_table{field("StreamId", &A::stream), field("CDNUrl", &A::url, {1, 2048}),
                                        field("Sequence", &A::sequence)};

template <>
struct Spec<ForbidRTCStream> {
  static constexpr Route route = media("ForbidRTCStream", 20, 5);
  static constexpr auto table = stream_table<ForbidRTCStream>;
};
template <>
struct Spec<ResumeRTCStream> {
  static constexpr Route route = media("ResumeRTCStream", 20, 5);
  static constexpr auto table = stream_table<ResumeRTCStream>;
};
template <>
struct Spec<ForbidRTCStreams> {
  static constexpr Route route = media("ForbidRTCStreams", 20, 5);
  static constexpr auto table = streams_table<ForbidRTCStreams>;
};
template <>
struct Spec<ResumeRTCStreams> {
  static constexpr Route route = media("ResumeRTCStreams", 20, 5);
  static constexpr auto table = streams_table<ResumeRTCStreams>;
};
template <>
struct Spec<DescribeRTCStreamState> {
  static constexpr Route route = media("DescribeRTCStreamState", 40, 10);
  static constexpr auto table = stream_table<DescribeRTCStreamState>;
};
template <>
struct Spec<ForbidCDNLiveStream> {
  using A = ForbidCDNLiveStream;
  static constexpr Route route{"ForbidCDNLiveStream", 20};
  static constexpr std::tuple table{field("StreamId", &A::stream), field("ResumeTime", &A::resume_time, {0, 64})};
};
template <>
struct Spec<ResumeCDNLiveStream> {
  static constexpr Route route{"ResumeCDNLiveStream", 20};
  static constexpr std::tuple table{field("StreamId", &ResumeCDNLiveStream::stream)};
};
template <>
struct Spec<QueryForbidCDNLiveStream> {
  static constexpr Route route{"QueryForbidCDNLiveStream", 20};
  static constexpr std::tuple table{field("StreamId", &QueryForbidCDNLiveStream::stream)};
};
template <>
struct Spec<CreatCDNTransferRule> {
  static constexpr Route route = media("CreatCDNTransferRule", 10, 5);
  static constexpr auto table = relay_table<CreatCDNTransferRule>;
};
template <>
struct Spec<DeleteCDNTransferRule> {
  static constexpr Route route = media("DeleteCDNTransferRule", 10, 5);
  static constexpr auto table = relay_table<DeleteCDNTransferRule>;
};
template <>
struct Spec<ClearCDNTransferRule> {
  static constexpr Route route = media("ClearCDNTransferRule", 10, 5);
  static constexpr auto table = stream_table<ClearCDNTransferRule>;
};
template <>
struct Spec<RTMPDispatchV2> {
  using A = RTMPDispatchV2;
  static constexpr Route route = media("RTMPDispatchV2", 40);
  static constexpr std::tuple table{field("StreamId", &A::stream), field("Type", &A::direction, {0, 1}),
                                    field("ClientIP", &A::client_ip, {0, 15}), field("Sequence", &A::sequence)};
};
template <>
struct Spec<GetMixTaskInfo> {
  static constexpr Route route{"GetMixTaskInfo", 100};
  static constexpr std::tuple table{field("TaskId", &GetMixTaskInfo::task, {1, 255})};
};
template <>
struct Spec<GenerateIdentifyToken> {
  static constexpr Route route{"GenerateIdentifyToken", 100};
  static constexpr std::tuple table{field("EffectiveTime", &GenerateIdentifyToken::lifetime, {1, 2'592'000})};
};

// ---- what depends on several parameters -----------------------------------------------------------------------------

template <class Action>
Result<void> check_together(const Action&) {
  return {};
}
Result<void> check_together(const SetForbidUserRule& action);
Result<void> check_together(const DelForbidUserRule& action);
Result<void> check_together(const SetForbidStreamRule& action);
Result<void> check_together(const CreatCDNTransferRule& action);
Result<void> check_together(const DeleteCDNTransferRule& action);
Result<void> check_together(const RTMPDispatchV2& action);

/// The parameters of an action that keeps every rule, in the table's order.
template <class Action>
Result<std::vector<ApiParameter>> parameters_of(const Action& action) {
  auto good = each(Spec<Action>::table, [&](const auto& row) { return check_field(action, row); });
  if (good) good = check_together(action);
  if (!good) return unexpected(std::move(good).error());
  std::vector<ApiParameter> out;
  static_cast<void>(each(Spec<Action>::table, [&](const auto& row) {
    say_field(out, action, row);
    return Result<void>();
  }));
  if constexpr (std::is_same_v<Action, QueryForbidCDNLiveStream>) out.emplace_back("Vendor", "ws");
  return out;
}

/// The action that these words say; its rules are not checked yet.
template <class Action>
Result<Action> action_of(const std::vector<ApiParameter>& words) {
  Action action;
  auto good = each(Spec<Action>::table, [&](const auto& row) { return read_field(words, action, row); });
  std::vector<std::string_view> names;
  std::apply([&](const auto&... row) { names = {row.name...}; }, Spec<Action>::table);
  if constexpr (std::is_same_v<Action, QueryForbidCDNLiveStream>) names.emplace_back("Vendor");  // always ws
  if (good) good = check_known(words, names);
  if (!good) return unexpected(std::move(good).error());
  return action;
}

/// A typed action without its type.
struct ActionEntry {
  Route route;
  Result<std::vector<ApiParameter>> (*read)(const std::vector<ApiParameter>& words);  ///< checked, as parameters_of
};
/// nullptr if no typed action has this name.
const ActionEntry* find_action(std::string_view name);

}  // namespace zegocall::zego_detail
