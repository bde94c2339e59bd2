// The server API's return codes as words of ours, from the catalogue. The room service and the media service give the small
// numbers different meanings; everything above 100,000,000 is common to all.
#include <algorithm>
#include <iterator>
#include <string_view>

#include "zegocall/zego/api.hpp"
#include "zegocall/zego/codes.hpp"

namespace zegocall {
namespace {

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

bool is_said_to(bool media_action, CodeFrom from) {
  switch (from) {
    case CodeFrom::server_api:
    case CodeFrom::mix_api:
    case CodeFrom::chat_api: return true;
    case CodeFrom::media_api: return media_action;
    case CodeFrom::room_api:
    case CodeFrom::censor_api: return !media_action;
    case CodeFrom::native_sdk:
    case CodeFrom::web_sdk:
    case CodeFrom::room_service:
    case CodeFrom::gateway:
    case CodeFrom::chat_sdk: return false;
  }
  return false;
}

}  // namespace

ApiCode api_code(std::string_view action, std::int64_t code) {
  const bool media = std::find(std::begin(media_actions), std::end(media_actions), action) != std::end(media_actions);
  const CodeExplanation known = explain_code(code);
  for (const CodeInfo& info : known.entries) {
    if (info.code == code && is_said_to(media, info.from))
      return {.code = code, .error = info.error, .retry = info.retry(), .field = info.field, .words = info.title};
  }
  return {.code = code};
}

}  // namespace zegocall
