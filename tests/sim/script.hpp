// What happens to a server, line by line: the simulator's input. A seed makes one, a file holds one, shrinking takes lines
// away. Every line stands alone: it draws no random number and names calls and people by their ids, so that any part of a
// script is a script (a line that is missing is a message that the network lost).
//
//   zegocall-sim 1
//   seed 17
//   person alice web phone
//   quiet alice
//   blocks alice bob carol
//   policy ring=20000 alone=0
//   @0      connect alice/web
//   @1200   do alice/web c1 k1 start_call callees=bob media=video
//   @1300   crash 4 before
//   @1350   do bob/phone c2 k1 accept v=3
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zegocall/call/decide.hpp"

namespace zegocall::sim {

using std::chrono::milliseconds;

/// One thing that reaches the server, or befalls it.
enum class Verb : std::uint8_t {
  connect,     ///< a device's socket is there
  disconnect,  ///< it is gone
  command,     ///< "do": a command arrives, from a socket or by HTTP
  token,       ///< somebody asks for a provider token for a call
  callback,    ///< the provider tells something
  open,        ///< what follows at this instant shares one transaction
  commit,      ///< of that transaction
  fail,        ///< the n-th operation of the store from here on fails
  crash,       ///< the process dies at the n-th operation of the store from here on
  kill,        ///< the process dies now
  start,       ///< a new process
  lag,         ///< deadlines are not looked at
  catch_up,    ///< they are again
};
std::string_view name(Verb verb);

/// What the provider tells of its rooms; the room of a call is named like the call.
enum class Tale : std::uint8_t { created, closed, login, logout };
std::string_view name(Tale tale);
struct Callback {
  Tale tale{};
  CallId room{};
  std::uint64_t session = 0;  ///< of the room
  UserId user{};
  std::string login{};   ///< which login of that user
  milliseconds since{};  ///< logout: when that login was
  milliseconds at{};     ///< when it happened at the provider
};

/// One line. What a verb does not need is empty.
struct Step {
  milliseconds at{};  ///< since the beginning
  Verb verb{};
  Command command{};        ///< command, and the actor of connect, disconnect, token (with the call)
  EntryFacts entry{};       ///< command: the passcode and the join code that came along, as the door found them
  std::uint32_t count = 0;  ///< fail, crash: 0 = the next operation
  bool after = false;       ///< crash: when the operation is done, not before it
  bool conflict = false;    ///< fail: somebody else was faster, not unavailable
  Callback callback{};
};

struct Person {
  UserId user{};
  std::vector<DeviceId> devices{};
  bool quiet = false;            ///< does not want to be disturbed
  std::vector<UserId> blocks{};  ///< does not want to be rung by these
};

struct Setup {
  std::uint64_t seed = 0;  ///< where it came from; nothing is drawn from it
  std::vector<Person> people{};
  CallPolicy policy{};
};

struct Script {
  Setup setup{};
  std::vector<Step> steps{};
};

/// One line without its end; to_string of a script is its file.
std::string to_string(const Step& step);
std::string to_string(const Script& script);
/// invalid_argument, with the line's number as the field.
Result<Script> parse_script(std::string_view text);

}  // namespace zegocall::sim
