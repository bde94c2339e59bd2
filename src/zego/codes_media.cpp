#include "zego/codes_table.hpp"

namespace zegocall::zego_detail {
namespace {

using enum CodeFrom;

constexpr CodeCause parameter_causes[] = {
    {"a parameter is missing, empty or of another type", "zegocall api ACTION --dry-run"},
    {"the stream id has another shape in testing", "there it begins with zegotest-<AppId>-"},
};
constexpr CodeCause auth_causes[] = {
    {"another project's secret", "compare app id and secret in the console: zegocall doctor"},
    {"the server's clock is wrong", "zegocall doctor"},
};
constexpr CodeCause dispatch_causes[] = {
    {"no media server could be found for now", "try again with back-off"},
};
constexpr CodeCause offline_causes[] = {
    {"the project is paused or expired", "look at its state in the console"},
};
constexpr CodeCause often_causes[] = {
    {"too many requests, or Sequence did not grow", "back off; Sequence grows for each stream, best the milliseconds"},
};
constexpr CodeCause url_causes[] = {
    {"the CDN address is no RTMP URL or not encoded", "rtmp://..., percent-encoded once"},
    {"its domain is not configured for the project", "add it in the console"},
};
constexpr CodeCause test_causes[] = {
    {"IsTest does not fit the project's environment", "true while it is in testing, else leave it out"},
};
constexpr CodeCause stream_causes[] = {
    {"the stream has ended, or never began", "DescribeRTCStreamState, DescribeSimpleStreamList"},
    {"other project or environment", "in testing ids begin with zegotest-<AppId>-"},
};
constexpr CodeCause forbid_causes[] = {
    {"one of the streams is not there", "DescribeRTCStreamState for each"},
    {"forbidding is not enabled for the project", "ask the provider's support"},
};
constexpr CodeCause mix_body_causes[] = {
    {"the body is not what StartMix takes", "JSON with real nested values, Content-Type application/json"},
};
constexpr CodeCause mix_stream_causes[] = {
    {"an input is given twice, is missing, or is an output too", "every stream id once"},
    {"an input is not published at the moment", "start the mix after its stream_create"},
};
constexpr CodeCause mix_many_causes[] = {
    {"more inputs or outputs than a mix may have", "split the mix, or ask their support for a higher limit"},
};
constexpr CodeCause mix_size_causes[] = {
    {"width, height or bit rate are outside the limits", "even numbers, within the plan's resolution"},
};
constexpr CodeCause mix_owner_causes[] = {
    {"another UserId started this task", "stop it with the UserId that started it"},
};
constexpr CodeCause mix_task_causes[] = {
    {"the task has ended, or has another TaskId", "harmless when stopping"},
};
constexpr CodeCause callee_causes[] = {
    {"they never logged in to In-app Chat", "register them first, or let them log in once"},
};
constexpr CodeCause over_causes[] = {
    {"the invitation has ended or timed out", "harmless after a race; ask the call's state"},
    {"another CallId", "as call_create named it"},
};

constexpr std::string_view internal_words = "An internal error of the media service.";

constexpr CodeInfo rows[] = {
    {1, media_api, "failed", "The media service could not do it and does not say why.", theirs_causes},
    {2, media_api, "a parameter is wrong", "A value is missing or not allowed.", parameter_causes, {1006}},
    {3, media_api, "authentication failed", "The media service refused the signature.", auth_causes, {5003, 40005}},
    {5003, media_api, "authentication failed", "The media service refused the signature.", auth_causes, {3, 40005}},
    {40005, media_api, "authentication failed", "The media service refused the signature.", auth_causes, {3, 5003}},
    {1001, media_api, "dispatch failed", "No media server was assigned.", dispatch_causes},
    {1002, media_api, "dispatch failed", "No media server was assigned.", dispatch_causes},
    {1003, media_api, "dispatch failed", "No media server was assigned.", dispatch_causes},
    {1005, media_api, "the app is off line", "The project is not in service.", offline_causes},
    {1006, media_api, "a parameter is wrong", "A value is missing or not allowed.", parameter_causes, {2}},
    {1010, media_api, "too frequent", "The limit of this action was passed.", often_causes, {5007, 30002}},
    {5007, media_api, "too frequent", "The limit of this action was passed.", often_causes, {1010, 30002}},
    {30002, media_api, "too frequent", "The limit of this action was passed.", often_causes, {1010, 5007}},
    {3000, media_api, "AppId is wrong", "No project has this number.", app_causes, {30005}},
    {30005, media_api, "AppId is wrong", "No project has this number.", app_causes, {3000}},
    {3001, media_api, "the service failed", internal_words, theirs_causes},
    {5000, media_api, "the service failed", internal_words, theirs_causes},
    {5001, media_api, "the service failed", internal_words, theirs_causes},
    {5002, media_api, "the service failed", internal_words, theirs_causes},
    {5006, media_api, "the service failed", internal_words, theirs_causes},
    {30003, media_api, "the service failed", internal_words, theirs_causes},
    {3002, media_api, "the time is wrong", "The request's time is too far from the provider's.", auth_causes, {100000004}},
    {3003, media_api, "no token is configured", "The project has no key for this service.", enabling_causes},
    {5004, media_api, "the CDN address is wrong", "It cannot be published to.", url_causes, {30001}},
    {30001, media_api, "the CDN address is wrong", "It cannot be published to.", url_causes, {5004}},
    {5005, media_api, "the request is wrong", "It does not have the shape of this action.", parameter_causes},
    {30004, media_api, "isTest is wrong", "The environment does not fit.", test_causes, {100000016}},
    {30006, media_api, "the list of streams is wrong", "It is empty, too long or no list.", parameter_causes},
    {30009, media_api, "a stream id has a wrong format", "Letters, digits, - and _, at most 256.", parameter_causes},
    {30010, media_api, "Type is wrong", "pull or push.", parameter_causes},
    {30011, media_api, "the client's IP is wrong", "ClientIP is an IPv4 address.", parameter_causes},
    {41001, media_api, "the stream's state is not known", "The query about the stream failed.", stream_causes, {41004}},
    {41002, media_api, "the stream's state is not known", "The query about the stream failed.", stream_causes, {41004}},
    {41003, media_api, "the stream's state is not known", "The query about the stream failed.", stream_causes, {41004}},
    {41004, media_api, "the stream is not known", "DescribeRTCStreamState: no stream of this id.", stream_causes, {41006}},
    {41006, media_api, "the stream is closed", "DescribeRTCStreamState: it was there and has ended.", stream_causes, {41004}},
    {42001, media_api, "the stream was not forbidden or resumed", "The order did not get through.", forbid_causes, {42003}},
    {42002, media_api, "the stream was not forbidden or resumed", "The order did not get through.", forbid_causes, {42004}},
    {42003, media_api, "not all streams were forbidden", "ForbidRTCStreams failed for some or all.", forbid_causes, {42004}},
    {42004, media_api, "not all streams were resumed", "ResumeRTCStreams failed for some or all.", forbid_causes, {42003}},
    {43001, media_api, "the CDN rule failed", "Relaying to the CDN could not be changed.", url_causes},

    {110200001, mix_api, "mixing failed", "The mixer does not say why.", theirs_causes, {110200151}},
    {110200002, mix_api, "a parameter is wrong", "The mixer refuses a value.", mix_body_causes},
    {110200003, mix_api, "authentication failed", "The mixer refused the signature.", auth_causes},
    {110200004, mix_api, "the request cannot be parsed", "The body is not the JSON of this action.", mix_body_causes},
    {110200005, mix_api, "the task is locked", "Requests about one task came too close together.", busy_causes, {110200006}},
    {110200006, mix_api, "the task is locked", "Requests about one task came too close together.", busy_causes, {110200005}},
    {110200140, mix_api, "a stream is input and output", "The mix would hear itself.", mix_stream_causes},
    {110200150, mix_api, "an input is missing", "One of the streams is not there.", mix_stream_causes},
    {110200151, mix_api, "the task failed", "The mixer could not start or change it.", theirs_causes},
    {110200157, mix_api, "mixing is not enabled", "The project has not switched it on.", enabling_causes},
    {110200158, mix_api, "too many inputs", "The mix has more inputs than allowed.", mix_many_causes, {110200178}},
    {110200160, mix_api, "not the owner of the task", "Another user started it.", mix_owner_causes},
    {110200161, mix_api, "the width is wrong", "The output's size is outside the limits.", mix_size_causes},
    {110200175, mix_api, "an input comes twice", "Every input once.", mix_stream_causes, {110200176}},
    {110200176, mix_api, "an output comes twice", "Every output once.", mix_stream_causes, {110200175}},
    {110200178, mix_api, "too many outputs", "The mix has more outputs than allowed.", mix_many_causes, {110200158}},
    {110200190, mix_api, "the mixer is overloaded", "No mixer was free.", busy_causes, {110200191, 110200194}},
    {110200191, mix_api, "the mixer is overloaded", "No mixer was free.", busy_causes, {110200190, 110200194}},
    {110200194, mix_api, "the mixer is overloaded", "No mixer was free.", busy_causes, {110200190, 110200191}},
    {110200197, mix_api, "the mix was not added to the room", "It runs, but nobody in the room is told.", theirs_causes},
    {110209001, mix_api, "the task is not known", "No mix of this TaskId.", mix_task_causes},
    {110240002, mix_api, "the mix's token is not accepted", "The output asks for a token.", auth_causes},

    {50006, censor_api, "moderation refused", "The moderation service could not take the task.", enabling_causes, {50007, 50009}},
    {50007, censor_api, "moderation refused", "The moderation service could not take the task.", enabling_causes, {50006, 50009}},
    {50009, censor_api, "moderation refused", "The moderation service could not take the task.", enabling_causes, {50006, 50007}},
    {50117, censor_api, "moderation refused", "The moderation service could not take the task.", enabling_causes, {50006}},

    {660000002, chat_api, "a parameter is wrong", "A value is missing or not allowed.", parameter_causes},
    {660300005, chat_api, "too frequent", "The limit of this action was passed.", busy_causes, {}, true, true},
    {660500002,
     chat_api,
     "the operator is not registered",
     "FromUserId is not known to In-app Chat.",
     callee_causes,
     {660900003}},
    {660900003,
     chat_api,
     "somebody invited is not registered",
     "Everybody invited must be registered.",
     callee_causes,
     {660500002, 6000281}},
    {660900004, chat_api, "the call was not found", "The service could not look it up.", over_causes, {6000276}},
    {660900005, chat_api, "the call has ended", "There is nothing left to answer.", over_causes},
    {660900006, chat_api, "the invitation timed out", "The answer came too late.", over_causes},
    {660900007, chat_api, "too many invited", "At most 9 in one call.", mix_many_causes, {6000272}},
    {660900008, chat_api, "the operator was not invited", "Only somebody invited can answer.", over_causes, {6000274}},
};

}  // namespace

std::span<const CodeInfo> media_codes() { return rows; }

}  // namespace zegocall::zego_detail
