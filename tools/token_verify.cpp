#include "commands.hpp"
#include "token_words.hpp"
#include "words.hpp"

namespace zegocall::cli {

Exit run_token_verify(const CheckOptions& options) {
  const auto look = look_at_token(options, true);
  if (!look) return usage_error(look.error(), options.json);
  const TokenReport& report = look->report;
  if (options.json) return print(report_json(report).text() + "\n"), report.problem ? Exit::no : Exit::yes;
  if (report.problem) return refusal(*report.problem, false);
  print("good: user " + printable(report.claims->user.view()) + " of app " + std::to_string(report.claims->app.value) +
        ", expires " + when_words(report.claims->expires, look->now) + "\n");
  return Exit::yes;
}

}  // namespace zegocall::cli
