// What each event says, and what a wrong member is called.
#include <set>

#include "callback_support.hpp"

using namespace zegocall;
using namespace zegocall::callback_test;
using namespace std::chrono_literals;

namespace {

JsonObject room_members() { return {{"room_id", "room-1001"}, {"room_session_id", 18446744073709551615u}}; }

JsonObject stream_members() {
  JsonObject out = room_members();
  return out.add("user_id", "alice").add("stream_id", "s1").add("stream_seq", "7").add("stream_sid", "99").add("user_name", "A");
}

JsonObject login_members() {
  return {{"room_id", "room-1001"}, {"room_seq", "6085791336856668982"}, {"user_account", "alice"}, {"session_id", "79"}};
}

Error error_of(std::string_view event, JsonObject members) {
  const auto read = interpreted(signed_body(event, std::move(members)));
  REQUIRE_FALSE(read);
  return read.error();
}

}  // namespace

TEST_CASE("rooms") {
  const auto created =
      event_of<RoomCreated>("room_create", room_members().add("room_create_time", "1735689600027").add("id_name", "alice"));
  CHECK(created.session.value == 18446744073709551615u);
  CHECK(created.created == start + 27ms);
  CHECK(created.creator == UserId("alice"));
  CHECK(created.head.app == AppId(1234567890));
  CHECK(created.head.sent == start);
  const auto closed =
      event_of<RoomClosed>("room_close", room_members().add("close_reason", 3).add("room_close_time", 1735689600028));
  CHECK(closed.reason == RoomCloseReason::kicked);
  CHECK(closed.closed == start + 28ms);
}

TEST_CASE("logins and logouts") {
  const auto in = event_of<RoomLoggedIn>("room_login", login_members()
                                                           .add("login_time", "1735689600027")
                                                           .add("auth_level", "4")
                                                           .add("relogin", "1")
                                                           .add("term_type", "6")
                                                           .add("user_update_seq", "12"));
  CHECK(in.login_id == "79");
  CHECK(in.auth_level == 4);
  CHECK(in.again);
  CHECK(in.terminal == Terminal::web);
  CHECK(in.update == 12);
  const auto out = event_of<RoomLoggedOut>(
      "room_logout", login_members().add("login_time", "1735689600027").add("logout_time", "1735689660000").add("reason", "4"));
  CHECK(out.reason == LogoutReason::token_expired);
  CHECK(out.logged_in == start + 27ms);
  CHECK(out.at == start + 60s);
}

TEST_CASE("streams") {
  const auto created = event_of<StreamCreated>("stream_create", stream_members()
                                                                    .add("create_time_ms", 1735689600027)
                                                                    .add("recreate", 1)
                                                                    .add("stream_attr", "{\"cid\":0}")
                                                                    .add("rtmp_url", JsonArray::list({"a", "b"})));
  CHECK(created.stream.stream == StreamId("s1"));
  CHECK(created.stream.sequence == 7);
  CHECK(created.at == start + 27ms);
  CHECK(created.again);
  CHECK(created.rtmp_urls == std::vector<std::string>{"a", "b"});
  const auto closed =
      event_of<StreamClosed>("stream_close", stream_members().add("type", "100").add("destroy_timemillis", "1735689600999"));
  CHECK(closed.reason == StreamCloseReason::deleted);
  CHECK(closed.at == start + 999ms);
  JsonObject alias = room_members();
  alias.add("user_id", "alice").add("stream_alias", "s2").add("stream_seq", 1);
  CHECK(event_of<StreamClosed>("stream_close", alias).stream.stream == StreamId("s2"));
}

TEST_CASE("jobs on media") {
  const auto mix = event_of<MixStarted>("mix_start", {{"task_id", "t"}, {"seq", 3}, {"hls_urls", "[\"x\"]"}, {"mix_url", "u"}});
  CHECK(mix.mix.sequence == 3);
  CHECK(mix.hls_urls == std::vector<std::string>{"x"});
  CHECK(event_of<MixStopped>("mix_stop", {{"task_id", "t"}}).mix.task_id == "t");
  const auto transcode = event_of<TranscodeStarted>(
      "transcode_start", {{"TaskId", "t"}, {"UserId", "alice"}, {"Sequence", 1}, {"Details", JsonArray{}}});
  CHECK(transcode.details.kind() == JsonKind::array);
  CHECK(event_of<TranscodeStopped>("transcode_stop", {{"TaskId", "t"}, {"StopReason", 1}}).reason == 1);
  const auto record =
      event_of<Recorded>("record", {{"stream_alias", "s"}, {"begin_time", 1735689600}, {"end_time", "1735689601"}});
  CHECK(record.end - record.begin == 1s);
  for (const char* word : {"compose", "procedure", "snapshot"}) {
    const auto job = event_of<FileJobEnded>(word, {{"task_id", "t"}, {"file_url", "https://files.example/1"}});
    CHECK(job.head.event == word);
    CHECK(job.head.rest.get<std::string>("file_url").value() == "https://files.example/1");
  }
  for (const char* word : {"censor_audio_v2_result", "censor_video_v2_audio_result", "censor_video_v2_img_result"})
    CHECK(event_of<ModerationResult>(word, {{"TaskId", "t"}, {"Code", -5}, {"ResultTaskId", "r"}}).code == -5);
  for (const char* word : {"censor_audio_v2_status", "censor_video_v2_audio_status", "censor_video_v2_img_status"})
    CHECK(event_of<ModerationStatus>(word, {{"TaskId", "t"}, {"Status", "2"}}).status == 2);
}

TEST_CASE("call invitations of In-app Chat") {
  const Json two = JsonArray::list({"bob", "carol"});
  const auto created = event_of<ZimCallCreated>(
      "call_create", {{"call_id", "c"}, {"user_ids", two}, {"create_time", 1735689600027}, {"caller", "alice"}, {"timeout", 90}});
  CHECK(created.users == std::vector<UserId>{"bob", "carol"});
  CHECK(created.at == start + 27ms);
  CHECK(created.timeout_s == 90);
  JsonObject seconds{{"call_id", "c"}, {"user_ids", JsonArray{}}, {"create_time", 1735689600}, {"caller", "alice"}};
  CHECK(event_of<ZimCallCreated>("call_create", seconds).at == start);
  CHECK(event_of<ZimCallAccepted>("call_accept", {{"call_id", "c"}, {"user_id", "bob"}, {"extend_data", "x"}}).extended_data ==
        "x");
  const auto busy =
      event_of<ZimCallRejected>("call_reject", {{"call_id", "c"}, {"user_id", "bob"}, {"extend_data", "{\"reason\":\"busy\"}"}});
  CHECK(busy.reason == "busy");
  CHECK(event_of<ZimCallRejected>("call_reject", {{"call_id", "c"}, {"user_id", "bob"}, {"extend_data", "[[["}}).reason.empty());
  const auto cancel = [&](const char* reason) {
    return event_of<ZimCallCancelled>("call_cancel", {{"call_id", "c"}, {"user_ids", two}, {"reason", reason}});
  };
  CHECK(cancel("caller_cancel").reason == ZimCancel::by_caller);
  CHECK(cancel("timeout_cancel").reason == ZimCancel::by_timeout);
  CHECK(cancel("new_one").reason == ZimCancel::other);
  CHECK(cancel("new_one").reason_text == "new_one");
  CHECK(event_of<ZimCallTimedOut>("call_timeout", {{"call_id", "c"}, {"user_ids", "bob"}}).users == std::vector<UserId>{"bob"});
  const auto invite = event_of<ZimCallInvited>(
      "call_invite", {{"call_id", "c"}, {"user_ids", two}, {"inviter", "alice"}, {"invite_time", 1735689600027}});
  CHECK(invite.at == start + 27ms);
  CHECK(event_of<ZimUserAction>("user_action", {{"user_id", "bob"}, {"action", 2}}).action == ZimPresence::offline);
}

TEST_CASE("what is unknown is kept, and the signature is not") {
  const auto unknown = event_of<UnknownEvent>("room_painted", {{"colour", "red"}, {"big", 18446744073709551615u}});
  CHECK(unknown.head.event == "room_painted");
  CHECK(unknown.head.rest.text() == R"({"colour":"red","big":18446744073709551615})");
  const auto close =
      event_of<RoomClosed>("room_close", room_members().add("new_member", JsonArray::list({1, 2})).add("close_reason", 77));
  CHECK(close.head.rest.text() == R"({"new_member":[1,2]})");
  CHECK(static_cast<int>(close.reason) == 77);
  CHECK(name(close.reason) == "other");
}

TEST_CASE("an event without a time of its own is not older than its second") {
  CHECK(event_of<RoomLoggedIn>("room_login", login_members()).at == start + 999ms);
}

TEST_CASE("a wrong member is named") {
  CHECK(error_of("room_close", {{"room_session_id", 1}}) == Error{ErrorCode::protocol, "room_id", "is missing"});
  CHECK(error_of("room_close", {{"room_id", "r"}}).field == "room_session_id");
  CHECK(error_of("room_close", {{"room_id", "r"}, {"room_session_id", 0}}).field == "room_session_id");
  for (const char* session : {"-1", "1.5", "1e3", "18446744073709551616", "x", " 1"})
    CHECK(error_of("room_close", {{"room_id", "r"}, {"room_session_id", session}}).field == "room_session_id");
  CHECK(error_of("room_close", {{"room_id", JsonObject{}}, {"room_session_id", 1}}) ==
        Error{ErrorCode::protocol, "room_id", "must be a text"});
  CHECK(error_of("room_close", room_members().add("close_reason", 4294967296)).field == "close_reason");
  CHECK(error_of("room_create", room_members().add("room_create_time", "18446744073709551615")).field == "room_create_time");
  CHECK(error_of("stream_create", stream_members().add("create_time", 253402300800)).field == "create_time");
  CHECK(error_of("stream_create", stream_members().add("rtmp_url", JsonArray::list({JsonArray{}}))).field == "rtmp_url");
  CHECK(error_of("stream_create", stream_members().add("rtmp_url", JsonObject{})).field == "rtmp_url");
  CHECK(error_of("call_cancel", {{"call_id", "c"}}).field == "user_ids");
  CHECK(error_of("user_action", {{"user_id", "bob"}}).field == "action");
  CHECK(error_of("room_close", room_members().add("appid", 4294967296)).field == "appid");
  CHECK(error_of("", {}).field == "event");
}

TEST_CASE("ids keep every byte") {
  const auto login =
      event_of<RoomLoggedIn>("room_login", login_members().add("user_account", std::string_view("carol\0admin", 11)));
  CHECK(login.user.view() == std::string_view("carol\0admin", 11));
}

TEST_CASE("the key is the same for each delivery of one happening, and differs between two") {
  const auto key = [](JsonObject members, const char* nonce, const char* timestamp = "1735689600",
                      const char* event = "room_login") {
    const auto read = verified(signed_body(event, std::move(members), nonce, timestamp), start).and_then(interpret_callback);
    return head_of(read.value()).key;
  };
  const auto login = [](const char* time) { return login_members().add("login_time", time); };
  CHECK(key(login("1735689600027"), "1") == key(login("1735689600027"), "2", "1735689632"));
  std::set<std::string> keys{key(login("1735689600027"), "1"), key(login("1735689600028"), "1"),
                             key(login("1735689600027").add("session_id", "80"), "1"),
                             key(login("1735689600027").add("user_account", "bob"), "1"),
                             key(login("1735689600027").add("logout_time", "1735689600027"), "1", "1735689600", "room_logout")};
  CHECK(keys.size() == 5);
  const JsonObject reject{{"call_id", "c"}, {"user_id", "bob"}};
  CHECK(key(reject, "1", "1735689600", "call_reject") == key(reject, "2", "1735689600", "call_reject"));
  CHECK(key(reject, "1", "1735689600", "call_reject") != key(reject, "2", "1735689610", "call_reject"));
}

TEST_CASE("the numbers of the provider have names") {
  CHECK(name(LogoutReason::token_expired) == "token_expired");
  CHECK(name(StreamCloseReason::deleted) == "deleted");
  CHECK(name(Terminal::linux_pc) == "linux");
  CHECK(name(static_cast<Terminal>(9)) == "other");
  CHECK(name(ZimPresence::logged_out) == "logged_out");
}
