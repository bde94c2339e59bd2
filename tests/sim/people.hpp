// How people and their devices behave in a play: what a device does when it is told something, and what comes to people's
// minds. Pure: a device answers with wishes, the play sends them.
#pragma once

#include <map>
#include <vector>

#include "sim/random.hpp"
#include "sim/world.hpp"

namespace zegocall::sim {

/// A command that a device will send after `in`, or a token that it will ask for.
struct Wish {
  milliseconds in{};
  CallId call{};
  CommandBody body{};
  bool token = false;
};

/// One device of one person.
class Client {
 public:
  Client(Actor actor, bool tidy) : actor_(std::move(actor)), tidy_(tidy) {}

  const Actor& actor() const { return actor_; }
  /// Does as the protocol says. The others press buttons.
  bool is_tidy() const { return tidy_; }
  bool connected = false;

  /// What a well-behaved device does about an event of one of its calls.
  std::vector<Wish> hear(const CallEvent& event, Random& random);
  /// What comes to the mind of the person in front of a well-behaved device: usually to call somebody.
  std::vector<Wish> think(const std::vector<Person>& people, const CallId& fresh, Random& random) const;

 private:
  struct Hear;
  Actor actor_;
  bool tidy_;
  std::map<CallId, bool> mine_{};  ///< calls this device takes part in; true: it is in
};

/// Any command about any of these calls, sensible or not.
CommandBody any_command(const std::vector<Person>& people, Random& random);

}  // namespace zegocall::sim
