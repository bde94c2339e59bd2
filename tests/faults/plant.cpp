// Plants the fault that ZEGOCALL_PLANT names, before main().
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/planted_fault.hpp"

namespace {

using zegocall::PlantedFault;

PlantedFault named(const char* name) {
  const std::string_view wanted = name ? name : "";
  if (wanted == "forget_leg_outcome") return PlantedFault::forget_leg_outcome;
  if (wanted == "accept_after_cancel") return PlantedFault::accept_after_cancel;
  if (wanted == "lose_command_memory") return PlantedFault::lose_command_memory;
  std::fprintf(stderr, "ZEGOCALL_PLANT must name a planted fault, not \"%s\"\n", name ? name : "");
  std::exit(2);
}

const bool is_planted = [] {
  zegocall::planted_fault = named(std::getenv("ZEGOCALL_PLANT"));
  return true;
}();

}  // namespace
