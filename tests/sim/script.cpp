#include "sim/script.hpp"

#include <algorithm>
#include <array>

#include "sim/words.hpp"

namespace zegocall::sim {
namespace {

constexpr std::string_view first_line = "zegocall-sim 1";

constexpr std::array<std::string_view, 13> verbs = {"connect", "disconnect", "do",   "token", "callback", "open",    "commit",
                                                    "fail",    "crash",      "kill", "start", "lag",      "catch_up"};
constexpr std::array<std::string_view, 4> tales = {"created", "closed", "login", "logout"};

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const std::array<std::string_view, N>& words, std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Enum>(found - words.begin());
}

std::string actor_word(const Actor& actor) { return escaped(actor.user.view()) + "/" + escaped(actor.device.view()); }

bool read_actor(std::string_view word, Actor& actor) {
  const auto slash = word.find('/');
  return slash != word.npos && read_word(word.substr(0, slash), actor.user) && read_word(word.substr(slash + 1), actor.device);
}

std::string command_words(const Command& command) {
  std::string out = " " + actor_word(command.by) + " " + escaped(command.id.view()) + " " + escaped(command.call.view()) + " " +
                    std::string(name(command.body));
  if (command.expected) out += " v=" + std::to_string(command.expected->value);
  return out + std::visit([](const auto& body) { return words_of(body); }, command.body);
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const auto begin = line.find_first_not_of(' ');
    if (begin == line.npos) return words;
    const auto end = std::min(line.find(' ', begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    line.remove_prefix(end);
  }
}

/// The words from the n-th on as members; empty and false if one has no "=".
bool read_members(const std::vector<std::string_view>& words, std::size_t from,
                  std::map<std::string_view, std::string_view>& members) {
  for (std::size_t i = from; i < words.size(); ++i) {
    const auto equals = words[i].find('=');
    if (equals == std::string_view::npos) return false;
    members[words[i].substr(0, equals)] = words[i].substr(equals + 1);
  }
  return true;
}

template <class Record>
bool read_record(const std::vector<std::string_view>& words, std::size_t from, Record& record) {
  std::map<std::string_view, std::string_view> members;
  return read_members(words, from, members) && read_fields(members, record) && members.empty();
}

/// The command whose name this is, with its members.
template <std::size_t I = 0>
bool read_body(std::string_view word, std::map<std::string_view, std::string_view>& members, CommandBody& body) {
  if constexpr (I == std::variant_size_v<CommandBody>) {
    return false;
  } else {
    if (name(CommandBody(std::in_place_index<I>)) != word) return read_body<I + 1>(word, members, body);
    return read_fields(members, body.emplace<I>());
  }
}

bool read_command(const std::vector<std::string_view>& words, Command& command, EntryFacts& entry) {
  std::map<std::string_view, std::string_view> members;
  if (words.size() < 6 || !read_members(words, 6, members)) return false;
  if (!read_actor(words[2], command.by) || !read_word(words[3], command.id) || !read_word(words[4], command.call)) return false;
  if (const auto version = members.find("v"); version != members.end()) {
    if (!read_word(version->second, command.expected)) return false;
    members.erase(version);
  }
  if (!read_body(words[5], members, command.body) || !read_fields(members, entry)) return false;
  entry.code_given = !entry.code.empty();
  return members.empty();
}

bool read_callback(const std::vector<std::string_view>& words, Callback& callback) {
  const auto tale = words.size() > 2 ? value_of<Tale>(tales, words[2]) : std::nullopt;
  if (tale) callback.tale = *tale;
  return tale && read_record(words, 3, callback);
}

bool read_rest(const std::vector<std::string_view>& words, Step& step) {
  switch (step.verb) {
    case Verb::connect:
    case Verb::disconnect: return words.size() == 3 && read_actor(words[2], step.command.by);
    case Verb::token: return words.size() == 4 && read_actor(words[2], step.command.by) && read_word(words[3], step.command.call);
    case Verb::command: return read_command(words, step.command, step.entry);
    case Verb::callback: return read_callback(words, step.callback);
    case Verb::fail:
      step.conflict = words.size() == 4 && words[3] == "conflict";
      return words.size() == (step.conflict ? 4u : 3u) && read_word(words[2], step.count);
    case Verb::crash:
      step.after = words.size() == 4 && words[3] == "after";
      return words.size() == 4 && (step.after || words[3] == "before") && read_word(words[2], step.count);
    case Verb::open:
    case Verb::commit:
    case Verb::kill:
    case Verb::start:
    case Verb::lag:
    case Verb::catch_up: return words.size() == 2;
  }
  return false;
}

bool read_step(const std::vector<std::string_view>& words, Step& step) {
  if (words.size() < 2 || !read_word(words[0].substr(1), step.at)) return false;
  const auto verb = value_of<Verb>(verbs, words[1]);
  if (!verb) return false;
  step.verb = *verb;
  return read_rest(words, step);
}

bool read_person(const std::vector<std::string_view>& words, Person& person) {
  if (words.size() < 2 || !read_word(words[1], person.user)) return false;
  for (std::size_t i = 2; i < words.size(); ++i)
    if (!read_word(words[i], person.devices.emplace_back())) return false;
  return true;
}

/// "quiet alice" and "blocks alice bob": of somebody who was named before.
bool read_wish(const std::vector<std::string_view>& words, std::vector<Person>& people) {
  UserId user;
  if (words.size() < 2 || !read_word(words[1], user)) return false;
  const auto person = std::find_if(people.begin(), people.end(), [&](const Person& p) { return p.user == user; });
  if (person == people.end() || (words[0] == "quiet") != (words.size() == 2)) return false;
  person->quiet = person->quiet || words[0] == "quiet";
  for (std::size_t i = 2; i < words.size(); ++i)
    if (!read_word(words[i], person->blocks.emplace_back())) return false;
  return true;
}

bool read_line(std::string_view line, Script& script) {
  const auto words = split(line);
  if (words.empty() || words[0][0] == '#') return true;
  if (words[0][0] == '@') return read_step(words, script.steps.emplace_back());
  if (words[0] == "seed") return words.size() == 2 && read_word(words[1], script.setup.seed);
  if (words[0] == "person") return read_person(words, script.setup.people.emplace_back());
  if (words[0] == "quiet" || words[0] == "blocks") return read_wish(words, script.setup.people);
  if (words[0] == "policy") return read_record(words, 1, script.setup.policy);
  return false;
}

}  // namespace

std::string_view name(Verb verb) { return verbs[static_cast<std::size_t>(verb)]; }
std::string_view name(Tale tale) { return tales[static_cast<std::size_t>(tale)]; }

std::string to_string(const Step& step) {
  std::string out = "@" + std::to_string(step.at.count());
  out.resize(std::max<std::size_t>(out.size() + 1, 10), ' ');
  out += name(step.verb);
  switch (step.verb) {
    case Verb::connect:
    case Verb::disconnect: return out + " " + actor_word(step.command.by);
    case Verb::token: return out + " " + actor_word(step.command.by) + " " + escaped(step.command.call.view());
    case Verb::command: return out + command_words(step.command) + words_of(step.entry);
    case Verb::callback: return out + " " + std::string(name(step.callback.tale)) + words_of(step.callback);
    case Verb::fail: return out + " " + std::to_string(step.count) + (step.conflict ? " conflict" : "");
    case Verb::crash: return out + " " + std::to_string(step.count) + (step.after ? " after" : " before");
    case Verb::open:
    case Verb::commit:
    case Verb::kill:
    case Verb::start:
    case Verb::lag:
    case Verb::catch_up: return out;
  }
  return out;
}

std::string to_string(const Script& script) {
  std::string out = std::string(first_line) + "\nseed " + std::to_string(script.setup.seed) + "\n";
  for (const Person& person : script.setup.people) {
    out += "person " + escaped(person.user.view());
    for (const DeviceId& device : person.devices) out += " " + escaped(device.view());
    out += "\n";
  }
  for (const Person& person : script.setup.people) {
    const std::string user = escaped(person.user.view());
    if (person.quiet) out += "quiet " + user + "\n";
    if (person.blocks.empty()) continue;
    out += "blocks " + user;
    for (const UserId& blocked : person.blocks) out += " " + escaped(blocked.view());
    out += "\n";
  }
  if (const std::string words = words_of(script.setup.policy); !words.empty()) out += "policy" + words + "\n";
  for (const Step& step : script.steps) out += to_string(step) + "\n";
  return out;
}

Result<Script> parse_script(std::string_view text) {
  Script script;
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool fine = ++number == 1 ? line == first_line : read_line(line, script);
    if (!fine)
      return fail_field(ErrorCode::invalid_argument, "line " + std::to_string(number), "cannot be read: " + std::string(line));
  }
  if (number == 0) return fail_field(ErrorCode::invalid_argument, "line 1", "must be " + std::string(first_line));
  return script;
}

std::string escaped(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  if (text.empty()) return "%";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != '%' && c != ',' && c != '=' && c != '/' && c != ':' && c != '+' && c != '#' &&
        c != '@')
      out += c;
    else
      out += {'%', hex[byte >> 4], hex[byte & 15]};
  }
  return out;
}

std::optional<std::string> unescaped(std::string_view text) {
  if (text == "%") return std::string{};
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned byte = 0;
    if (i + 2 >= text.size()) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
    if (error != std::errc{} || end != text.data() + i + 3) return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

}  // namespace zegocall::sim
