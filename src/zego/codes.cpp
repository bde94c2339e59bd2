#include "zegocall/zego/codes.hpp"

#include <algorithm>
#include <vector>

#include "zego/codes_table.hpp"

namespace zegocall {
namespace {

constexpr std::size_t width = 94;

const std::vector<CodeInfo>& table() {
  static const std::vector<CodeInfo> sorted = [] {
    std::vector<CodeInfo> all;
    for (const auto part : {zego_detail::server_codes(), zego_detail::media_codes(), zego_detail::client_codes(),
                            zego_detail::internal_codes(), zego_detail::chat_codes()})
      all.insert(all.end(), part.begin(), part.end());
    std::stable_sort(all.begin(), all.end(), [](const CodeInfo& a, const CodeInfo& b) { return a.code < b.code; });
    return all;
  }();
  return sorted;
}

std::span<const CodeInfo> listed(std::int64_t code) {
  struct Less {
    bool operator()(const CodeInfo& info, std::int64_t number) const { return info.code < number; }
    bool operator()(std::int64_t number, const CodeInfo& info) const { return number < info.code; }
  };
  const auto [first, last] = std::equal_range(table().begin(), table().end(), code, Less{});
  return {first, last};
}

// Of entries that stand side by side, those of the web SDK's inside: the only ones that have longer spellings.
std::span<const CodeInfo> inside(std::span<const CodeInfo> entries) {
  const auto is_inside = [](const CodeInfo& info) {
    return info.from == CodeFrom::room_service || info.from == CodeFrom::gateway;
  };
  const auto first = std::find_if(entries.begin(), entries.end(), is_inside);
  const auto last = std::find_if_not(first, entries.end(), is_inside);
  return {first, last};
}

void add_wrapped(std::string& out, std::string_view text, std::size_t indent) {
  out.append(indent, ' ');
  std::size_t column = indent;
  bool first = true;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!first && column + 1 + word.size() > width) {
      out.append("\n").append(indent, ' ');
      column = indent;
    } else if (!first) {
      out.push_back(' ');
      ++column;
    }
    out += word;
    column += word.size();
    first = false;
  }
  out.push_back('\n');
}

// In two columns where every line fits, else each check below its cause.
void add_causes(std::string& out, std::span<const CodeCause> causes) {
  constexpr std::size_t indent = 7, gap = 4;
  std::size_t widest = 0, widest_check = 0;
  for (const CodeCause& cause : causes) {
    widest = std::max(widest, cause.what.size());
    widest_check = std::max(widest_check, cause.check.size());
  }
  const bool columns = indent + widest + gap + widest_check <= width;
  int number = 0;
  for (const CodeCause& cause : causes) {
    out.append("    ").append(std::to_string(++number)).append("  ").append(cause.what);
    if (columns)
      out.append(widest - cause.what.size() + gap, ' ').append(cause.check).append("\n");
    else
      add_wrapped(out.append("\n"), cause.check, indent + gap);
  }
}

std::string footer(const CodeInfo& info) {
  std::string out;
  if (!info.documented) out = "Not documented by the provider: learnt from its web SDK.";
  if (info.retry()) out += "The same request may succeed later.";
  if (info.see[0] == 0) return out;
  out += out.empty() ? "See also " : " See also ";
  for (const std::int64_t other : info.see) {
    if (other != 0) out.append(other == info.see[0] ? "" : ", ").append(std::to_string(other));
  }
  return out + ".";
}

void add_entry(std::string& out, const CodeInfo& info, bool one_of_several) {
  std::string headline = std::to_string(info.code) + "  " + std::string(info.title);
  if (one_of_several) headline += "  [" + std::string(name(info.from)) + "]";
  out += headline + "\n";
  std::string meaning(info.meaning);
  if (info.causes.size() > 1) meaning += " Most likely first:";
  add_wrapped(out, meaning, 2);
  add_causes(out, info.causes);
  if (const std::string end = footer(info); !end.empty()) add_wrapped(out, end, 2);
}

struct Family {
  std::int64_t first, last;
  std::string_view words;
};
constexpr Family families[] = {
    {40001, 40100, "The web SDK tries these room-service codes again with a fresh session by itself."},
    {50200, 50299, "The web SDK tries these room-service codes again with a fresh session by itself."},
    {10000, 29999, "Numbers like this come from the gateway behind the web SDK; what counts is the room login's own error."},
    {1000000, 1099999, "Numbers like this come from an Express SDK: 1002 room, 1003 publishing, 1004 playing."},
    {1100000, 1199999, "Numbers like this come from the Express Web SDK: 1102 room login, 1103 publishing, 1104 playing."},
    {6000000, 6999999, "Numbers like this come from an In-app Chat (ZIM) client: 60001 login and token, 60002 calls."},
    {100000000, 100999999, "Numbers like this come from the server API's gateway: signature, time, action."},
    {110200000, 110299999, "Numbers like this come from the server API's mixer."},
    {660000000, 669999999, "Numbers like this come from the server API of In-app Chat (ZIM)."},
};

std::string unknown_words(std::int64_t code) {
  std::string out = std::to_string(code) + "  not in the catalogue\n";
  for (const Family& family : families) {
    if (code >= family.first && code <= family.last) return add_wrapped(out, family.words, 2), out;
  }
  add_wrapped(out, "No number of the provider looks like this. Is it complete?", 2);
  return out;
}

}  // namespace

std::string_view name(CodeFrom from) {
  switch (from) {
    case CodeFrom::server_api: return "server API";
    case CodeFrom::room_api: return "server API, rooms";
    case CodeFrom::media_api: return "server API, media";
    case CodeFrom::mix_api: return "server API, mixing";
    case CodeFrom::censor_api: return "server API, moderation";
    case CodeFrom::chat_api: return "server API, In-app Chat";
    case CodeFrom::native_sdk: return "native SDKs";
    case CodeFrom::web_sdk: return "web SDK";
    case CodeFrom::room_service: return "room service";
    case CodeFrom::gateway: return "gateway";
    case CodeFrom::chat_sdk: return "In-app Chat client";
  }
  return {};
}

std::span<const CodeInfo> all_codes() { return table(); }

CodeExplanation explain_code(std::int64_t number) {
  CodeExplanation out{number, number, listed(number)};
  if (!out.entries.empty()) return out;
  constexpr std::int64_t telemetry = 2'002'000'000, room_service = 200'000;
  std::int64_t code = number;
  if (code > telemetry && code < telemetry + 1'000'000) code -= telemetry;
  if (listed(code).empty() && code > room_service && code < room_service + 100'000) code -= room_service;
  if (const auto entries = inside(listed(code)); code != number && !entries.empty()) return {number, code, entries};
  return out;
}

std::string to_string(const CodeExplanation& explanation) {
  if (explanation.entries.empty()) return unknown_words(explanation.asked);
  std::string out;
  if (explanation.asked != explanation.code)
    out = std::to_string(explanation.asked) + " is a longer spelling of " + std::to_string(explanation.code) + ".\n\n";
  for (const CodeInfo& info : explanation.entries) {
    if (&info != explanation.entries.data()) out += "\n";
    add_entry(out, info, explanation.entries.size() > 1);
  }
  return out;
}

}  // namespace zegocall
