// What the provider tells in its callbacks, one struct per event. interpret_callback (zego/callback.hpp) makes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall {

/// One life of a room: from room_create to room_close. 64 bits, exact; never 0 in an event that has one.
using RoomSessionId = Number<struct RoomSessionTag, std::uint64_t>;

/// What every callback says.
struct CallbackHead {
  std::string event{};  ///< the provider's word, "room_login"
  AppId app{};          ///< 0 where the callback does not say
  UnixTime sent{};      ///< whole seconds
  /// The same for each delivery of one happening, so that a host handles it once: the word and the ids and times that
  /// tell it from others. Printable; up to a few hundred bytes.
  std::string key{};
  Json rest{JsonObject{}};  ///< the members that this version does not know, as received; an object
};

// The numbers of these are the provider's. A number that is not listed is kept: cast it to int.
enum class RoomCloseReason : int { normal = 0, heartbeat_timeout = 1, offline = 2, kicked = 3 };
enum class LogoutReason : int {
  normal = 0,
  heartbeat_timeout = 1,
  connection_lost = 2,
  logged_in_again_or_kicked = 3,
  token_expired = 4
};
enum class StreamCloseReason : int {
  normal = 0,
  heartbeat_timeout = 1,
  logged_in_again = 2,
  kicked = 3,
  connection_lost = 4,
  room_cleared = 5,
  deleted = 100
};
enum class Terminal : int {
  none = 0,
  pc = 1,
  ios = 2,
  android = 3,
  mac = 4,
  linux_pc = 5,
  web = 6,
  mini_program = 7,
  unknown = 32
};
enum class ZimPresence : int { online = 0, logged_out = 1, offline = 2 };
/// "normal", "heartbeat_timeout", ...; "other" for a number that is not listed. Valid for ever.
std::string_view name(RoomCloseReason reason);
std::string_view name(LogoutReason reason);
std::string_view name(StreamCloseReason reason);
std::string_view name(Terminal terminal);
std::string_view name(ZimPresence presence);

// ---- rooms ----------------------------------------------------------------------------------------------------------

struct RoomCreated {  ///< room_create
  CallbackHead head{};
  RoomId room{};
  RoomSessionId session{};
  UnixTime created{};
  UserId creator{};
};
struct RoomClosed {  ///< room_close
  CallbackHead head{};
  RoomId room{};
  RoomSessionId session{};
  RoomCloseReason reason{};
  UnixTime closed{};
};
struct RoomLoggedIn {  ///< room_login
  CallbackHead head{};
  RoomId room{};
  RoomSessionId session{};  ///< of the room (room_seq)
  UserId user{};
  std::string login_id{};  ///< of this login (session_id)
  UnixTime at{};
  std::string user_name{};
  std::string room_name{};
  int auth_level = 0;  ///< 0 none, else the token's version
  bool again = false;  ///< relogin
  Terminal terminal{};
  std::uint64_t update = 0;  ///< user_update_seq
  int role = 0;              ///< meaningful for the old LiveRoom SDK only
  std::string callback_data{};
};
struct RoomLoggedOut {  ///< room_logout
  CallbackHead head{};
  RoomId room{};
  RoomSessionId session{};
  UserId user{};
  std::string login_id{};
  UnixTime logged_in{};  ///< the epoch where the callback does not say
  UnixTime at{};
  LogoutReason reason{};
  std::string user_name{};
  std::uint64_t update = 0;
  int role = 0;
};

// ---- streams --------------------------------------------------------------------------------------------------------

/// What both stream events say.
struct StreamFacts {
  RoomId room{};
  RoomSessionId session{};
  UserId user{};
  StreamId stream{};
  std::uint64_t sequence = 0;  ///< stream_seq: of two facts about a stream the larger is true
  std::string stream_sid{};    ///< the provider's number of this publication
  std::string user_name{};
  std::string channel_id{};
};
struct StreamCreated {  ///< stream_create
  CallbackHead head{};
  StreamFacts stream{};
  UnixTime at{};
  std::string title{};
  std::string attributes{};  ///< stream_attr, a JSON text; cid 0 H.264, 1 SVC, 2 VP8, 3 H.265
  std::string extra_info{};
  bool again = false;  ///< recreate: back within 90 s, the same stream
  std::string publish_id{}, publish_name{};
  std::vector<std::string> rtmp_urls{}, hls_urls{}, hdl_urls{}, picture_urls{};
};
struct StreamClosed {  ///< stream_close
  CallbackHead head{};
  StreamFacts stream{};
  UnixTime created{};  ///< the epoch where the callback does not say
  UnixTime at{};
  StreamCloseReason reason{};
  std::string third_define_data{};
};

// ---- jobs on media --------------------------------------------------------------------------------------------------

/// What both mixing events say.
struct MixFacts {
  std::string task_id{};
  std::uint64_t sequence = 0;
  std::string channel_id{}, publish_id{}, mix_url{}, mix_stream{};
};
struct MixStarted {  ///< mix_start
  CallbackHead head{};
  MixFacts mix{};
  std::string stream{};
  std::vector<std::string> rtmp_urls{}, hls_urls{}, hdl_urls{};
};
struct MixStopped {  ///< mix_stop
  CallbackHead head{};
  MixFacts mix{};
};
struct TranscodeStarted {  ///< transcode_start
  CallbackHead head{};
  std::string task_id{};
  UserId user{};
  std::uint64_t sequence = 0;
  std::string status{};
  Json details{};  ///< null where there are none
};
struct TranscodeStopped {  ///< transcode_stop
  CallbackHead head{};
  std::string task_id{};
  UserId user{};
  std::uint64_t sequence = 0;
  int reason = 0;  ///< 0 the user's wish, 1 an error
};
struct Recorded {  ///< record
  CallbackHead head{};
  StreamId stream{};
  std::string replay_url{};
  UnixTime begin{}, end{};
  std::string extra{};
};
/// compose, procedure, snapshot: a job on files of the CDN has ended. What it says besides is in head.rest.
struct FileJobEnded {
  CallbackHead head{};
  std::string task_id{};
};
/// censor_audio_v2_result, censor_video_v2_audio_result, censor_video_v2_img_result.
struct ModerationResult {
  CallbackHead head{};
  std::int64_t code = 0;
  std::string message{};
  std::string task_id{}, result_id{};
  Json detail{};  ///< null where there is none
  std::string aux_info{};
};
/// censor_audio_v2_status, censor_video_v2_audio_status, censor_video_v2_img_status.
struct ModerationStatus {
  CallbackHead head{};
  std::string task_id{};
  std::int64_t status = 0;
};

// ---- In-app Chat (ZIM) ----------------------------------------------------------------------------------------------

struct ZimCallCreated {  ///< call_create; not sent when everybody invited is offline
  CallbackHead head{};
  CallId call{};
  UserId caller{};
  std::vector<UserId> users{};  ///< the invited; of several, those offline are left out
  UnixTime at{};
  std::uint32_t timeout_s = 0;
  std::string payload{};
};
struct ZimCallAccepted {  ///< call_accept
  CallbackHead head{};
  CallId call{};
  UserId user{};
  std::string extended_data{};
};
struct ZimCallRejected {  ///< call_reject
  CallbackHead head{};
  CallId call{};
  UserId user{};
  std::string extended_data{};
  /// By the web UIKit's convention, since there is no busy state: "busy", "decline" or empty.
  std::string reason{};
};
enum class ZimCancel : unsigned char { by_caller, by_timeout, other };
struct ZimCallCancelled {  ///< call_cancel; by_timeout: nobody answered and the caller is online
  CallbackHead head{};
  CallId call{};
  std::vector<UserId> users{};
  ZimCancel reason{};
  std::string reason_text{};
  std::string payload{};
};
struct ZimCallTimedOut {  ///< call_timeout: some answered, or nobody did and the caller is offline
  CallbackHead head{};
  CallId call{};
  std::vector<UserId> users{};  ///< who did not answer
};
struct ZimCallInvited {  ///< call_invite: more people, during the call
  CallbackHead head{};
  CallId call{};
  UserId inviter{};
  std::vector<UserId> users{};
  UnixTime at{};
};
struct ZimUserAction {  ///< user_action
  CallbackHead head{};
  UserId user{};
  ZimPresence action{};
};

/// An event that this version does not know; all that it says is in head.rest.
struct UnknownEvent {
  CallbackHead head{};
};

using ProviderEvent = std::variant<RoomCreated, RoomClosed, RoomLoggedIn, RoomLoggedOut, StreamCreated, StreamClosed, MixStarted,
                                   MixStopped, TranscodeStarted, TranscodeStopped, Recorded, FileJobEnded, ModerationResult,
                                   ModerationStatus, ZimCallCreated, ZimCallAccepted, ZimCallRejected, ZimCallCancelled,
                                   ZimCallTimedOut, ZimCallInvited, ZimUserAction, UnknownEvent>;

/// What it has in common with all others. Lives as long as the event.
const CallbackHead& head_of(const ProviderEvent& event);

}  // namespace zegocall
