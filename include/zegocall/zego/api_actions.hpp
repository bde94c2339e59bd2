// What a backend can ask of the provider's server API, one struct per action, named as the provider names it. ServerApi
// (zego/api.hpp) carries them out. Every limit that stands here is checked before anything is sent; the error's field is
// the provider's name of the parameter ("UserId.3"). Sizes are bytes of UTF-8.
//
// User ids have 1 to 63 bytes, room ids 1 to 127, stream ids 1 to 256; user names at most 255. An empty text that is not
// required is not sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/base/time.hpp"

namespace zegocall {

/// The answer of an action that has nothing to tell.
struct ApiDone {
  std::string request_id{};  ///< the provider's, opaque: for the log, and for questions to its support
};
/// The answer of an action whose data the provider does not specify further: Data as it came, null if there was none.
struct ApiData {
  std::string request_id{};
  Json data{};
};

// ---- rooms and people -----------------------------------------------------------------------------------------------

/// Puts people out of a room and stops their streams; succeeds for people who are not there. They can come back at once.
struct KickoutUser {
  RoomId room{};
  std::vector<UserId> users{};  ///< 1 to 5
  std::string reason{};         ///< told to them; at most 256
  using Answer = ApiDone;
};

/// Puts everybody out of a room. not_found: the room is already gone.
struct CloseRoom {
  RoomId room{};
  std::string reason{};        ///< told to them; at most 256
  bool room_callback = false;  ///< also ask for the room_close callback
  using Answer = ApiDone;
};

/// How many are in each of these rooms; 0 for a room that does not exist.
struct DescribeUserNum {
  std::vector<RoomId> rooms{};  ///< 1 to 10
  struct Room {
    RoomId room{};
    std::uint64_t users = 0;  ///< all, administrators included
    std::uint64_t admins = 0;
  };
  struct Answer {
    std::string request_id{};
    std::vector<Room> rooms{};
  };
};

enum class LoginOrder : std::uint8_t { ascending = 0, descending = 1 };

/// Who is in a room, a page at a time. The next page is asked for with the marker of the last; an empty marker in the
/// answer is the end. Nobody is in a room that does not exist. Once a second per room.
struct DescribeUserList {
  RoomId room{};
  LoginOrder order = LoginOrder::ascending;
  std::uint32_t limit = 200;  ///< 0 to 200
  std::string marker{};       ///< of the page before; at most 4096
  struct User {
    UserId user{};
    std::string name{};
    std::int64_t role = 0;
  };
  struct Answer {
    std::string request_id{};
    std::string marker{};
    std::vector<User> users{};
  };
};

/// Whether these people are in a room. not_found: the room does not exist.
struct DescribeUsers {
  RoomId room{};
  std::vector<UserId> users{};  ///< 1 to 10
  struct User {
    UserId user{};
    bool online = false;
    UnixTime login{};  ///< the epoch if they are not there
    std::int64_t role = 0;
  };
  struct Answer {
    std::string request_id{};
    std::vector<User> users{};
  };
};

// ---- streams of a room ----------------------------------------------------------------------------------------------

/// The streams of a room. Once in ten seconds per room.
struct DescribeSimpleStreamList {
  RoomId room{};
  struct Stream {
    StreamId stream{};
    UserId user{};
    std::string user_name{};
    UnixTime created{};
    std::string number{};  ///< the provider's number of the stream, decimal
  };
  struct Answer {
    std::string request_id{};
    std::vector<Stream> streams{};
  };
};

/// Announces a stream to a room; publishes nothing. `user` must not be somebody real.
struct AddStream {
  RoomId room{};
  UserId user{};
  StreamId stream{};
  std::string user_name{};
  std::string title{};           ///< at most 127
  std::string extra{};           ///< at most 1024
  std::optional<bool> censor{};  ///< CensorFlag
  using Answer = ApiDone;
};

/// Announces that a stream is gone; stops no media, and the publisher hears nothing.
struct DeleteStream {
  RoomId room{};
  UserId user{};
  StreamId stream{};
  std::string user_name{};
  using Answer = ApiDone;
};

// ---- messages to a room ---------------------------------------------------------------------------------------------

enum class MessageCategory : std::uint8_t { system = 1, chat = 2 };
struct ApiMessageSent {
  std::string request_id{};
  std::string message_id{};  ///< decimal or opaque, exactly as it came
};

/// To everybody in a room but `user`, who need not be there. Reliable.
struct SendBroadcastMessage {
  RoomId room{};
  UserId user{};
  MessageCategory category = MessageCategory::chat;
  std::string content{};  ///< 1 to 1024
  std::string user_name{};
  using Answer = ApiMessageSent;
};

/// As a broadcast, for many messages of which some may be lost.
struct SendBarrageMessage {
  RoomId room{};
  UserId user{};
  MessageCategory category = MessageCategory::chat;
  std::string content{};  ///< 1 to 1024
  std::string user_name{};
  using Answer = ApiMessageSent;
};

/// A command to some people of a room, or to all of them.
struct SendCustomCommand {
  RoomId room{};
  UserId from{};
  std::vector<UserId> to{};  ///< at most 10; none = everybody
  std::string content{};     ///< 1 to 1024
  struct Failed {
    UserId user{};
    std::int64_t code = 0;
  };
  struct Answer {
    std::string request_id{};
    std::vector<Failed> failed{};  ///< who did not get it, and the provider's code for why
  };
};

// ---- rules against people and streams; the provider's support must switch them on -----------------------------------

/// What a rule is about, and so which of ip, room and user it must name.
enum class ForbidRule : std::uint8_t { ip = 1, room = 2, user = 3, room_and_user = 4 };
enum class ForbidPrivilege : std::uint8_t { login = 1, publish = 2 };

/// Keeps somebody from logging in or publishing; does not interrupt what runs (KickoutUser and SetForbidStreamRule do).
struct SetForbidUserRule {
  ForbidRule rule = ForbidRule::user;
  std::string ip{};  ///< numeric, v4 or v6
  RoomId room{};
  UserId user{};
  std::vector<ForbidPrivilege> privileges{};  ///< 1 or 2 different ones
  std::chrono::seconds lasts{0};              ///< 1 to 86400
  struct Answer {
    std::string request_id{};
    UnixTime expires{};
  };
};

struct DescribeForbidUserRules {
  ForbidRule rule = ForbidRule::user;
  struct Rule {
    ForbidRule rule = ForbidRule::user;
    std::string ip{};
    RoomId room{};
    UserId user{};
    std::vector<ForbidPrivilege> privileges{};
    UnixTime expires{};  ///< may have passed
  };
  struct Answer {
    std::string request_id{};
    std::vector<Rule> rules{};
  };
};

/// not_found: there is no such rule.
struct DelForbidUserRule {
  ForbidRule rule = ForbidRule::user;
  std::string ip{};
  RoomId room{};
  UserId user{};
  using Answer = ApiDone;
};

/// Stops a stream's audio, video or both for everybody; at least one of them.
struct SetForbidStreamRule {
  RoomId room{};
  StreamId stream{};
  bool audio = false;
  bool video = false;
  std::chrono::seconds lasts{21600};  ///< 1 to 86400
  using Answer = ApiDone;
};

struct DescribeForbidStreamRules {
  RoomId room{};
  std::vector<StreamId> streams{};  ///< 1 to 10
  struct Rule {
    StreamId stream{};
    bool audio = false;
    bool video = false;
    std::int64_t created = 0;  ///< as the provider counts it
    std::int64_t lasts = 0;
  };
  struct Answer {
    std::string request_id{};
    RoomId room{};
    std::vector<Rule> rules{};  ///< all false and 0 for a stream without a rule
  };
};

struct DelForbidStreamRule {
  RoomId room{};
  StreamId stream{};
  using Answer = ApiDone;
};

// ---- the media service ----------------------------------------------------------------------------------------------
// `sequence` orders the actions on one stream and must grow; ServerApi puts the time in milliseconds where it is not
// given, and makes sure that it grows.

struct ForbidRTCStream {
  StreamId stream{};
  std::optional<std::uint64_t> sequence{};
  using Answer = ApiDone;
};
struct ResumeRTCStream {
  StreamId stream{};
  std::optional<std::uint64_t> sequence{};
  using Answer = ApiDone;
};
struct ForbidRTCStreams {
  std::vector<StreamId> streams{};  ///< 1 to 20
  std::optional<std::uint64_t> sequence{};
  using Answer = ApiData;
};
struct ResumeRTCStreams {
  std::vector<StreamId> streams{};  ///< 1 to 20
  std::optional<std::uint64_t> sequence{};
  using Answer = ApiData;
};

enum class StreamState : std::uint8_t { active, closed, unknown };
struct DescribeRTCStreamState {
  StreamId stream{};
  std::optional<std::uint64_t> sequence{};
  struct Answer {
    std::string request_id{};
    StreamState state = StreamState::unknown;
    std::string created{};  ///< UTC, in the provider's spelling; empty if it does not say
    std::string closed{};
  };
};

/// For streams that are published to a CDN directly.
struct ForbidCDNLiveStream {
  StreamId stream{};
  std::string resume_time{};  ///< in the provider's spelling, at most 64
  using Answer = ApiData;
};
struct ResumeCDNLiveStream {
  StreamId stream{};
  using Answer = ApiData;
};
struct QueryForbidCDNLiveStream {
  StreamId stream{};
  using Answer = ApiData;
};

/// Relays a stream to a CDN. The provider spells the action so.
struct CreatCDNTransferRule {
  StreamId stream{};
  std::string url{};  ///< rtmp:// or rtmps://, at most 2048
  std::optional<std::uint64_t> sequence{};
  using Answer = ApiData;
};
struct DeleteCDNTransferRule {
  StreamId stream{};
  std::string url{};  ///< rtmp:// or rtmps://, at most 2048
  std::optional<std::uint64_t> sequence{};
  using Answer = ApiData;
};
struct ClearCDNTransferRule {
  StreamId stream{};
  std::optional<std::uint64_t> sequence{};
  using Answer = ApiData;
};

enum class RtmpDirection : std::uint8_t { pull, push };
/// The address at which to publish or play a stream by RTMP; good for about two hours.
struct RTMPDispatchV2 {
  StreamId stream{};
  RtmpDirection direction = RtmpDirection::pull;
  std::string client_ip{};  ///< v4; empty = not said
  std::optional<std::uint64_t> sequence{};
  using Answer = ApiData;
};

// ---- tasks whose end is a GET; to start one, see ApiRequest -----------------------------------------------------------

/// not_found: there is no such mixing task.
struct GetMixTaskInfo {
  std::string task{};  ///< 1 to 255
  struct Answer {
    std::string request_id{};
    std::string task{};
    std::int64_t duration = 0;  ///< as the provider counts it
  };
};

/// A token for the provider's moderation and audio services; it has nothing to do with Token04.
struct GenerateIdentifyToken {
  std::chrono::seconds lifetime{3600};  ///< 1 s to 30 days
  struct Answer {
    std::string request_id{};
    std::string token{};
    std::int64_t remaining = 0;  ///< seconds
  };
};

}  // namespace zegocall
