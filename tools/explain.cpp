// What a code means, as an experienced colleague would say it.
#include <algorithm>
#include <charconv>

#include "provider.hpp"
#include "token_words.hpp"
#include "words.hpp"
#include "zegocall/zego/codes.hpp"

namespace zegocall::cli {
namespace {

std::optional<std::int64_t> number_of(const std::string& text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

JsonObject entry_json(const CodeInfo& info) {
  JsonArray see;
  for (const std::int64_t other : info.see) {
    if (other != 0) see.add(other);
  }
  return {{"code", info.code},
          {"from", name(info.from)},
          {"title", info.title},
          {"meaning", info.meaning},
          {"causes", JsonArray::of(info.causes,
                                   [](const CodeCause& cause) {
                                     return JsonObject{{"what", cause.what}, {"check", cause.check}};
                                   })},
          {"see_also", see},
          {"documented", info.documented},
          {"retry", info.retry()}};
}

Exit explain_number(std::int64_t number, bool json) {
  const CodeExplanation explanation = explain_code(number);
  const bool known = !explanation.entries.empty();
  if (json)
    print(JsonObject{{"ok", known},
                     {"asked", number},
                     {"code", explanation.code},
                     {"entries", JsonArray::of(explanation.entries, entry_json)}}
              .text() +
          "\n");
  else
    print(to_string(explanation));
  return known ? Exit::yes : Exit::no;
}

// The library's own words, as its errors and `token verify` print them.
Exit explain_word(const ErrorInfo& info, bool json) {
  const Explanation explanation = explain(Error{info.code, {}, {}});
  if (json) {
    print(JsonObject{
              {"ok", true}, {"code", info.name}, {"retry", info.retryable}, {"why", explanation.why}, {"todo", explanation.todo}}
              .text() +
          "\n");
    return Exit::yes;
  }
  std::string out(info.name);
  out += explanation.why == info.name ? "  one of zegocall's own errors; its field and detail say the rest\n"
                                      : "\n" + to_string(explanation);
  if (info.retryable) out += "The same request may succeed later.\n";
  print(out);
  return Exit::yes;
}

}  // namespace

Exit run_explain_code(const CodeOptions& options) {
  if (const auto number = number_of(options.code)) return explain_number(*number, options.json);
  const auto* const word =
      std::find_if(begin_error_table(), end_error_table(), [&](const ErrorInfo& info) { return info.name == options.code; });
  if (word != end_error_table()) return explain_word(*word, options.json);
  return usage_error({ErrorCode::invalid_argument, "CODE",
                      "must be a number of the provider, such as 50119, or a word of zegocall, such as wrong_key_or_tampered"},
                     options.json);
}

}  // namespace zegocall::cli
