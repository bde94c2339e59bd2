#include "zego/codes_table.hpp"

namespace zegocall::zego_detail {
namespace {

using enum CodeFrom;

constexpr CodeCause host_causes[] = {
    {"a proxy rewrites the Host header", "it must be <product>-api.zego.im or <product>-api-<region>.zego.im"},
    {"the wrong host name", "rtc, zim, whiteboard, docs, cloudrecord or auth in front of -api"},
};
constexpr CodeCause app_id_causes[] = {
    {"AppId is empty or not a number", "zegocall doctor looks at ZEGO_APP_ID"},
    {"the AppSign or a name was taken for it", "it is the project's number, 1 to 4294967295"},
};
constexpr CodeCause parameter_causes[] = {
    {"the request was put together by hand", "zegocall api ACTION --dry-run shows it as it should be"},
    {"a proxy drops or decodes the query", "compare what leaves with what arrives"},
};
constexpr CodeCause clock_causes[] = {
    {"the server's clock is off by more than ten minutes", "zegocall doctor; run NTP"},
    {"Timestamp is milliseconds", "it is Unix seconds, ten digits"},
    {"a signed request was kept and sent again", "sign each try anew"},
};
constexpr CodeCause signature_causes[] = {
    {"another project's ServerSecret, or the CallbackSecret", "compare app id and secret in the console: zegocall doctor"},
    {"other order or separators in the hash", "MD5 of AppId, SignatureNonce, ServerSecret, Timestamp, nothing between"},
    {"nonce or time of the query are not those hashed", "zegocall api ACTION --dry-run"},
};
constexpr CodeCause action_causes[] = {
    {"the name is misspelt, also in its capitals", "zegocall api shows the actions"},
    {"the action belongs to another product's host", "rooms: rtc-api; chat: zim-api"},
};
constexpr CodeCause lookup_causes[] = {
    {"the app id does not exist", "compare it with the console"},
    {"the project is new and not known everywhere yet", "try again in a few minutes"},
};
constexpr CodeCause body_causes[] = {
    {"the body is not JSON, or is compressed", "Content-Type: application/json, nested values as JSON, not as texts"},
};
constexpr CodeCause test_causes[] = {
    {"the project is in testing, the request is for production", "IsTest=true, or switch the project to production"},
};
constexpr CodeCause bad_value_causes[] = {
    {"a parameter is missing, empty or of another type", "zegocall api ACTION --dry-run names it before the provider does"},
    {"a list was joined with commas", "repeat the name with brackets: UserId[]=a&UserId[]=b"},
};
constexpr CodeCause long_causes[] = {
    {"a text is over its limit, counted in bytes of UTF-8", "zegocall api ACTION --dry-run names field and limit"},
};
constexpr CodeCause rights_causes[] = {
    {"this action must be enabled by the provider's support", "ask them, with the app id"},
};
constexpr CodeCause no_room_causes[] = {
    {"the last person has left and the room went with them", "harmless after a call has ended"},
    {"other room id than the clients use", "exactly, also in case"},
    {"other environment (IsTest) or other project", "compare app id and environment"},
};
constexpr CodeCause no_user_causes[] = {
    {"the user has left, or their heartbeat is missing for 100 s", "ask DescribeUserList"},
    {"other user id than the client logged in with", "exactly, also in case"},
};
constexpr CodeCause stream_causes[] = {
    {"several requests about one stream at once", "one at a time for each stream; then try again"},
    {"the stream has ended meanwhile", "ask DescribeSimpleStreamList"},
};
constexpr CodeCause list_causes[] = {
    {"more entries than one request may have", "split it: KickoutUser 5, most others 10"},
};
constexpr CodeCause message_causes[] = {
    {"the content is empty or over 1024 bytes", "send an id and fetch the rest over your own server"},
};
constexpr CodeCause rules_causes[] = {
    {"100 rules by IP or 200 of another type are alive", "delete some, or give them shorter times"},
};
constexpr CodeCause no_rule_causes[] = {
    {"it has expired, or type and ids are not those it was set with", "harmless; DescribeForbidUserRules lists them"},
};

constexpr CodeInfo rows[] = {
    {100000000, server_api, "the Host header is wrong", "The server API did not recognise the host it was called by.",
     host_causes},
    {100000001, server_api, "AppId is malformed", "The query's AppId is no 32-bit number.", app_id_causes, {100000010}},
    {100000002, server_api, "Timestamp is missing", "Every request carries Unix seconds.", parameter_causes, {100000003}},
    {100000003, server_api, "Timestamp is malformed", "It must be Unix seconds in decimal digits.", clock_causes, {100000004}},
    {100000004,
     server_api,
     "the signature has expired",
     "The request's time is more than ten minutes from the provider's.",
     clock_causes,
     {100000005}},
    {100000005,
     server_api,
     "the signature is wrong",
     "The provider computed another hash for this request.",
     signature_causes,
     {100000004}},
    {100000006, server_api, "Action is missing", "The query does not say what to do.", parameter_causes, {100000007}},
    {100000007, server_api, "Action is not known", "No action of this host has that name.", action_causes},
    {100000008, server_api, "SignatureNonce is missing", "Every request carries a fresh nonce of 16 hex digits.",
     parameter_causes},
    {100000009, server_api, "Signature is missing", "Every request is signed.", parameter_causes, {100000005}},
    {100000010,
     server_api,
     "no secret for this app",
     "The provider could not look up the ServerSecret of this AppId.",
     lookup_causes,
     {100000011}},
    {100000011,
     server_api,
     "no configuration for this app",
     "The provider could not look up this AppId.",
     lookup_causes,
     {100000010}},
    {100000012, server_api, "the body cannot be read", "A POST request's body is not what it should be.", body_causes},
    {100000013, server_api, "SignatureVersion is missing", "It must be 2.0.", parameter_causes, {100000014}},
    {100000014, server_api, "SignatureVersion is not 2.0", "Only version 2.0 is taken.", parameter_causes},
    {100000015, server_api, "the gateway failed", "An internal error in front of the service.", theirs_causes, {}, true, true},
    {100000016,
     server_api,
     "not configured for production",
     "The app may be used in the test environment only.",
     test_causes,
     {30004}},
    {100000017, server_api, "service not enabled", "The project has not switched this service on.", enabling_causes},

    {0, room_api, "done", "No error.", {}},
    {1, room_api, "failed", "The room service could not do it and does not say why.", theirs_causes, {}, true, true},
    {2, room_api, "a parameter is wrong", "A value of the request is not one of those allowed.", bad_value_causes, {3}},
    {3, room_api, "a parameter is too long", "A text is over its limit.", long_causes, {50012}},
    {8, room_api, "the request cannot be decoded", "The query is damaged or encoded twice.", parameter_causes, {5201}},
    {9, room_api, "no permission for this action", "The project may not use this action.", rights_causes, {100000017}},
    {104, room_api, "the room does not exist", "Nobody is in a room of this id.", no_room_causes, {5024, 50001}},
    {5024, room_api, "the room does not exist", "Nobody is in a room of this id.", no_room_causes, {104, 50001}},
    {50001, room_api, "the room does not exist", "Nobody is in a room of this id.", no_room_causes, {104, 5024}},
    {5018, room_api, "the room is gone already", "It was closed before this request.", no_room_causes, {104}},
    {105, room_api, "the user does not exist", "Nobody of this id is in the room.", no_user_causes, {50003}},
    {50003, room_api, "the user is not online", "A custom command goes to people in the room only.", no_user_causes, {105}},
    {121, room_api, "the message was not stored", "The broadcast failed before it was sent.", theirs_causes, {151}},
    {122, room_api, "no message id", "The provider could not number the message.", theirs_causes, {5202}, true, true},
    {5202, room_api, "no message id", "The provider could not number the message.", theirs_causes, {122}, true, true},
    {123, room_api, "the stream was not added", "AddStream failed.", stream_causes, {1012}, true, true},
    {124, room_api, "the stream was not deleted", "DeleteStream failed.", stream_causes, {138}, true, true},
    {138, room_api, "the stream is not known", "No stream of this id is in the room.", stream_causes, {124}},
    {151,
     room_api,
     "the message was not sent",
     "The broadcast was stored, and not delivered to all.",
     theirs_causes,
     {121},
     true,
     true},
    {154, room_api, "the list cannot be read", "The room's list was not available.", theirs_causes, {}, true, true},
    {206,
     room_api,
     "too many requests of this app",
     "The app's limit for this action was passed; each action has its own.",
     busy_causes,
     {207},
     true,
     true},
    {207,
     room_api,
     "too many requests about this room",
     "The room's limit was passed: its user list once a second, its stream list once in ten.",
     busy_causes,
     {206},
     true,
     true},
    {1008, room_api, "the message is empty", "MessageContent must say something.", message_causes},
    {1012,
     room_api,
     "several work on one stream",
     "Two users, or two requests, use one stream id at once.",
     stream_causes,
     {123}},
    {5201, room_api, "encoding failed", "The provider could not write its own message.", theirs_causes, {8}, true, true},
    {50011, room_api, "too many users at once", "The list of receivers is too long.", list_causes},
    {50012, room_api, "the message is too long", "At most 1024 bytes.", message_causes, {3}},
    {50013,
     room_api,
     "the command was not sent",
     "SendCustomCommand failed on the provider's side.",
     theirs_causes,
     {50003},
     true,
     true},
    {50123, room_api, "too many rules", "SetForbidUserRule has no place left for this type.", rules_causes, {50124}},
    {50124, room_api, "the rule does not exist", "DelForbidUserRule found nothing to delete.", no_rule_causes, {50123}},
};

}  // namespace

std::span<const CodeInfo> server_codes() { return rows; }

}  // namespace zegocall::zego_detail
