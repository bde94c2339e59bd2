// Ids are types, and so are the two times.
#include <string>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/time.hpp"
using namespace zegocall;

void join(const UserId& user, const RoomId& room);
void use(const UserId& user, const RoomId& room, SteadyTime steady) {
  join(user, room);
#if BAD == 1
  join(room, user);
#elif BAD == 2
  UserId id = std::string("alice");
#elif BAD == 3
  UnixTime wall = steady;
#else
  (void)steady;
#endif
}
