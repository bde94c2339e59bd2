#include "outbox_flags.hpp"

#include <CLI/CLI.hpp>

namespace zegocall::cli {

void OutboxFlags::add_to(CLI::App& app, const Runs& runs) {
  CLI::App* outbox =
      app.add_subcommand("outbox", "what a server still has to tell its host or the provider")->require_subcommand(1);
  const auto add = [&](const char* word, const char* help, OutboxOptions& options, Exit (*function)(const OutboxOptions&)) {
    CLI::App* command = outbox->add_subcommand(word, help);
    command->add_option("--db", options.db, "the server's SQLite file")->required();
    command->add_flag("--json", options.json, "answer as JSON");
    runs(command, [&options, function] { return function(options); });
    return command;
  };
  CLI::App* list = add("list", "messages that wait, oldest first", list_, run_outbox_list);
  list->add_option("--size", list_.size, "of each lane, at most 1000")->check(CLI::Range(1u, 1000u))->capture_default_str();
  CLI::App* dead = add("dead", "dead letters: messages that nobody took, newest first", dead_, run_outbox_dead);
  dead->add_option("--page", dead_.page, "from 1")->check(CLI::Range(1u, 1000000u))->capture_default_str();
  dead->add_option("--size", dead_.size, "letters on a page, at most 100")->check(CLI::Range(1u, 100u))->capture_default_str();
  CLI::App* replay =
      add("replay", "send dead letters again; a running server does it within 5 seconds", replay_, run_outbox_replay);
  CLI::Option* numbers = replay->add_option("number", replay_.numbers, "the letters' numbers, as `outbox dead` shows them");
  replay->add_flag("--all", replay_.all, "every dead letter, the oldest first")->excludes(numbers);
}

}  // namespace zegocall::cli
