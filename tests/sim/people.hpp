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
  std::vector<Wish> hear(const CallView& call, const CallEvent& event, Random& random);
  /// What comes to the mind of the person in front of a well-behaved device: to call somebody, to open a room (the new
  /// call's id is `fresh`), to enter one of `rooms`, or to do something in the call at hand.
  std::vector<Wish> think(const std::vector<Person>& people, const std::vector<CallId>& rooms, const CallId& fresh, UnixTime now,
                          Random& random);

 private:
  struct Hear;
  void act(const std::vector<Person>& people, const CallId& call, Random& random, std::vector<Wish>& wishes) const;
  Actor actor_;
  bool tidy_;
  std::map<CallId, bool> mine_{};  ///< calls this device takes part in; true: as their host
};

/// Any command, sensible or not.
CommandBody any_command(const std::vector<Person>& people, UnixTime now, Random& random);

}  // namespace zegocall::sim
