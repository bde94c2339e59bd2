// Commands and rooms from JSON.
#include <algorithm>
#include <limits>

#include "gateway/instant.hpp"
#include "zegocall/base/text.hpp"
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
  std::string_view members;  // that it has, with a space between them
};
constexpr Word known[] = {
    {"invite", invite, "user role ring"},
    {"cancel_invite", of_person<CancelInvite>, "user"},
    {"ack_delivered", plain<AckDelivered>, ""},
    {"ack_alerting", plain<AckAlerting>, ""},
    {"accept", plain<Accept>, ""},
    {"decline", decline, "busy"},
    {"silence", plain<Silence>, ""},
    {"cancel_call", note<CancelCall>, "note"},
    {"leave", plain<Leave>, ""},
    {"end_call", note<EndCall>, "note"},
    {"heartbeat", plain<Heartbeat>, ""},
    {"hold", plain<Hold>, ""},
    {"resume", plain<Resume>, ""},
    {"transfer", transfer, "to"},
    {"switch_device", plain<SwitchDevice>, ""},
    {"set_media", set_media, "audio video screen"},
    {"renew_token", plain<RenewToken>, ""},
    {"admit", of_person<Admit>, "user"},
    {"admit_all", plain<AdmitAll>, ""},
    {"deny", sent_out<Deny>, "user banSeconds"},
    {"kick", sent_out<Kick>, "user banSeconds"},
    {"unban", of_person<Unban>, "user"},
    {"set_role", set_role, "user role"},
    {"request_role", request_role, "role"},
    {"lower_hand", lower_hand, "user"},
    {"mute", mute, "user track mode except"},
    {"lock", plain<Lock>, ""},
    {"unlock", plain<Unlock>, ""},
    {"set_lobby", set_lobby, "lobby"},
    {"set_capacity", set_capacity, "capacity"},
    {"set_metadata", set_metadata, "text expected"},
    {"set_attribute", set_attribute, "key value expected"},
    {"remove_join_code", remove_join_code, "code"},
    {"set_recording", set_recording, "on"},
    {"consent", consent, "given"},
};

Result<void> check_object(JsonView in) {
  if (in.kind() == JsonKind::object || in.kind() == JsonKind::null) return {};
  return fail(ErrorCode::mistyped_field, "must be an object");
}

constexpr std::size_t shown_max = 64;  // bytes of a name that nobody knows

bool is_among(std::string_view words, std::string_view word) {
  if (word.empty() || word.find(' ') != word.npos) return false;
  return (" " + std::string(words) + " ").find(" " + std::string(word) + " ") != std::string::npos;
}

/// `names`: with a space between them. `path`: where the object is, with a dot.
Result<void> check_known(JsonView in, std::string_view names, const std::string& path = {}) {
  if (auto fine = check_object(in); !fine) return fine;
  if (in.kind() == JsonKind::null) return {};
  for (const auto& [key, value] : in.members()) {
    if (is_among(names, key)) continue;
    const std::string shown = path + printable(std::string_view(key).substr(0, shown_max));
    return fail_field(ErrorCode::invalid_argument, shown, "\"" + shown + "\" is no member that is known here");
  }
  return {};
}

std::string with_spaces(std::string_view words, std::initializer_list<std::string_view> more) {
  std::string out(words);
  for (const std::string_view each : more) out.append(" ").append(each);
  return out;
}

/// A failure inside a member.
Unexpected below(const std::string& path, Error error) {
  error.field = path + error.field;
  return unexpected(std::move(error));
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
    const std::string path = "members." + std::to_string(i) + ".";
    auto member = (**list)[i].get<UserId, Maybe<RoleName>>("user", "role");
    if (!member) return below(path, std::move(member).error());
    if (auto fine = check_known((**list)[i], "user role", path); !fine) return fine;
    into.push_back({std::get<0>(*member), std::get<1>(*member).value_or(RoleName())});
  }
  return {};
}

Result<std::vector<Capability>> rights(JsonView role, const std::string& path) {
  auto words = role.get<Maybe<std::vector<std::string>>>("may");
  if (!words) return below(path, std::move(words).error());
  std::vector<Capability> out;
  for (const std::string& word : words->value_or(std::vector<std::string>{})) {
    const auto right = from_name<Capability>(word);
    if (!right) return fail_field(ErrorCode::invalid_argument, path + "may", "is not a word that is known here");
    out.push_back(*right);
  }
  return out;
}
Result<void> take_roles(JsonView in, std::vector<CustomRole>& into) {
  auto list = in.get<Maybe<std::vector<JsonView>>>("roles");
  if (!list) return unexpected(std::move(list).error());
  if (!*list) return {};
  for (std::size_t i = 0; i < (*list)->size(); ++i) {
    const std::string path = "roles." + std::to_string(i) + ".";
    auto fields = (**list)[i].get<RoleName, Maybe<std::uint32_t>>("name", "rank");
    if (!fields) return below(path, std::move(fields).error());
    if (auto fine = check_known((**list)[i], "name rank may", path); !fine) return fine;
    auto may = rights((**list)[i], path);
    if (!may) return unexpected(std::move(may).error());
    into.push_back({std::get<0>(*fields), std::get<1>(*fields).value_or(CustomRole{}.rank), *std::move(may)});
  }
  return {};
}

Result<void> take_schedule(JsonView in, Maybe<Schedule>& into) {
  auto given = in.get<Maybe<JsonView>>("schedule");
  if (!given) return unexpected(std::move(given).error());
  if (!*given) return {};
  const JsonView plan = **given;
  auto starts = plan.get<std::string>("startsAt");
  if (!starts) return below("schedule.", std::move(starts).error());
  const auto at = gateway_detail::instant_of(*starts);
  if (!at) return fail_field(ErrorCode::invalid_argument, "schedule.startsAt", "must be like 2027-01-01T09:00:00Z");
  Schedule schedule;
  schedule.starts_at = *at;
  for (const auto& [member, span] : {std::pair{"earlySeconds", &schedule.early}, std::pair{"lateSeconds", &schedule.late},
                                     std::pair{"noShowSeconds", &schedule.no_show}}) {
    auto set = maybe_seconds(plan, member);
    if (!set) return below("schedule.", std::move(set).error());
    *span = set->value_or(*span);
  }
  into = schedule;
  return check_known(plan, "startsAt earlySeconds lateSeconds noShowSeconds", "schedule.");
}

constexpr std::string_view room_members =
    "template title type capacity lobby hostPolicy entryRole consent knock maxSeconds media members roles schedule passcode";

Result<const Word*> word_of(std::string_view word) {
  const auto* const found = std::find_if(std::begin(known), std::end(known), [&](const Word& each) { return each.name == word; });
  if (found == std::end(known)) return fail_field(ErrorCode::unknown_event, "word", "no command of this name");
  return found;
}

Result<CommandBody> read_body(const Word& word, JsonView in) {
  static const Json nothing = JsonObject{};
  return word.read(in.kind() == JsonKind::null ? nothing.view() : in);
}

}  // namespace

Result<void> check_members(JsonView in, std::initializer_list<std::string_view> names) {
  return check_known(in, with_spaces("", names));
}

Result<CommandBody> read_command(std::string_view word, JsonView in) {
  if (auto fine = check_object(in); !fine) return unexpected(std::move(fine).error());
  auto found = word_of(word);
  if (!found) return unexpected(std::move(found).error());
  if (auto fine = check_known(in, (*found)->members); !fine) return unexpected(std::move(fine).error());
  return read_body(**found, in);
}

Result<Command> read_wish(std::string_view word, JsonView in, std::initializer_list<std::string_view> beside) {
  if (auto fine = check_object(in); !fine) return unexpected(std::move(fine).error());
  auto found = word_of(word);
  if (!found) return unexpected(std::move(found).error());
  const std::string members = with_spaces((*found)->members, beside) + " expected";
  if (auto fine = check_known(in, members); !fine) return unexpected(std::move(fine).error());
  const bool has_own = is_among((*found)->members, "expected");
  auto expected = has_own ? Result<Maybe<Version>>(Maybe<Version>{}) : read_expected(in);
  if (!expected) return unexpected(std::move(expected).error());
  auto body = read_body(**found, in);
  if (!body) return unexpected(std::move(body).error());
  return Command{.body = *std::move(body), .expected = *expected};
}

Result<std::optional<Version>> read_expected(JsonView in) {
  if (in.kind() == JsonKind::null) return Maybe<Version>{};
  auto number = in.get<Maybe<std::uint64_t>>("expected");
  if (!number) return unexpected(std::move(number).error());
  return *number ? Maybe<Version>(Version(**number)) : Maybe<Version>{};
}

std::vector<std::string_view> command_words() {
  std::vector<std::string_view> out;
  for (const Word& each : known) out.push_back(each.name);
  return out;
}

Result<CreateRoom> read_room(JsonView in) {
  if (auto fine = check_known(in, room_members); !fine) return unexpected(std::move(fine).error());
  CreateRoom room;
  if (in.kind() == JsonKind::null) return room;
  RoomOverrides& set = room.settings;
  for (const Result<void>& fine :
       {take<std::string>(in, "template", room.from), take<std::string>(in, "title", room.topic), take_media(in, room.media),
        take_word(in, "type", set.type), take<std::uint32_t>(in, "capacity", set.capacity), take_word(in, "lobby", set.lobby),
        take_word(in, "hostPolicy", set.host_policy), take<RoleName>(in, "entryRole", set.entry_role),
        take_word(in, "consent", set.consent), take<bool>(in, "knock", set.knock), take_duration(in, set.max_duration),
        take_members(in, room.members), take_roles(in, set.roles), take_schedule(in, set.schedule)})
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
