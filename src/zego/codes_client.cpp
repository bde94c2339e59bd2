#include "zego/codes_table.hpp"

namespace zegocall::zego_detail {
namespace {

using enum CodeFrom;

constexpr CodeCause none_causes[] = {
    {"the client asked for the token too late, or not at all", "wait for the backend's answer before the room login"},
    {"the member of the answer has another name", "token, zegoToken? print what the client read"},
};
constexpr CodeCause black_causes[] = {
    {"a rule forbids this user, room or address", "DescribeForbidUserRules; rules end by themselves"},
};
constexpr CodeCause payload_causes[] = {
    {"the payload is an object, not a text", "JSON inside a text: encode it twice, or leave it empty"},
    {"the payload is plain words", "empty, or JSON with room_id and privilege"},
};
constexpr CodeCause token_app_causes[] = {
    {"the token was made for another project", "zegocall token inspect shows the app"},
    {"app_id is a text in the token", "a JSON number, without quotes"},
};
constexpr CodeCause token_user_causes[] = {
    {"login and token name two different users", "exactly, also in case and spaces; zegocall token inspect --user"},
    {"user_id is a number in the token", "a JSON text, with quotes"},
};
constexpr CodeCause version_causes[] = {
    {"the token does not begin with 04", "a JWT or an old Token03? zegocall token inspect"},
    {"the SDK is older than 2.17.0", "update it"},
};
constexpr CodeCause nonce_causes[] = {
    {"nonce is a text or a fraction", "a whole JSON number"},
};
constexpr CodeCause publish_causes[] = {
    {"the token's privilege \"2\" is 0 or missing", "mint it for a role that may publish"},
    {"the stream is not in stream_id_list", "zegocall token inspect shows the list; null allows any"},
};
constexpr CodeCause stream_token_causes[] = {
    {"the token has expired meanwhile", "renew it, then publish or play again"},
    {"the stream is not in stream_id_list", "zegocall token inspect shows the list; null allows any"},
    {"playing across projects needs the other project's token", "mint it with that project's key"},
};
constexpr CodeCause twice_causes[] = {
    {"the same user id is logged in on another device or tab", "give each its own user id, or tell the user"},
    {"user ids are not unique", "two people with one id throw each other out"},
};
constexpr CodeCause kicked_causes[] = {
    {"your backend called KickoutUser or CloseRoom", "the reason is in extendedData"},
    {"they come back at once", "kicking does not keep out: short tokens, and SetForbidUserRule"},
};
constexpr CodeCause renew_causes[] = {
    {"nobody renewed the token in time", "renewToken at tokenWillExpire, 30 s before the end"},
    {"the project is in the strict mode", "ask their support whether it should be"},
};
constexpr CodeCause rooms_causes[] = {
    {"the client did not leave its former room", "logoutRoom first, or enable several rooms"},
};
constexpr CodeCause not_in_room_causes[] = {
    {"the call came before the login's end, or after the logout", "wait for the login's success"},
};
constexpr CodeCause net_causes[] = {
    {"the network, a proxy or a firewall is in the way", "try from another network; allow wss to the provider"},
};
constexpr CodeCause full_causes[] = {
    {"the room's limit of users is reached", "raise it in the console or with their support"},
};
constexpr CodeCause forbid_causes[] = {
    {"your backend, or moderation, called ForbidRTCStream", "ResumeRTCStream lifts it"},
};
constexpr CodeCause format_causes[] = {
    {"a character that the provider does not take", "letters, digits and ~!@#$^&*()_+=-;',.<>` only"},
    {"too long: user 63 bytes, room 127", "count bytes of UTF-8, not characters"},
};
constexpr CodeCause busy_login_causes[] = {
    {"the client logs in twice, or before the first has ended", "one login at a time; React effects run twice in development"},
};
constexpr CodeCause web_app_causes[] = {
    {"the app id is not this project's", "compare the client's with the console; it is a number"},
    {"the server address belongs to another project", "take the one that the console shows"},
};

constexpr CodeInfo rows[] = {
    {1001004,
     native_sdk,
     "app id or environment refused",
     "The provider does not know this app id in this environment.",
     app_causes,
     {1001005}},
    {1001005, native_sdk, "AppSign refused", "The AppSign is not this project's.", app_causes, {1001004}},
    {1002001, native_sdk, "too many rooms", "The client is in as many rooms as it may be.", rooms_causes, {1002037}},
    {1002002, native_sdk, "not in that room", "The room named is not one of those logged in to.", not_in_room_causes},
    {1002006,
     native_sdk,
     "the user id has a character that is not allowed",
     "The SDK refuses it before it asks anybody.",
     format_causes,
     {1002007}},
    {1002007, native_sdk, "the user id is too long", "64 bytes or more.", format_causes, {1002006}},
    {1002013, native_sdk, "the room id is too long", "128 bytes or more.", format_causes},
    {1002031, native_sdk, "the room login timed out", "No answer from the provider.", net_causes, {1002053}},
    {1002033,
     native_sdk,
     "room login refused",
     "The token is wrong or expired; the provider does not say which.",
     token_causes,
     {1102016, 50119}},
    {1002034, native_sdk, "the room is full", "The login came too late for the last place.", full_causes},
    {1002050, native_sdk, "kicked out: logged in elsewhere", "The same user id logged in once more, and the last one stays.",
     twice_causes},
    {1002053,
     native_sdk,
     "gave up trying again",
     "The connection was not back within the time for retries (300 s).",
     net_causes,
     {1002031}},
    {1002055, native_sdk, "kicked out by the backend", "KickoutUser or CloseRoom was called.", kicked_causes},
    {1002056,
     native_sdk,
     "kicked out: the token expired",
     "Only in the strict mode that support switches on; else nobody is kicked when a token expires.",
     renew_causes,
     {1002078}},
    {1002057, native_sdk, "kicked out: session error", "The provider lost the session.", theirs_causes},
    {1002066, native_sdk, "the user is blocked", "The user is on the server's black list.", black_causes, {5030}},
    {1002067, native_sdk, "neither AppSign nor token", "The client logged in with nothing to show.", none_causes},
    {1002074, native_sdk, "token: internal error", "The provider failed while it looked at the token.", theirs_causes},
    {1002075, native_sdk, "token: the payload is no JSON", "The payload must be empty or JSON in a text.", payload_causes},
    {1002076, native_sdk, "token: other app id", "The token's app_id is not the client's, or no number.", token_app_causes},
    {1002077, native_sdk, "token: other user id", "The token's user_id is not the one that logs in, or no text.",
     token_user_causes},
    {1002078, native_sdk, "token expired", "Its time is over, or expire is no number.", expired_causes, {1102018}},
    {1002079, native_sdk, "token: wrong version", "The first two characters are not 04, or the SDK does not know 04.",
     version_causes},
    {1002080, native_sdk, "token: bad nonce", "The nonce has the wrong type.", nonce_causes},
    {1002082, native_sdk, "the new token may not publish", "A renewed token takes a permission away that is in use.",
     publish_causes},
    {1002099, native_sdk, "internal error", "The SDK or the provider failed.", theirs_causes},
    {1003025, native_sdk, "publishing was forbidden", "The server forbade this stream.", forbid_causes, {1004025}},
    {1003072, native_sdk, "publishing refused", "Authentication for publishing failed.", stream_token_causes, {1004003, 1103019}},
    {1004003, native_sdk, "playing refused", "Authentication for playing failed.", stream_token_causes, {1003072, 1104046}},
    {1004025, native_sdk, "playing was forbidden", "The server forbade this stream.", forbid_causes, {1003025}},
    {1019022,
     native_sdk,
     "range scene: token refused",
     "The scene's login could not use the token; it takes no privilege tokens.",
     token_causes,
     {1019027}},
    {1019027, native_sdk, "range scene: token expired", "The scene's token is over.", expired_causes, {1019022}},

    {1001004, web_sdk, "app id wrong", "The provider does not know this app id at this address.", web_app_causes, {20012}},
    {1001005, web_sdk, "special app", "The gateway treats this app id as a special customer's.", web_app_causes, {20019}},
    {1002034, web_sdk, "the room is full", "The login came too late for the last place.", full_causes, {1105}},
    {1002036, web_sdk, "several rooms are not enabled", "The client is in another room already.", rooms_causes, {1016}},
    {1002037, web_sdk, "too many rooms", "The client is in as many rooms as it may be.", rooms_causes, {5022}},
    {1002050,
     web_sdk,
     "kicked out: logged in elsewhere",
     "The same user id logged in once more, and the last one stays.",
     twice_causes,
     {50013}},
    {1002053, web_sdk, "gave up trying again", "The connection was not back within the time for retries (300 s).", net_causes},
    {1002055, web_sdk, "kicked out by the backend", "KickoutUser or CloseRoom was called.", kicked_causes},
    {1002056,
     web_sdk,
     "logged in twice",
     "Not as in the native SDKs, where this is an expired token: here the user is logged in already.",
     twice_causes,
     {1002050}},
    {1002066, web_sdk, "the user is blocked", "The user is on the server's black list.", black_causes, {5030}},
    {1002082, web_sdk, "the token may not publish this stream", "The token has no permission for the stream.", publish_causes},
    {1002099, web_sdk, "internal error", "The SDK or the provider failed; the number behind it is in the log.", theirs_causes},
    {1102012,
     web_sdk,
     "a login is running already",
     "The room login was called again before the first had ended.",
     busy_login_causes,
     {1102015}},
    {1102015, web_sdk, "wrong login state", "The call does not fit where the login stands.", busy_login_causes, {1102012}},
    {1102016,
     web_sdk,
     "token refused at room login",
     "The web SDK says this for nearly every refusal of the server; the log has the number behind it.",
     token_causes,
     {50119, 20014, 1102018}},
    {1102018,
     web_sdk,
     "token expired",
     "The token's time is over; it may also come while publishing or playing.",
     expired_causes,
     {50117, 50123}},
    {1102020, web_sdk, "room login refused", "The login's authentication failed.", token_causes, {1102016}},
    {1103019,
     web_sdk,
     "publishing refused",
     "Authentication for publishing failed; a token for one stream goes in streamParams.",
     stream_token_causes,
     {1003072}},
    {1104046,
     web_sdk,
     "playing refused",
     "Authentication for playing failed; a token for one stream goes in streamParams.",
     stream_token_causes,
     {1004003}},
    {1011, web_sdk, "token format error", "err_code=1011 of old versions.", token_causes, {1102016}},
    {1000000101,
     web_sdk,
     "app id expired, or wrong server",
     "server error=1000000101 of old versions.",
     web_app_causes,
     {1001004}},
};

}  // namespace

std::span<const CodeInfo> client_codes() { return rows; }

}  // namespace zegocall::zego_detail
