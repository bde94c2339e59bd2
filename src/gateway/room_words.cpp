// Commands and rooms from JSON.
#include <algorithm>
#include <limits>

#include "zegocall/gateway/rooms.hpp"

namespace zegocall {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

template <class T>
using Maybe = std::optional<T>;

constexpr std::int64_t seconds_max = std::int64_t{100} * 365 * 24 * 3600;

/// One of an enumeration's words.
template <class Enum>
Result<Maybe<Enum>> maybe_word(JsonView in, const char* member) {
  auto text = in.get<Maybe<std::string>>(member);
  if (!text) return unexpected(std::move(text).error());
  if (!*text) return Maybe<Enum>{};
  const auto value = from_name<Enum>(**text);
  if (!value) return fail_field(ErrorCode::invalid_argument, member, "is not a word that is known here");
  return Maybe<Enum>(*value);
}

Result<Maybe<milliseconds>> maybe_seconds(JsonView in, const char* member) {
  auto count = in.get<Maybe<std::int64_t>>(member);
  if (!count) return unexpected(std::move(count).error());
  if (!*count) return Maybe<milliseconds>{};
  if (**count < 0 || **count > seconds_max)
    return fail_field(ErrorCode::out_of_range, member, "0 to " + std::to_string(seconds_max));
  return Maybe<milliseconds>(seconds(**count));
}

using Reader = Result<CommandBody> (*)(JsonView);

template <class Body>
Result<CommandBody> plain(JsonView) {
  return CommandBody(Body{});
}
template <class Body>
Result<CommandBody> of_person(JsonView in) {
  return in.get<UserId>("user").transform([](const UserId& user) { return CommandBody(Body{user}); });
}
template <class Body>
Result<CommandBody> note(JsonView in) {
  return in.get<Maybe<std::string>>("note").transform([](const auto& text) { return CommandBody(Body{text.value_or("")}); });
}
/// Deny and Kick: who, and for how long they may not come again.
template <class Body>
Result<CommandBody> sent_out(JsonView in) {
  auto user = in.get<UserId>("user");
  if (!user) return unexpected(std::move(user).error());
  return maybe_seconds(in, "banSeconds").transform([&](Maybe<milliseconds> ban) { return CommandBody(Body{*user, ban}); });
}

Result<CommandBody> invite(JsonView in) {
  return in.get<UserId, Maybe<RoleName>, Maybe<bool>>("user", "role", "ring").transform([](const auto& f) {
    return CommandBody(Invite{std::get<0>(f), std::get<1>(f).value_or(RoleName()), std::get<2>(f).value_or(true)});
  });
}
Result<CommandBody> decline(JsonView in) {
  return in.get<Maybe<bool>>("busy").transform([](Maybe<bool> busy) { return CommandBody(Decline{busy.value_or(false)}); });
}
Result<CommandBody> transfer(JsonView in) {
  return in.get<UserId>("to").transform([](const UserId& to) { return CommandBody(Transfer{to}); });
}
Result<CommandBody> set_media(JsonView in) {
  return in.get<Maybe<bool>, Maybe<bool>, Maybe<bool>>("audio", "video", "screen").transform([](const auto& f) {
    return CommandBody(SetMedia{std::get<0>(f), std::get<1>(f), std::get<2>(f)});
  });
}
Result<CommandBody> set_role(JsonView in) {
  return in.get<UserId, RoleName>("user", "role").transform([](const auto& f) {
    return CommandBody(SetRole{std::get<0>(f), std::get<1>(f)});
  });
}
Result<CommandBody> request_role(JsonView in) {
  return in.get<Maybe<RoleName>>("role").transform(
      [](const auto& r) { return CommandBody(RequestRole{r.value_or(RoleName())}); });
}
Result<CommandBody> lower_hand(JsonView in) {
  return in.get<Maybe<UserId>>("user").transform([](const auto& u) { return CommandBody(LowerHand{u.value_or(UserId())}); });
}
Result<CommandBody> mute(JsonView in) {
  auto fields = in.get<Maybe<UserId>, Maybe<std::vector<UserId>>>("user", "except");
  if (!fields) return unexpected(std::move(fields).error());
  auto track = maybe_word<Track>(in, "track");
  if (!track) return unexpected(std::move(track).error());
  auto mode = maybe_word<MuteMode>(in, "mode");
  if (!mode) return unexpected(std::move(mode).error());
  return CommandBody(Mute{std::get<0>(*fields).value_or(UserId()), track->value_or(Track::audio), mode->value_or(MuteMode::ask),
                          std::get<1>(*fields).value_or(std::vector<UserId>{})});
}
Result<CommandBody> set_lobby(JsonView in) {
  auto lobby = maybe_word<LobbyRule>(in, "lobby");
  if (!lobby) return unexpected(std::move(lobby).error());
  if (!*lobby) return fail_field(ErrorCode::missing_field, "lobby", "is required");
  return CommandBody(SetLobby{**lobby});
}
Result<CommandBody> set_capacity(JsonView in) {
  return in.get<std::uint32_t>("capacity").transform([](std::uint32_t n) { return CommandBody(SetCapacity{n}); });
}
Result<CommandBody> set_metadata(JsonView in) {
  return in.get<std::string, Maybe<std::uint32_t>>("text", "expected").transform([](const auto& f) {
    return CommandBody(SetMetadata{std::get<0>(f), std::get<1>(f)});
  });
}
Result<CommandBody> set_attribute(JsonView in) {
  return in.get<std::string, Maybe<std::string>, Maybe<std::uint32_t>>("key", "value", "expected").transform([](const auto& f) {
    return CommandBody(SetAttribute{std::get<0>(f), std::get<1>(f), std::get<2>(f)});
  });
}
Result<CommandBody> remove_join_code(JsonView in) {
  return in.get<JoinCodeId>("code").transform([](const JoinCodeId& id) { return CommandBody(RemoveJoinCode{id}); });
}
Result<CommandBody> set_recording(JsonView in) {
  return in.get<bool>("on").transform([](bool on) { return CommandBody(SetRecording{on}); });
}
Result<CommandBody> consent(JsonView in) {
  return in.get<bool>("given").transform([](bool given) { return CommandBody(Consent{given}); });
}

struct Word {
  std::string_view name;
  Reader read;
};
constexpr Word known[] = {
    {"invite", invite},
    {"cancel_invite", of_person<CancelInvite>},
    {"ack_delivered", plain<AckDelivered>},
    {"ack_alerting", plain<AckAlerting>},
    {"accept", plain<Accept>},
    {"decline", decline},
    {"silence", plain<Silence>},
    {"cancel_call", note<CancelCall>},
    {"leave", plain<Leave>},
    {"end_call", note<EndCall>},
    {"heartbeat", plain<Heartbeat>},
    {"hold", plain<Hold>},
    {"resume", plain<Resume>},
    {"transfer", transfer},
    {"switch_device", plain<SwitchDevice>},
    {"set_media", set_media},
    {"renew_token", plain<RenewToken>},
    {"admit", of_person<Admit>},
    {"admit_all", plain<AdmitAll>},
    {"deny", sent_out<Deny>},
    {"kick", sent_out<Kick>},
    {"unban", of_person<Unban>},
    {"set_role", set_role},
    {"request_role", request_role},
    {"lower_hand", lower_hand},
    {"mute", mute},
    {"lock", plain<Lock>},
    {"unlock", plain<Unlock>},
    {"set_lobby", set_lobby},
    {"set_capacity", set_capacity},
    {"set_metadata", set_metadata},
    {"set_attribute", set_attribute},
    {"remove_join_code", remove_join_code},
    {"set_recording", set_recording},
    {"consent", consent},
};

Result<void> check_object(JsonView in) {
  if (in.kind() == JsonKind::object || in.kind() == JsonKind::null) return {};
  return fail(ErrorCode::mistyped_field, "must be an object");
}

/// A member that is null or not there stays as it is.
template <class T, class Into>
Result<void> take(JsonView in, const char* member, Into& into) {
  auto value = in.get<Maybe<T>>(member);
  if (!value) return unexpected(std::move(value).error());
  if (*value) into = **std::move(value);
  return {};
}
template <class Enum>
Result<void> take_word(JsonView in, const char* member, Maybe<Enum>& into) {
  auto value = maybe_word<Enum>(in, member);
  if (!value) return unexpected(std::move(value).error());
  into = *value;
  return {};
}

Result<void> take_media(JsonView in, Media& media) {
  Maybe<Media> given;
  auto fine = take_word(in, "media", given);
  media = given.value_or(media);
  return fine;
}
Result<void> take_duration(JsonView in, Maybe<milliseconds>& into) {
  auto given = maybe_seconds(in, "maxSeconds");
  if (!given) return unexpected(std::move(given).error());
  into = *given;
  return {};
}
Result<void> take_members(JsonView in, std::vector<RoomMember>& into) {
  auto list = in.get<Maybe<std::vector<JsonView>>>("members");
  if (!list) return unexpected(std::move(list).error());
  if (!*list) return {};
  for (std::size_t i = 0; i < (*list)->size(); ++i) {
    auto member = (**list)[i].get<UserId, Maybe<RoleName>>("user", "role");
    if (!member)
      return fail_field(member.error().code, "members." + std::to_string(i) + "." + member.error().field, member.error().detail);
    into.push_back({std::get<0>(*member), std::get<1>(*member).value_or(RoleName())});
  }
  return {};
}

}  // namespace

Result<CommandBody> read_command(std::string_view word, JsonView in) {
  if (auto fine = check_object(in); !fine) return unexpected(std::move(fine).error());
  const auto* const found = std::find_if(std::begin(known), std::end(known), [&](const Word& each) { return each.name == word; });
  if (found == std::end(known)) return fail_field(ErrorCode::unknown_event, "word", "no command of this name");
  static const Json nothing = JsonObject{};
  return found->read(in.kind() == JsonKind::null ? nothing.view() : in);
}

std::vector<std::string_view> command_words() {
  std::vector<std::string_view> out;
  for (const Word& each : known) out.push_back(each.name);
  return out;
}

Result<CreateRoom> read_room(JsonView in) {
  if (auto fine = check_object(in); !fine) return unexpected(std::move(fine).error());
  CreateRoom room;
  if (in.kind() == JsonKind::null) return room;
  RoomOverrides& set = room.settings;
  for (const Result<void>& fine :
       {take<std::string>(in, "template", room.from), take<std::string>(in, "title", room.topic), take_media(in, room.media),
        take_word(in, "type", set.type), take<std::uint32_t>(in, "capacity", set.capacity), take_word(in, "lobby", set.lobby),
        take_word(in, "hostPolicy", set.host_policy), take<RoleName>(in, "entryRole", set.entry_role),
        take_word(in, "consent", set.consent), take<bool>(in, "knock", set.knock), take_duration(in, set.max_duration),
        take_members(in, room.members)})
    if (!fine) return unexpected(fine.error());
  return room;
}

Result<EntryWords> read_entry(JsonView in) {
  if (auto fine = check_object(in); !fine) return unexpected(std::move(fine).error());
  EntryWords words;
  if (in.kind() == JsonKind::null) return words;
  auto fields = in.get<Maybe<std::string>, Maybe<std::string>>("passcode", "code");
  if (!fields) return unexpected(std::move(fields).error());
  auto& [passcode, code] = *fields;
  if (passcode) {
    words.passcode = Secret(*passcode);
    wipe(passcode->data(), passcode->size());
  }
  words.code = code.value_or("");
  return words;
}

}  // namespace zegocall
