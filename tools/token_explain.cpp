#include "credentials.hpp"
#include "token_words.hpp"
#include "words.hpp"

namespace zegocall::cli {
namespace {

const ErrorInfo* find_code(std::string_view word) {
  for (const ErrorInfo* info = begin_error_table(); info != end_error_table(); ++info) {
    if (info->name == word) return info;
  }
  return nullptr;
}

Exit explain_code(const ExplainOptions& options) {
  const ErrorInfo* const info = find_code(options.code);
  if (info == nullptr)
    return usage_error({ErrorCode::not_found, "--code", "there is no such code; one is, for example, expire_mismatch"},
                       options.json);
  const Error error{info->code, {}, {}};
  if (!options.json) return print(to_string(explain(error))), Exit::yes;
  JsonObject out = error_json(error);
  out.add("ok", true);
  print(std::move(out).text() + "\n");
  return Exit::yes;
}

}  // namespace

Exit run_token_explain(const ExplainOptions& options) {
  if (!options.code.empty()) return explain_code(options);
  const auto look = look_at_token(options.check, false);
  if (!look) return usage_error(look.error(), options.json);
  const auto& problem = look->report.problem;
  const Exit verdict = shortcoming(look->report) ? Exit::no : Exit::yes;
  if (options.json) return print(report_json(look->report).text() + "\n"), verdict;
  if (problem) return print(printable(to_string(*problem)) + "\n" + to_string(explain(*problem))), Exit::no;
  print(look->report.opened ? "The token is good: it opens, its times are right, and it says what was asked for.\n"
                            : "Nothing is wrong with its outside. To say more, the secret is needed: set ZEGO_SERVER_SECRET.\n");
  return verdict;
}

}  // namespace zegocall::cli
