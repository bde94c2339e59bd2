// A room of alice's, in virtual time; made of a template that each test may change first.
#pragma once

#include <memory>

#include "call/world.hpp"

namespace call_test {

inline const Actor nobody{};

struct RoomWorld : World {
  explicit RoomWorld(CallPolicy deployed = {}) : World(deployed), form{"test", {}, {}} { facts.templates = templates.get(); }

  /// Makes the room. Nobody is in yet.
  void make(std::vector<RoomMember> members = {}, PasscodeStamp passcode = {}) {
    *templates = {form};
    tell_facts();
    must(alice, CreateRoom{.from = "test", .settings = {}, .members = std::move(members), .passcode = passcode});
    news();
  }
  /// Makes the room, and alice is in.
  void open(std::vector<RoomMember> members = {}, PasscodeStamp passcode = {}) {
    make(std::move(members), passcode);
    enter(alice);
    news();
  }
  /// A seat, and into the media room.
  void enter(const Actor& who) { must(who, Join{}), must(who, Join{}); }
  void tell_facts() { engine.know(facts); }
  void bring_passcode(PasscodeCheck check, std::uint64_t stamp = 0) {
    facts.entry = {};
    facts.entry.passcode = check;
    facts.entry.stamp = PasscodeStamp(stamp);
    tell_facts();
  }
  void bring_code(const JoinCodeId& code) {
    facts.entry = {};
    facts.entry.code_given = true;
    facts.entry.code = code;
    tell_facts();
  }
  void bring_nothing() { facts.entry = {}, tell_facts(); }

  /// The refusal's word and field; that nothing was said and nothing changed is checked.
  std::string refused(const Actor& by, CommandBody body) {
    const CallView before = call();
    news();
    const auto result = handle(by, std::move(body));
    CHECK(news().empty());
    CHECK(call() == before);
    CHECK_FALSE(result);
    return verdict(result);
  }
  /// What was said about it.
  Lines says(const Actor& by, CommandBody body) {
    news();
    must(by, std::move(body));
    CHECK(inconsistency(call()).value_or("consistent") == "consistent");
    return news();
  }
  std::string state_of(const Actor& who) const {
    const LegView* last = call().last_leg_of(who.user);
    return last ? outcome(leg(who)) : "none";
  }

  RoomTemplate form;
  std::unique_ptr<std::vector<RoomTemplate>> templates = std::make_unique<std::vector<RoomTemplate>>();  // stays where it is
  Facts facts;
};

}  // namespace call_test
