#include "provider_flags.hpp"

#include <CLI/CLI.hpp>

#include "words.hpp"

namespace zegocall::cli {
namespace {

template <class Options>
void runs_with(CLI::App* command, Options& options, Exit (*function)(const Options&), const ProviderFlags::Runs& runs) {
  command->add_flag("--json", options.json, "answer as JSON");
  runs(command, [&options, function] { return function(options); });
}

void add_input(CLI::App* command, CallbackOptions& options, const char* what) {
  command->add_option("file", options.file, std::string(what) + "; standard input if it is not given");
  command->add_option("--app", options.app, "the app id that it must name")->check(CLI::Range(1u, 4294967295u));
  command->add_option("--secret-file", options.secret_file, "file with the CallbackSecret; - is standard input");
}

}  // namespace

void ProviderFlags::add_to(CLI::App& app, const Runs& runs) {
  CLI::App* explain = app.add_subcommand("explain", "what a code of the provider means, and what to check");
  explain->add_option("code", code_.code, "a number, such as 50119, or a word, such as wrong_key_or_tampered")->required();
  runs_with(explain, code_, run_explain_code, runs);

  CLI::App* callback = app.add_subcommand("callback", "callbacks of the provider")->require_subcommand(1);
  callback->footer(
      "The CallbackSecret comes from ZEGO_CALLBACK_SECRET, else ZEGOCLOUD_CALLBACK_SECRET, or a file (--secret-file);\n"
      "the app id to compare with from --app, ZEGO_APP_ID, else ZEGOCLOUD_APP_ID; where none is set, any will do.\n"
      "Exit 0: yes; 1: no, with the reason; 2: usage.");
  CLI::App* verify = callback->add_subcommand("verify", "is this callback good, and what does it say?");
  add_input(verify, verify_, "the body: JSON, percent-encoded JSON or a form");
  verify->add_option("--past", verify_.past, "how old it may be")->capture_default_str();
  verify->add_flag("--any-time", verify_.any_time, "judge it at its own time");
  verify->add_option("--now", verify_.now, "Unix seconds to take for the present")
      ->check(CLI::Range(std::int64_t{0}, last_second));
  runs_with(verify, verify_, run_callback_verify, runs);
  CLI::App* replay = callback->add_subcommand("replay", "recorded callbacks in the order of their arrival: who was where?");
  add_input(replay, replay_, "a body per line");
  runs_with(replay, replay_, run_callback_replay, runs);
}

}  // namespace zegocall::cli
