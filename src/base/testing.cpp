#include "zegocall/testing.hpp"

namespace zegocall {

ManualClock::ManualClock() {
  using namespace std::chrono;
  now_.wall = UnixTime(sys_days(year{2025} / January / 1).time_since_epoch());
  now_.steady = SteadyTime(hours(1));  // not zero: a forgotten default must not look like "now"
}

void ManualClock::advance(std::chrono::milliseconds by) {
  ZC_ASSERT(by.count() >= 0);
  now_.wall += by;
  now_.steady += by;
}

void ManualClock::advance_to(UnixTime at) {
  if (at > now_.wall) advance(at - now_.wall);
}

}  // namespace zegocall
