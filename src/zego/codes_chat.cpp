#include "zego/codes_table.hpp"

namespace zegocall::zego_detail {
namespace {

using enum CodeFrom;

constexpr CodeCause service_causes[] = {
    {"In-app Chat is not switched on for this project", "switch it on in the console"},
};
constexpr CodeCause version_causes[] = {
    {"the token does not begin with 04", "zegocall token inspect < token.txt"},
    {"the SDK is older than Token04", "update it"},
};
constexpr CodeCause short_causes[] = {
    {"the token has less than 30 s left when it arrives", "mint it for minutes at least, and at login, not before"},
    {"the server's clock is behind", "zegocall doctor"},
};
constexpr CodeCause login_causes[] = {
    {"the client logs in twice", "one login at a time; React effects run twice in development"},
};
constexpr CodeCause not_in_causes[] = {
    {"called before the login's success, or after a logout", "wait for it; log in again after disconnected"},
};
constexpr CodeCause other_user_causes[] = {
    {"another person uses the same app data", "log out before another user logs in"},
};
constexpr CodeCause race_causes[] = {
    {"two people acted at the same moment", "harmless: take the call's state as it is"},
};
constexpr CodeCause invite_causes[] = {
    {"more than 9 invited at once", "invite in groups, or ask their support for a higher limit"},
    {"a fault on the provider's side", "try again with back-off"},
};
constexpr CodeCause callee_causes[] = {
    {"none of them ever logged in to In-app Chat", "let them log in once, or register them from the server"},
    {"other user ids than those they log in with", "exactly, also in case"},
};
constexpr CodeCause id_causes[] = {
    {"the call has ended, or the id is another call's", "take the id from callInvitationReceived"},
};
constexpr CodeCause mode_causes[] = {
    {"the call began in common mode", "callingInvite, callQuit, callEnd and callJoin need the advanced mode"},
};
constexpr CodeCause renew_causes[] = {
    {"nobody renewed the token", "renewToken at onTokenWillExpire, 30 s before the end"},
};

constexpr CodeInfo rows[] = {
    {6000003, chat_sdk, "app id invalid or expired", "In-app Chat does not know this project.", app_causes},
    {6000014,
     chat_sdk,
     "service not activated",
     "The UIKits take it for a service that is not switched on.",
     service_causes,
     {},
     false},
    {6000101, chat_sdk, "login failed", "The token is invalid, or the app id is wrong.", token_causes, {6000103, 6000106}},
    {6000103, chat_sdk, "token invalid", "The token cannot be used; call renewToken with a good one.", token_causes, {6000101}},
    {6000106, chat_sdk, "token expired", "The token's time is over.", expired_causes, {6000103}},
    {6000107, chat_sdk, "token version does not match", "The token is of another version than expected.", version_causes},
    {6000108,
     chat_sdk,
     "token valid for less than 30 s",
     "In-app Chat refuses a token that is about to expire.",
     short_causes,
     {6000106}},
    {6000111, chat_sdk, "already logged in", "The client is logged in, or about to be.", login_causes},
    {6000121, chat_sdk, "not logged in", "The call needs a login.", not_in_causes},
    {6000123,
     chat_sdk,
     "another user after a long time off line",
     "The user id is not the one that was here before.",
     other_user_causes,
     {6000124}},
    {6000124,
     chat_sdk,
     "another user in an off-line login",
     "The user id is not the one that was here before.",
     other_user_causes,
     {6000123}},
    {6000270, chat_sdk, "the invitation failed", "The call could not be created.", invite_causes, {6000272, 6000281}},
    {6000271, chat_sdk, "cannot cancel: somebody has accepted",
     "In common mode the caller cancels only while nobody has accepted.", race_causes},
    {6000272, chat_sdk, "too many invited", "At most 9 in one call, or the service failed.", invite_causes, {660900007}},
    {6000273, chat_sdk, "cancelled by the caller", "The answer came after the caller's cancel.", race_causes},
    {6000274, chat_sdk, "an answer from somebody not invited", "Only somebody invited can answer.", id_causes, {660900008}},
    {6000275, chat_sdk, "the call id exists", "The id is in use.", id_causes},
    {6000276, chat_sdk, "the call id is not known, or over", "There is no such call any more.", id_causes, {660900004}},
    {6000281,
     chat_sdk,
     "nobody invited is registered",
     "None of those invited is known to In-app Chat.",
     callee_causes,
     {660900003}},
    {6000283, chat_sdk, "this is the primary device already", "callJoin moves the role to a device; this one has it.",
     race_causes},
    {6000286, chat_sdk, "a common-mode call in an advanced operation",
     "The same number is also used for a message that is too old to be edited.", mode_causes},

    {4, chat_sdk, "connection event: kicked out", "The same user id logged in on another device.", other_user_causes},
    {5, chat_sdk, "connection event: token expired", "The connection was closed at the token's end.", renew_causes, {6000106}},
    {6, chat_sdk, "connection event: unregistered", "The user was removed from In-app Chat.", callee_causes},
};

}  // namespace

std::span<const CodeInfo> chat_codes() { return rows; }

}  // namespace zegocall::zego_detail
