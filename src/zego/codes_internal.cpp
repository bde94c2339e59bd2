#include "zego/codes_table.hpp"

namespace zegocall::zego_detail {
namespace {

using enum CodeFrom;

constexpr CodeCause twice_causes[] = {
    {"the same user id is logged in on another device or tab", "give each its own user id, or tell the user"},
};
constexpr CodeCause rooms_causes[] = {
    {"the client did not leave its former room", "logoutRoom first, or have several rooms enabled"},
};
constexpr CodeCause full_causes[] = {
    {"the room's limit of users is reached", "raise it in the console or with their support"},
};
constexpr CodeCause black_causes[] = {
    {"a rule forbids this user, room or address", "DescribeForbidUserRules; rules end by themselves"},
};
constexpr CodeCause net_causes[] = {
    {"the network, a proxy or a firewall is in the way", "try from another network; allow wss to the provider"},
    {"a fault on the provider's side", "the SDK tries again by itself"},
};
constexpr CodeCause sdk_causes[] = {
    {"the SDK is too old, or modified", "update it"},
    {"a proxy changes what goes through", "try from another network"},
};
constexpr CodeCause app_id_causes[] = {
    {"the app id is not this project's", "compare the client's with the console; it is a number"},
    {"the server address belongs to another project", "take the one that the console shows"},
};
constexpr CodeCause signature_causes[] = {
    {"not a Token04 at all (a JWT, a kit token)", "zegocall token inspect < token.txt"},
    {"another project's secret", "compare app id and secret in the console"},
    {"no token where the project asks for one", "print what the client passes to loginRoom"},
    {"damaged on the way, a + became a space", "send it in JSON, not in a query"},
};
constexpr CodeCause denied_causes[] = {
    {"the project is paused, expired or not allowed here", "look at its state in the console"},
};

constexpr std::string_view refused = "The room service could not use the token and does not say why.";
constexpr std::string_view refused_title = "token refused at room login; the web SDK shows it as 1102016";
constexpr std::string_view expired_title = "token expired at room login; the web SDK shows it as 1102018";
constexpr std::string_view expired = "The room service says that the token's time is over.";
constexpr std::string_view gateway_failed = "The gateway in front of the rooms failed; the SDK tries again by itself.";
constexpr std::string_view dispatch = "The service that assigns a server failed; the SDK tries again by itself.";

constexpr CodeInfo rows[] = {
    {50116, room_service, refused_title, refused, token_causes, {20014, 1102018}, false},
    {50117, room_service, expired_title, expired, expired_causes, {50123, 1102018}, false},
    {50118, room_service, refused_title, refused, token_causes, {20014, 1102018}, false},
    {50119, room_service, refused_title, refused, token_causes, {20014, 1102018}, false},
    {50120, room_service, refused_title, refused, token_causes, {20014, 1102018}, false},
    {50121, room_service, refused_title, refused, token_causes, {20014, 1102018}, false},
    {50122, room_service, refused_title, refused, token_causes, {20014, 1102018}, false},
    {50123, room_service, expired_title, expired, expired_causes, {50117, 1102018}, false},
    {50124, room_service, refused_title, refused, token_causes, {20014, 1102018}, false},
    {50125, room_service, refused_title, refused, token_causes, {20014, 1102018}, false},
    {50126, room_service, refused_title, refused, token_causes, {20014, 1102018}, false},
    {50127, room_service, refused_title, refused, token_causes, {20014, 1102018}, false},
    {50128, room_service, refused_title, refused, token_causes, {20014, 1102018}, false},
    {2002, room_service, refused_title, refused, token_causes, {50119, 1102016}, false},
    {2010, room_service, refused_title, refused, token_causes, {50119, 1102016}, false},
    {2003, room_service, "room login timed out", "The room service did not answer in time.", net_causes, {}, false},
    {50013,
     room_service,
     "kicked out: logged in elsewhere; the web SDK shows it as 1002050",
     "The same user id logged in once more.",
     twice_causes,
     {1002050},
     false},
    {1016,
     room_service,
     "several rooms are not enabled; the web SDK shows it as 1002036",
     "The client is in another room already.",
     rooms_causes,
     {1002036},
     false},
    {1105,
     room_service,
     "the room is full; the web SDK shows it as 1002034",
     "The login came too late for the last place.",
     full_causes,
     {1002034},
     false},
    {5022,
     room_service,
     "too many rooms; the web SDK shows it as 1002037",
     "The client is in as many rooms as it may be.",
     rooms_causes,
     {1002037},
     false},
    {5030,
     room_service,
     "the user is blocked; the web SDK shows it as 1002066",
     "The user is on the server's black list.",
     black_causes,
     {1002066},
     false},
    {207, room_service, "the session is over", "The SDK logs in with a fresh session by itself.", net_causes, {208}, false},
    {208, room_service, "the session is over", "The SDK logs in with a fresh session by itself.", net_causes, {207}, false},

    {20001, gateway, "encryption is needed", "The gateway was talked to in clear.", sdk_causes, {}, false},
    {20002, gateway, "decryption failed", "The gateway could not read the message.", sdk_causes, {}, false},
    {20005, gateway, "timeout", gateway_failed, net_causes, {}, false},
    {20006, gateway, "connection failed", gateway_failed, net_causes, {}, false},
    {20007, gateway, "connection broken", gateway_failed, net_causes, {}, false},
    {20008, gateway, "the gateway failed", gateway_failed, net_causes, {1001004}, false},
    {20010, gateway, "service not supported", "The gateway does not know the service asked for.", sdk_causes, {}, false},
    {20011, gateway, "too frequent", "The client connects too often.", busy_causes, {}, false},
    {20012,
     gateway,
     "app id invalid; the web SDK shows it as 1001004",
     "No project has this number at this address.",
     app_id_causes,
     {1001004},
     false},
    {20013, gateway, "heartbeat missing", "The connection was silent for too long.", net_causes, {}, false},
    {20014,
     gateway,
     "signature invalid: the token cannot be used",
     "The connection's gateway refused the token, or the lack of one. What the user sees is the room login failing later.",
     signature_causes,
     {50119, 1102016},
     false},
    {20015, gateway, "authentication failed", "The gateway could open the token and refused it.", token_causes, {20014}, false},
    {20016, gateway, "interface not supported", "The gateway does not know what was asked.", sdk_causes, {}, false},
    {20018, gateway, "access denied", "The gateway does not let this project in.", denied_causes, {20021}, false},
    {20019,
     gateway,
     "special customer; the web SDK shows it as 1001005",
     "This app id is served at another address.",
     app_id_causes,
     {1001005},
     false},
    {20020, gateway, "idle", "The connection was closed because nothing was said.", net_causes, {}, false},
    {20021, gateway, "the app is off line", "The project is not in service.", denied_causes, {20018}, false},
    {10000, gateway, "dispatch failed", dispatch, net_causes, {}, false},
    {10001, gateway, "dispatch failed", dispatch, net_causes, {}, false},
    {10002, gateway, "dispatch failed", dispatch, net_causes, {}, false},
    {10003, gateway, "dispatch failed", dispatch, net_causes, {}, false},
    {10004, gateway, "dispatch failed", dispatch, net_causes, {}, false},
    {10005, gateway, "dispatch failed", dispatch, net_causes, {}, false},
    {10006, gateway, "dispatch failed", dispatch, net_causes, {}, false},
    {10007, gateway, "dispatch failed", dispatch, net_causes, {}, false},
};

}  // namespace

std::span<const CodeInfo> internal_codes() { return rows; }

}  // namespace zegocall::zego_detail
