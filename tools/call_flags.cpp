#include "call_flags.hpp"

#include <CLI/CLI.hpp>

namespace zegocall::cli {

void CallFlags::add_to(CLI::App& app, const Runs& runs) {
  CLI::App* call = app.add_subcommand("call", "calls in a server's database")->require_subcommand(1);
  const auto add = [&](const char* word, const char* help, CallOptions& options, Exit (*function)(const CallOptions&)) {
    CLI::App* command = call->add_subcommand(word, help);
    command->add_option("--db", options.db, "the server's SQLite file")->required();
    command->add_flag("--json", options.json, "answer as JSON");
    runs(command, [&options, function] { return function(options); });
    return command;
  };
  const auto one_call = [](CLI::App* command, CallOptions& options) {
    command->add_option("call", options.call, "the call's id")->required();
    return command;
  };

  CLI::App* list = add("list", "all calls, newest first", list_, run_call_list);
  list->add_option("--page", list_.page, "from 1")->check(CLI::Range(1u, 1000000u))->capture_default_str();
  list->add_option("--size", list_.size, "calls on a page, at most 100")->check(CLI::Range(1u, 100u))->capture_default_str();
  one_call(add("show", "one call", show_, run_call_show), show_);

  CLI::App* timeline = one_call(add("timeline", "every event of one call, in order", timeline_, run_call_timeline), timeline_);
  CLI::Option* diagram = timeline->add_flag("--diagram", timeline_.diagram, "as a sequence diagram");
  timeline->add_flag("--svg", timeline_.svg, "as a sequence diagram, a picture")->excludes(diagram)->excludes("--json");
  diagram->excludes("--json");

  CLI::App* attendance =
      one_call(add("attendance", "who was in a call, when and for how long", attendance_, run_call_attendance), attendance_);
  attendance->add_flag("--csv", attendance_.csv, "for a spreadsheet")->excludes("--json");
  attendance->add_flag("--intervals", attendance_.intervals, "each entering and leaving instead of each person");
  attendance->add_option("--late-after", attendance_.late_after, "entering later than this after the start is late: 30, 5min")
      ->capture_default_str();
  attendance->add_option("--early-before", attendance_.early_before, "leaving earlier than this before the end is early")
      ->capture_default_str();
  attendance->add_option("--minimum", attendance_.minimum, "being in for less is not enough")->capture_default_str();

  CLI::App* stats = add("stats", "how calls went on the whole, by window of time", stats_, run_call_stats);
  stats->add_flag("--csv", stats_.csv, "for a spreadsheet")->excludes("--json");
  stats->add_option("--window", stats_.window, "how long a window is: 15min, 1h, 1d")->capture_default_str();
}

}  // namespace zegocall::cli
