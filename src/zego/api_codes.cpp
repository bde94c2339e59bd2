// The server API's return codes as words of ours. The room service and the media service give the small numbers different
// meanings; everything above 100,000,000 is common to all.
#include <algorithm>
#include <iterator>
#include <string_view>

#include "zegocall/zego/api.hpp"

namespace zegocall {
namespace {

using enum ErrorCode;

constexpr ApiCode common_codes[] = {
    {100000000, invalid_argument, false, "Host", "wrong host name"},
    {100000001, invalid_argument, false, "AppId", "malformed"},
    {100000002, missing_field, false, "Timestamp", "missing"},
    {100000003, invalid_argument, false, "Timestamp", "malformed"},
    {100000004, expired, false, "Timestamp", "more than 10 minutes off: set this machine's clock"},
    {100000005, unauthenticated, false, "Signature", "wrong signature: is the secret this project's?"},
    {100000006, missing_field, false, "Action", "missing"},
    {100000007, unknown_event, false, "Action", "not supported"},
    {100000008, missing_field, false, "SignatureNonce", "missing"},
    {100000009, missing_field, false, "Signature", "missing"},
    {100000010, not_found, false, "AppId", "no secret is known for this project: is the number right?"},
    {100000011, not_found, false, "AppId", "no configuration is known for this project: is the number right?"},
    {100000012, bad_json, false, "", "the body could not be read"},
    {100000013, missing_field, false, "SignatureVersion", "missing"},
    {100000014, invalid_argument, false, "SignatureVersion", "must be 2.0"},
    {100000015, provider_failed, true, "", "the provider's gateway failed"},
    {100000016, forbidden, false, "IsTest", "the project is not set up for production"},
    {100000017, forbidden, false, "", "the service is not switched on for the project"},
    {110200001, provider_refused, false, "", "mixing failed"},
    {110200002, invalid_argument, false, "", "a parameter is wrong"},
    {110200003, unauthenticated, false, "", "authentication failed"},
    {110200004, bad_json, false, "", "the request could not be parsed"},
    {110200005, rate_limited, true, "TaskId", "the task is locked: too frequent"},
    {110200006, rate_limited, true, "TaskId", "the task is locked: too frequent"},
    {110200140, invalid_argument, false, "MixOutput", "the same stream goes in and out"},
    {110200150, not_found, false, "MixInput", "an input stream does not exist"},
    {110200151, provider_refused, false, "", "the mixing task failed"},
    {110200157, forbidden, false, "", "mixing is not switched on for the project"},
    {110200158, out_of_range, false, "MixInput", "too many inputs"},
    {110200160, forbidden, false, "UserId", "not the owner of the task"},
    {110200161, out_of_range, false, "MixOutput", "the width is not allowed"},
    {110200175, invalid_argument, false, "MixInput", "a stream is there twice"},
    {110200176, invalid_argument, false, "MixOutput", "a stream is there twice"},
    {110200178, out_of_range, false, "MixOutput", "too many outputs"},
    {110200190, provider_failed, true, "", "overloaded"},
    {110200191, provider_failed, true, "", "overloaded"},
    {110200194, provider_failed, true, "", "overloaded"},
    {110200197, provider_refused, false, "RoomId", "the stream could not be added to the room"},
    {110209001, not_found, false, "TaskId", "there is no such task"},
    {110240002, unauthenticated, false, "", "the token is not allowed"},
    {660000002, invalid_argument, false, "", "a parameter is wrong"},
    {660300005, rate_limited, true, "", "too frequent"},
    {660500002, not_found, false, "FromUserId", "the operator is not registered"},
    {660900003, not_found, false, "UserIds", "all callees must be registered"},
    {660900004, not_found, false, "CallId", "the call could not be looked up"},
    {660900005, invalid_state, false, "CallId", "the call has ended"},
    {660900006, invalid_state, false, "CallId", "the invitation has timed out"},
    {660900007, out_of_range, false, "UserIds", "too many callees"},
    {660900008, forbidden, false, "FromUserId", "the operator was not invited"},
};

constexpr ApiCode room_codes[] = {
    {1, provider_failed, true, "", "failed"},
    {2, invalid_argument, false, "", "a parameter is wrong"},
    {3, out_of_range, false, "", "a parameter is too long"},
    {8, protocol, false, "", "the request could not be decoded"},
    {9, forbidden, false, "", "no permission for this action"},
    {104, not_found, false, "RoomId", "the room does not exist"},
    {105, not_found, false, "UserId", "the user does not exist"},
    {121, provider_refused, false, "", "the broadcast was not stored"},
    {122, provider_failed, true, "", "no message id could be made"},
    {123, provider_failed, true, "", "the stream could not be set"},
    {124, provider_failed, true, "", "the stream could not be deleted"},
    {138, not_found, false, "StreamId", "the stream is not known"},
    {151, provider_failed, true, "", "the broadcast could not be pushed"},
    {154, provider_failed, true, "", "the list could not be read"},
    {206, rate_limited, true, "Action", "the project's limit is passed"},
    {207, rate_limited, true, "RoomId", "the room's limit is passed"},
    {1008, missing_field, false, "MessageContent", "empty"},
    {1012, invalid_state, false, "StreamId", "several users operate on one stream"},
    {5018, not_found, false, "RoomId", "the room is already gone"},
    {5024, not_found, false, "RoomId", "the room does not exist"},
    {5201, provider_failed, true, "", "encoding failed"},
    {5202, provider_failed, true, "", "no message id could be made"},
    {50001, not_found, false, "RoomId", "the room does not exist"},
    {50003, not_found, false, "ToUserId", "the user is not online"},
    {50006, provider_refused, false, "", "moderation refused"},
    {50007, provider_refused, false, "", "moderation refused"},
    {50009, provider_refused, false, "", "moderation refused"},
    {50011, out_of_range, false, "ToUserId", "too many users"},
    {50012, out_of_range, false, "MessageContent", "too long"},
    {50013, provider_failed, true, "", "the custom message failed"},
    {50117, provider_refused, false, "", "moderation refused"},
    {50123, limit_exceeded, false, "RuleType", "too many live rules"},
    {50124, not_found, false, "RuleType", "there is no such rule"},
};

constexpr ApiCode media_codes[] = {
    {1, provider_failed, true, "", "failed"},
    {2, invalid_argument, false, "", "a parameter is wrong"},
    {3, unauthenticated, false, "", "authentication failed"},
    {1001, provider_refused, false, "", "dispatch failed"},
    {1002, provider_refused, false, "", "dispatch failed"},
    {1003, provider_refused, false, "", "dispatch failed"},
    {1005, forbidden, false, "AppId", "the project is offline"},
    {1006, invalid_argument, false, "", "a parameter is wrong"},
    {1010, rate_limited, true, "Action", "too frequent"},
    {3000, invalid_argument, false, "AppId", "the project is not known"},
    {3001, provider_failed, false, "", "internal"},
    {3002, invalid_argument, false, "Timestamp", "the time stamp is wrong"},
    {3003, unauthenticated, false, "", "no token is configured"},
    {5000, provider_failed, false, "", "internal"},
    {5001, provider_failed, false, "", "internal"},
    {5002, provider_failed, false, "", "internal"},
    {5003, unauthenticated, false, "", "authentication failed"},
    {5004, invalid_argument, false, "CDNUrl", "the URL is wrong"},
    {5005, invalid_argument, false, "", "the request is wrong"},
    {5006, provider_failed, false, "", "internal"},
    {5007, rate_limited, true, "Action", "too frequent"},
    {30001, invalid_argument, false, "CDNUrl", "the URL is wrong"},
    {30002, rate_limited, true, "Action", "too frequent"},
    {30003, provider_failed, false, "", "internal"},
    {30004, invalid_argument, false, "IsTest", "wrong"},
    {30005, invalid_argument, false, "AppId", "wrong"},
    {30006, invalid_argument, false, "StreamId", "the list of streams is wrong"},
    {30009, invalid_argument, false, "StreamId", "the format is wrong"},
    {30010, invalid_argument, false, "Type", "wrong"},
    {30011, invalid_argument, false, "ClientIP", "wrong"},
    {40005, unauthenticated, false, "", "authentication failed"},
    {41001, provider_refused, false, "", "the stream's state could not be read"},
    {41002, provider_refused, false, "", "the stream's state could not be read"},
    {41003, provider_refused, false, "", "the stream's state could not be read"},
    {41004, not_found, false, "StreamId", "the stream is not known"},
    {41006, not_found, false, "StreamId", "the stream is closed"},
    {42001, provider_refused, false, "", "forbidding failed"},
    {42002, provider_refused, false, "", "resuming failed"},
    {42003, provider_refused, false, "", "forbidding failed for some streams"},
    {42004, provider_refused, false, "", "resuming failed for some streams"},
    {43001, provider_refused, false, "", "failed"},
};

// By what the provider's tables are about: streams at the media service, and relays to a CDN.
constexpr std::string_view media_actions[] = {
    "ForbidRTCStream",
    "ResumeRTCStream",
    "ForbidRTCStreams",
    "ResumeRTCStreams",
    "DescribeRTCStreamState",
    "ForbidCDNLiveStream",
    "ResumeCDNLiveStream",
    "CreatCDNTransferRule",
    "DeleteCDNTransferRule",
    "ClearCDNTransferRule",
    "RTMPDispatchV2",
    "QueryForbidCDNLiveStream",
    "StartCDNRecord",
    "StopCDNRecord",
    "SearchMedia",
    "DeleteMedia",
    "MergeMedia",
    "DescribeMediaTask",
    "TranscodeMedia",
};

template <std::size_t N>
const ApiCode* find(const ApiCode (&table)[N], std::int64_t code) {
  static_assert(N > 0);
  const auto* const found = std::lower_bound(std::begin(table), std::end(table), code,
                                             [](const ApiCode& row, std::int64_t wanted) { return row.code < wanted; });
  return found != std::end(table) && found->code == code ? found : nullptr;
}

}  // namespace

ApiCode api_code(std::string_view action, std::int64_t code) {
  const bool media = std::find(std::begin(media_actions), std::end(media_actions), action) != std::end(media_actions);
  const ApiCode* found = find(common_codes, code);
  if (found == nullptr) found = media ? find(media_codes, code) : find(room_codes, code);
  return found != nullptr ? *found : ApiCode{.code = code};
}

}  // namespace zegocall
