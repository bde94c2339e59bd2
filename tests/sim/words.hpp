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
  visit("callees", b.callees), visit("media", b.media), visit("topic", b.topic);
}
template <class Visit>
void fields(Invite& b, Visit&& visit) {
  visit("user", b.user);
}
template <class Visit>
void fields(Decline& b, Visit&& visit) {
  visit("busy", b.busy);
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
void fields(TimerFired&, Visit&&) {}  // the driver's own: a script cannot say it
template <class Body, class Visit>
void fields(Body&, Visit&&) {
  static_assert(std::is_empty_v<Body>, "name this command's members above");
}
template <class Visit>
void fields(CallPolicy& p, Visit&& visit) {
  visit("ring", p.ring), visit("delivery", p.delivery), visit("join", p.join), visit("grace", p.reconnect_grace);
  visit("alone", p.alone), visit("empty", p.empty), visit("slack", p.restart_slack), visit("glare", p.glare);
}
template <class Visit>
void fields(Callback& c, Visit&& visit) {
  visit("room", c.room), visit("session", c.session), visit("user", c.user), visit("login", c.login);
  visit("since", c.since), visit("t", c.at);
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
std::string word_of(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "yes" : "no";
  } else if constexpr (std::is_enum_v<T>) {
    return std::string(name(value));
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return escaped(value);
  } else if constexpr (is_list<T>) {
    std::string all;
    for (const auto& each : value) all += (&each == value.data() ? "" : ",") + word_of(each);
    return all;
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
bool read_list(std::string_view word, std::vector<T>& list) {
  for (list.clear(); !word.empty();) {
    const auto comma = word.find(',');
    if (!read_word(word.substr(0, comma), list.emplace_back())) return false;
    word = comma == word.npos ? std::string_view{} : word.substr(comma + 1);
  }
  return true;
}

template <class T>
bool read_word(std::string_view word, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    value = word == "yes";
    return value || word == "no";
  } else if constexpr (std::is_enum_v<T>) {
    const auto found = from_name<T>(word);
    if (found) value = *found;
    return found.has_value();
  } else if constexpr (std::is_integral_v<T>) {
    return read_number(word, value);
  } else if constexpr (is_list<T>) {
    return read_list(word, value);
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
