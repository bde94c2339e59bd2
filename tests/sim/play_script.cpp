// sim_play_script FILE...: plays stored scripts; each must hold. A script that once broke something is a test for ever.
#include <cstdio>
#include <fstream>
#include <iterator>

#include "sim/play.hpp"

namespace {

bool holds(const char* file) {
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto script = zegocall::sim::parse_script(text);
  if (!script) return std::fprintf(stderr, "%s: %s\n", file, zegocall::to_string(script.error()).c_str()), false;
  zegocall::sim::Stats stats;
  const auto verdict = zegocall::sim::run_script(*script, stats);
  if (!verdict.broken) return true;
  const auto& [check, what] = *verdict.broken;
  return std::fprintf(stderr, "%s: %s broken after line %zu: %s\n", file, check.c_str(), verdict.steps_done, what.c_str()), false;
}

}  // namespace

int main(int argc, char** argv) {
  bool all = argc > 1;
  for (int i = 1; i < argc; ++i) all = holds(argv[i]) && all;
  return all ? 0 : 1;
}
