// Members to words and back: "callees=bob,carol media=video". A member that has its default value is left out.
// fields(record, visitor) names the members of each record that a script may hold; a command with members that are not
// listed here does not compile.
#pragma once

#include <charconv>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sim/script.hpp"
#include "zegocall/call/model.hpp"

namespace zegocall::sim {

template <class Visit>
void fields(StartCall& b, Visit&& visit) {
  visit("callees", b.callees), visit("media", b.media), visit("topic", b.topic), visit("policy", b.policy);
}
template <class Visit>
void fields(CreateRoom& b, Visit&& visit) {
  visit("from", b.from), visit("members", b.members), visit("passcode", b.passcode), visit("media", b.media);
  RoomOverrides& o = b.settings;
  visit("type", o.type), visit("capacity", o.capacity), visit("lobby", o.lobby), visit("host_policy", o.host_policy);
  visit("entry_role", o.entry_role), visit("consent", o.consent), visit("knock", o.knock), visit("roles", o.roles);
  visit("max_duration", o.max_duration), visit("schedule", o.schedule), visit("topic", b.topic);
}
template <class Visit>
void fields(Invite& b, Visit&& visit) {
  visit("user", b.user), visit("role", b.role), visit("ring", b.ring);
}
template <class Visit>
void fields(Decline& b, Visit&& visit) {
  visit("busy", b.busy);
}
template <class Visit>
void fields(Join& b, Visit&& visit) {
  visit("consent", b.consent);
}
template <class Visit>
void fields(SetMedia& b, Visit&& visit) {
  visit("audio", b.audio), visit("video", b.video), visit("screen", b.screen);
}
template <class Visit>
void fields(Mute& b, Visit&& visit) {
  visit("user", b.user), visit("track", b.track), visit("mode", b.mode), visit("except", b.except);
}
template <class Visit>
void fields(SetMetadata& b, Visit&& visit) {
  visit("text", b.text), visit("expected", b.expected);
}
template <class Visit>
void fields(SetAttribute& b, Visit&& visit) {
  visit("key", b.key), visit("value", b.value), visit("expected", b.expected);
}
template <class Visit>
void fields(SetRole& b, Visit&& visit) {
  visit("user", b.user), visit("role", b.role);
}
template <class Visit>
void fields(AddJoinCode& b, Visit&& visit) {
  visit("id", b.code.id), visit("role", b.code.role), visit("uses", b.code.uses_left), visit("until", b.code.until);
}
template <class Visit>
void fields(ProviderWord& b, Visit&& visit) {
  visit("said", b.said), visit("user", b.user), visit("login", b.login), visit("t", b.at), visit("began", b.logged_in);
  visit("reconciled", b.reconciled);
}
template <class Visit>
void fields(AdminEnd& b, Visit&& visit) {
  visit("note", b.note), visit("cause", b.cause);
}
template <class Visit>
void fields(TimerFired& b, Visit&& visit) {  // a clock of before that fires once more
  visit("timer", b.deadline.timer), visit("leg", b.deadline.leg), visit("at", b.deadline.at);
}
template <class Visit>
void fields(CancelCall& b, Visit&& visit) {
  visit("note", b.note);
}
template <class Visit>
void fields(EndCall& b, Visit&& visit) {
  visit("note", b.note);
}
template <class Visit>
void fields(Knock& b, Visit&& visit) {
  visit("note", b.note);
}
template <class Visit>
void fields(CancelInvite& b, Visit&& visit) {
  visit("user", b.user);
}
template <class Visit>
void fields(Transfer& b, Visit&& visit) {
  visit("to", b.to);
}
template <class Visit>
void fields(Admit& b, Visit&& visit) {
  visit("user", b.user);
}
template <class Visit>
void fields(Unban& b, Visit&& visit) {
  visit("user", b.user);
}
template <class Visit>
void fields(RequestRole& b, Visit&& visit) {
  visit("role", b.role);
}
template <class Visit>
void fields(LowerHand& b, Visit&& visit) {
  visit("user", b.user);
}
template <class Visit>
void fields(SetLobby& b, Visit&& visit) {
  visit("lobby", b.lobby);
}
template <class Visit>
void fields(SetPasscode& b, Visit&& visit) {
  visit("passcode", b.passcode);
}
template <class Visit>
void fields(SetCapacity& b, Visit&& visit) {
  visit("capacity", b.capacity);
}
template <class Visit>
void fields(RemoveJoinCode& b, Visit&& visit) {
  visit("code", b.code);
}
template <class Visit>
void fields(SetRecording& b, Visit&& visit) {
  visit("on", b.on);
}
template <class Visit>
void fields(Consent& b, Visit&& visit) {
  visit("given", b.given);
}
template <class Visit>
void fields(Deny& b, Visit&& visit) {
  visit("user", b.user), visit("ban_for", b.ban_for);
}
template <class Visit>
void fields(Kick& b, Visit&& visit) {
  visit("user", b.user), visit("ban_for", b.ban_for);
}
template <class Body, class Visit>
void fields(Body&, Visit&&) {
  static_assert(std::is_empty_v<Body>, "name this command's members above");
}
template <class Visit>
void fields(CallPolicy& p, Visit&& visit) {
  visit("ring", p.ring), visit("delivery", p.delivery), visit("join", p.join), visit("grace", p.reconnect_grace);
  visit("alone", p.alone), visit("empty", p.empty), visit("slack", p.restart_slack), visit("glare", p.glare);
  visit("lobby", p.lobby), visit("host_absent", p.host_absent), visit("max_duration", p.max_duration);
  visit("ending", p.ending), visit("lease", p.device_lease), visit("token_lifetime", p.token_lifetime);
  visit("token_renew", p.token_renew), visit("ring_policy", p.ring_policy), visit("busy", p.busy);
  visit("decline", p.decline), visit("second_device", p.second_device), visit("one_screen", p.one_screen);
  visit("hold_own_call", p.hold_own_call), visit("callees_max", p.callees_max);
}
template <class Visit>
void fields(EntryFacts& e, Visit&& visit) {
  visit("passcode_is", e.passcode), visit("stamp", e.stamp), visit("with_code", e.code);
}
template <class Visit>
void fields(Callback& c, Visit&& visit) {
  visit("room", c.room), visit("session", c.session), visit("user", c.user), visit("login", c.login);
  visit("since", c.since), visit("t", c.at);
}
// Records inside a member: their parts, with colons between.
template <class Visit>
void parts(RoomMember& m, Visit&& visit) {
  visit(m.user), visit(m.role);
}
template <class Visit>
void parts(CustomRole& r, Visit&& visit) {
  visit(r.name), visit(r.rank), visit(r.may);
}
template <class Visit>
void parts(Schedule& s, Visit&& visit) {
  visit(s.starts_at), visit(s.early), visit(s.late), visit(s.no_show);
}

// ---- one value ------------------------------------------------------------------------------------------------------

std::string escaped(std::string_view text);                   ///< without spaces, commas, "=", "/"; "%" stands for nothing
std::optional<std::string> unescaped(std::string_view text);  ///< nothing if it is not such a text

template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
std::string word_of(const T& value);

/// A list within a record within a list is joined by "+".
template <class T>
std::string joined_words(const std::vector<T>& list, char by) {
  std::string all;
  for (const auto& each : list) all += (&each == list.data() ? std::string() : std::string(1, by)) + word_of(each);
  return all;
}

template <class T>
std::string word_of(const T& value) {
  if constexpr (requires(T & v) { parts(v, [](auto&) {}); }) {
    std::string all;
    T copy = value;
    parts(copy, [&](auto& part) {
      if (!all.empty()) all += ":";
      if constexpr (is_list<std::remove_cvref_t<decltype(part)>>)
        all += joined_words(part, '+');
      else
        all += word_of(part);
    });
    return all;
  } else if constexpr (std::is_same_v<T, bool>) {
    return value ? "yes" : "no";
  } else if constexpr (std::is_enum_v<T>) {
    return std::string(name(value));
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return escaped(value);
  } else if constexpr (is_list<T>) {
    return joined_words(value, ',');
  } else if constexpr (is_optional<T>) {
    return value ? word_of(*value) : "none";
  } else if constexpr (requires { value.count(); }) {
    return std::to_string(value.count());
  } else if constexpr (requires { value.time_since_epoch(); }) {
    return std::to_string(value.time_since_epoch().count());
  } else if constexpr (requires { value.value; }) {
    return std::to_string(value.value);
  } else {
    return escaped(value.view());
  }
}

template <class N>
bool read_number(std::string_view word, N& value) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size();
}

template <class T>
bool read_word(std::string_view word, T& value);

template <class T>
bool read_list(std::string_view word, std::vector<T>& list, char by) {
  for (list.clear(); !word.empty();) {
    const auto comma = word.find(by);
    if (!read_word(word.substr(0, comma), list.emplace_back())) return false;
    word = comma == word.npos ? std::string_view{} : word.substr(comma + 1);
  }
  return true;
}

template <class T>
bool read_parts(std::string_view word, T& value) {
  bool fine = true, over = false;
  parts(value, [&](auto& part) {
    const auto colon = word.find(':');
    fine = fine && !over;
    if constexpr (is_list<std::remove_cvref_t<decltype(part)>>)
      fine = fine && read_list(word.substr(0, colon), part, '+');
    else
      fine = fine && read_word(word.substr(0, colon), part);
    over = colon == word.npos;
    word = over ? std::string_view{} : word.substr(colon + 1);
  });
  return fine && over;
}

template <class T>
bool read_word(std::string_view word, T& value) {
  if constexpr (requires { parts(value, [](auto&) {}); }) {
    return read_parts(word, value);
  } else if constexpr (std::is_same_v<T, bool>) {
    value = word == "yes";
    return value || word == "no";
  } else if constexpr (std::is_enum_v<T>) {
    const auto found = from_name<T>(word);
    if (found) value = *found;
    return found.has_value();
  } else if constexpr (std::is_integral_v<T>) {
    return read_number(word, value);
  } else if constexpr (is_list<T>) {
    return read_list(word, value, ',');
  } else if constexpr (is_optional<T>) {
    return word == "none" || read_word(word, value.emplace());
  } else if constexpr (requires { value.count(); }) {
    std::int64_t count = 0;
    const bool fine = read_number(word, count);
    value = T(count);
    return fine;
  } else if constexpr (requires { value.time_since_epoch(); }) {
    std::int64_t count = 0;
    const bool fine = read_number(word, count);
    value = T(typename T::duration(count));
    return fine;
  } else if constexpr (requires { value.value; }) {
    return read_number(word, value.value);
  } else {
    const auto text = unescaped(word);
    if (text) value = T(std::string_view(*text));
    return text.has_value();
  }
}

// ---- a record's members ---------------------------------------------------------------------------------------------

/// " callees=bob media=video", only what differs from a fresh record.
template <class Record>
std::string words_of(const Record& record) {
  std::string out;
  Record mine = record, fresh{};
  std::vector<std::string> defaults;
  fields(fresh, [&](const char*, auto& value) { defaults.push_back(word_of(value)); });
  std::size_t at = 0;
  fields(mine, [&](const char* field, auto& value) {
    const std::string word = word_of(value);
    if (word != defaults[at++]) out += " " + std::string(field) + "=" + word;
  });
  return out;
}

/// Takes the members that are there out of `given`; false if one cannot be read.
template <class Record>
bool read_fields(std::map<std::string_view, std::string_view>& given, Record& record) {
  bool fine = true;
  fields(record, [&](const char* field, auto& value) {
    const auto found = given.find(field);
    if (found == given.end()) return;
    fine = read_word(found->second, value) && fine;
    given.erase(found);
  });
  return fine;
}

}  // namespace zegocall::sim
