#include "sim_flags.hpp"

#include <CLI/CLI.hpp>

namespace zegocall::cli {

void SimFlags::add_to(CLI::App& app, const Runs& runs) {
  CLI::App* sim =
      app.add_subcommand("sim", "try to break the call engine: users, networks, crashes, a failing store, from a seed");
  sim->footer(
      "A seed that breaks an invariant is printed at once, then the shortest script that still does. Exit 0: none did;\n"
      "1: one did; 2: usage. docs/simulation.md says what is played and what is checked.");
  auto* seed = sim->add_option("--seed", options_.seed, "only this seed, with its script when it breaks something");
  auto* script = sim->add_option("--script", options_.script, "play this file")->excludes(seed);
  sim->add_option("--from", options_.from, "the first seed")->capture_default_str()->excludes(seed)->excludes(script);
  auto* seeds = sim->add_option("--seeds", options_.seeds, "how many")
                    ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
                    ->capture_default_str()
                    ->excludes(seed)
                    ->excludes(script);
  sim->add_option("--seconds", options_.seconds, "as many as fit into this time")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}))
      ->excludes(seeds)
      ->excludes(seed)
      ->excludes(script);
  sim->add_option("--least", options_.least, "fewer seeds than this is a failure")->excludes(seed)->excludes(script);
  sim->add_option("--threads", options_.threads, "cores to use")->check(CLI::Range(1u, 256u))->capture_default_str();
  sim->add_flag("--stats", options_.stats, "how often everything happened");
  sim->add_flag("--print", options_.print, "the script of --seed");
  sim->add_flag("--json", options_.json, "answer as JSON");
  runs(sim, [this] { return run_sim(options_); });
}

}  // namespace zegocall::cli
