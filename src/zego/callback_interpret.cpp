#include <algorithm>
#include <limits>
#include <utility>

#include "zego/callback_fields.hpp"
#include "zego/callback_key.hpp"
#include "zegocall/zego/callback.hpp"

namespace zegocall {
namespace {

using zego_detail::Fields;

RoomSessionId session_of(Fields& f, std::string_view name) {
  const RoomSessionId session(f.required_natural(name));
  if (session.value == 0) f.missing(name);
  return session;
}

// Where an event has no time of its own, the callback's, which has whole seconds, at the end of its second: a fact must
// not look older than the room it is about.
UnixTime or_sent(std::optional<UnixTime> time, UnixTime sent) { return time.value_or(sent + std::chrono::milliseconds(999)); }

struct Decoder {
  Fields& f;
  UnixTime sent;

  RoomCreated room_create() {
    return {.room = f.required_id<RoomId>("room_id"),
            .session = session_of(f, "room_session_id"),
            .created = or_sent(f.milliseconds("room_create_time"), sent),
            .creator = f.id<UserId>("id_name")};
  }
  RoomClosed room_close() {
    return {.room = f.required_id<RoomId>("room_id"),
            .session = session_of(f, "room_session_id"),
            .reason = f.number_of("close_reason", RoomCloseReason::normal),
            .closed = or_sent(f.milliseconds("room_close_time"), sent)};
  }
  RoomLoggedIn room_login() {
    return {.room = f.required_id<RoomId>("room_id"),
            .session = session_of(f, "room_seq"),
            .user = f.required_id<UserId>("user_account"),
            .login_id = f.required("session_id"),
            .at = or_sent(f.milliseconds("login_time"), sent),
            .user_name = f.text("user_nickname"),
            .room_name = f.text("room_name"),
            .auth_level = f.small_or_zero("auth_level"),
            .again = f.flag("relogin"),
            .terminal = f.number_of("term_type", Terminal::none),
            .update = f.natural("user_update_seq").value_or(0),
            .role = f.small_or_zero("user_role"),
            .callback_data = f.text("callback_data")};
  }
  RoomLoggedOut room_logout() {
    return {.room = f.required_id<RoomId>("room_id"),
            .session = session_of(f, "room_seq"),
            .user = f.required_id<UserId>("user_account"),
            .login_id = f.required("session_id"),
            .logged_in = f.milliseconds("login_time").value_or(UnixTime{}),
            .at = or_sent(f.milliseconds("logout_time"), sent),
            .reason = f.number_of("reason", LogoutReason::normal),
            .user_name = f.text("user_nickname"),
            .update = f.natural("user_update_seq").value_or(0),
            .role = f.small_or_zero("user_role")};
  }

  StreamFacts stream_facts() {
    StreamFacts facts{.room = f.required_id<RoomId>("room_id"),
                      .session = session_of(f, "room_session_id"),
                      .user = f.required_id<UserId>("user_id"),
                      .stream = f.id<StreamId>("stream_id"),
                      .sequence = f.required_natural("stream_seq"),
                      .stream_sid = f.text("stream_sid"),
                      .user_name = f.text("user_name"),
                      .channel_id = f.text("channel_id")};
    const auto alias = f.id<StreamId>("stream_alias");
    if (facts.stream.empty()) facts.stream = alias;
    if (facts.stream.empty()) f.missing("stream_id");
    return facts;
  }
  StreamCreated stream_create() {
    StreamFacts facts = stream_facts();
    const auto ms = f.milliseconds("create_time_ms"), s = f.seconds("create_time");
    return {.stream = std::move(facts),
            .at = ms ? *ms : or_sent(s ? std::optional(*s + std::chrono::milliseconds(999)) : s, sent),
            .title = f.text("title"),
            .attributes = f.text("stream_attr"),
            .extra_info = f.text("extra_info"),
            .again = f.flag("recreate"),
            .publish_id = f.text("publish_id"),
            .publish_name = f.text("publish_name"),
            .rtmp_urls = f.texts("rtmp_url"),
            .hls_urls = f.texts("hls_url"),
            .hdl_urls = f.texts("hdl_url"),
            .picture_urls = f.texts("pic_url")};
  }
  StreamClosed stream_close() {
    StreamFacts facts = stream_facts();
    return {.stream = std::move(facts),
            .created = f.milliseconds("create_time_ms").value_or(UnixTime{}),
            .at = or_sent(f.milliseconds("destroy_timemillis"), sent),
            .reason = f.number_of("type", StreamCloseReason::normal),
            .third_define_data = f.text("third_define_data")};
  }

  MixFacts mix_facts() {
    return {.task_id = f.required("task_id"),
            .sequence = f.natural("seq").value_or(0),
            .channel_id = f.text("channel_id"),
            .publish_id = f.text("publish_id"),
            .mix_url = f.text("mix_url"),
            .mix_stream = f.text("mix_stream_alias")};
  }
  MixStarted mix_start() {
    MixFacts facts = mix_facts();
    return {.mix = std::move(facts),
            .stream = f.text("stream_alias"),
            .rtmp_urls = f.texts("rtmp_urls"),
            .hls_urls = f.texts("hls_urls"),
            .hdl_urls = f.texts("hdl_urls")};
  }
  MixStopped mix_stop() { return {.mix = mix_facts()}; }
  TranscodeStarted transcode_start() {
    return {.task_id = f.required("TaskId"),
            .user = f.id<UserId>("UserId"),
            .sequence = f.natural("Sequence").value_or(0),
            .status = f.text("Status"),
            .details = f.any("Details")};
  }
  TranscodeStopped transcode_stop() {
    return {.task_id = f.required("TaskId"),
            .user = f.id<UserId>("UserId"),
            .sequence = f.natural("Sequence").value_or(0),
            .reason = f.small_or_zero("StopReason")};
  }
  Recorded record() {
    return {.stream = f.required_id<StreamId>("stream_alias"),
            .replay_url = f.text("replay_url"),
            .begin = f.seconds("begin_time").value_or(UnixTime{}),
            .end = f.seconds("end_time").value_or(UnixTime{}),
            .extra = f.text("extra_params")};
  }
  FileJobEnded file_job() { return {.task_id = f.required("task_id")}; }
  ModerationResult moderation_result() {
    return {.code = f.integer("Code").value_or(0),
            .message = f.text("Message"),
            .task_id = f.required("TaskId"),
            .result_id = f.text("ResultTaskId"),
            .detail = f.any("Detail"),
            .aux_info = f.text("AuxInfo")};
  }
  ModerationStatus moderation_status() { return {.task_id = f.required("TaskId"), .status = f.integer("Status").value_or(0)}; }

  ZimCallCreated call_create() {
    return {.call = f.required_id<CallId>("call_id"),
            .caller = f.required_id<UserId>("caller"),
            .users = f.required_users("user_ids"),
            .at = or_sent(time_of_either("create_time"), sent),
            .timeout_s = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(f.natural("timeout").value_or(0), std::numeric_limits<std::uint32_t>::max())),
            .payload = f.text("payload")};
  }
  ZimCallAccepted call_accept() {
    return {.call = f.required_id<CallId>("call_id"),
            .user = f.required_id<UserId>("user_id"),
            .extended_data = f.text("extend_data")};
  }
  ZimCallRejected call_reject() {
    ZimCallRejected out{.call = f.required_id<CallId>("call_id"),
                        .user = f.required_id<UserId>("user_id"),
                        .extended_data = f.text("extend_data")};
    if (const auto data = JsonView::check(std::as_const(out.extended_data)); data)
      out.reason = data->get<std::string>("reason").value_or("");
    return out;
  }
  ZimCallCancelled call_cancel() {
    ZimCallCancelled out{.call = f.required_id<CallId>("call_id"),
                         .users = f.required_users("user_ids"),
                         .reason = ZimCancel::other,
                         .reason_text = f.text("reason"),
                         .payload = f.text("payload")};
    if (out.reason_text == "caller_cancel") out.reason = ZimCancel::by_caller;
    if (out.reason_text == "timeout_cancel") out.reason = ZimCancel::by_timeout;
    return out;
  }
  ZimCallTimedOut call_timeout() { return {.call = f.required_id<CallId>("call_id"), .users = f.required_users("user_ids")}; }
  ZimCallInvited call_invite() {
    return {.call = f.required_id<CallId>("call_id"),
            .inviter = f.required_id<UserId>("inviter"),
            .users = f.required_users("user_ids"),
            .at = or_sent(f.milliseconds("invite_time"), sent)};
  }
  ZimUserAction user_action() {
    if (!f.has("action")) f.missing("action");
    const bool by_id = f.has("user_id");
    return {.user = f.required_id<UserId>(by_id ? "user_id" : "user_account"),
            .action = f.number_of("action", ZimPresence::online)};
  }

  // The documentation does not say whether seconds or milliseconds: thirteen digits are milliseconds.
  std::optional<UnixTime> time_of_either(std::string_view name) {
    constexpr std::uint64_t beyond_seconds = 100'000'000'000;  // the year 5138
    return f.natural(name).value_or(0) < beyond_seconds ? f.seconds(name) : f.milliseconds(name);
  }
};

template <auto decode>
ProviderEvent as_event(Decoder& in) {
  return (in.*decode)();
}

struct Row {
  std::string_view event;
  ProviderEvent (*decode)(Decoder&);
};
constexpr Row rows[] = {
    {"room_create", as_event<&Decoder::room_create>},
    {"room_close", as_event<&Decoder::room_close>},
    {"room_login", as_event<&Decoder::room_login>},
    {"room_logout", as_event<&Decoder::room_logout>},
    {"stream_create", as_event<&Decoder::stream_create>},
    {"stream_close", as_event<&Decoder::stream_close>},
    {"mix_start", as_event<&Decoder::mix_start>},
    {"mix_stop", as_event<&Decoder::mix_stop>},
    {"transcode_start", as_event<&Decoder::transcode_start>},
    {"transcode_stop", as_event<&Decoder::transcode_stop>},
    {"record", as_event<&Decoder::record>},
    {"compose", as_event<&Decoder::file_job>},
    {"procedure", as_event<&Decoder::file_job>},
    {"snapshot", as_event<&Decoder::file_job>},
    {"censor_audio_v2_result", as_event<&Decoder::moderation_result>},
    {"censor_video_v2_audio_result", as_event<&Decoder::moderation_result>},
    {"censor_video_v2_img_result", as_event<&Decoder::moderation_result>},
    {"censor_audio_v2_status", as_event<&Decoder::moderation_status>},
    {"censor_video_v2_audio_status", as_event<&Decoder::moderation_status>},
    {"censor_video_v2_img_status", as_event<&Decoder::moderation_status>},
    {"call_create", as_event<&Decoder::call_create>},
    {"call_accept", as_event<&Decoder::call_accept>},
    {"call_reject", as_event<&Decoder::call_reject>},
    {"call_cancel", as_event<&Decoder::call_cancel>},
    {"call_timeout", as_event<&Decoder::call_timeout>},
    {"call_invite", as_event<&Decoder::call_invite>},
    {"user_action", as_event<&Decoder::user_action>},
};

ProviderEvent decoded(std::string_view event, Decoder& in) {
  for (const Row& row : rows) {
    if (row.event == event) return row.decode(in);
  }
  return UnknownEvent{};
}

// The members of the head, under each of their spellings; those of the signature are not worth keeping.
CallbackHead read_head(Fields& f, UnixTime sent) {
  for (const std::string_view name : {"signature", "Signature", "timestamp", "Timestamp", "nonce", "Nonce"})
    static_cast<void>(f.text(name));
  CallbackHead head{.event = f.required(f.has("event") ? "event" : f.has("Event") ? "Event" : "event"), .sent = sent};
  for (const std::string_view name : {"appid", "Appid", "AppId", "app_id"}) {
    const auto app = f.natural(name).value_or(0);
    if (app > std::numeric_limits<std::uint32_t>::max()) f.refuse(name, "must be 1 to 4294967295");
    if (app != 0) head.app = AppId(static_cast<std::uint32_t>(app));
  }
  return head;
}

}  // namespace

Result<ProviderEvent> interpret_callback(const VerifiedCallback& callback) {
  Fields fields(callback.body());
  CallbackHead head = read_head(fields, callback.sent());
  Decoder decoder{fields, callback.sent()};
  ProviderEvent event = decoded(head.event, decoder);
  if (fields.error()) return unexpected(*fields.error());
  head.rest = fields.rest();
  std::visit([&](auto& typed) { typed.head = std::move(head); }, event);
  zego_detail::set_key(event);
  return event;
}

}  // namespace zegocall
