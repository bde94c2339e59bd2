#include "sim/rights.hpp"

namespace zegocall::sim {
namespace {

struct Rights {
  const Reading& call;
  const UserId& by;

  bool member() const { return call.was_member(by); }
  bool leads() const { return call.ever_had(by, {"host", "cohost"}); }
  bool keeps_order() const { return call.ever_had(by, {"host", "cohost", "moderator"}); }
  bool scribe_too() const { return call.ever_had(by, {"host", "cohost", "scribe"}); }
  bool speaks() const { return call.ever_had(by, {"host", "cohost", "moderator", "speaker", "participant"}); }

  // For those in charge.
  bool operator()(const Admit&) const { return keeps_order(); }
  bool operator()(const AdmitAll&) const { return keeps_order(); }
  bool operator()(const Deny&) const { return keeps_order(); }
  bool operator()(const Kick&) const { return keeps_order(); }
  bool operator()(const Unban&) const { return keeps_order(); }
  bool operator()(const Mute&) const { return keeps_order(); }
  bool operator()(const Lock&) const { return keeps_order(); }
  bool operator()(const Unlock&) const { return keeps_order(); }
  bool operator()(const SetLobby&) const { return keeps_order(); }
  bool operator()(const SetRole&) const { return leads(); }
  bool operator()(const SetPasscode&) const { return leads(); }
  bool operator()(const SetCapacity&) const { return leads(); }
  bool operator()(const AddJoinCode&) const { return leads(); }
  bool operator()(const RemoveJoinCode&) const { return leads(); }
  bool operator()(const SetMetadata&) const { return scribe_too(); }
  bool operator()(const SetAttribute&) const { return scribe_too(); }
  bool operator()(const SetRecording&) const { return scribe_too(); }
  bool operator()(const Invite&) const { return speaks(); }
  bool operator()(const Transfer&) const { return speaks(); }
  bool operator()(const CancelCall&) const { return by == call.caller(); }

  // At the door nobody is a member yet.
  bool operator()(const Join&) const { return member() || call.is_room(); }
  bool operator()(const Knock&) const { return member() || call.is_room(); }

  // Not about one call, or nobody's wish.
  bool operator()(const StartCall&) const { return true; }
  bool operator()(const CreateRoom&) const { return true; }
  bool operator()(const DeviceOnline&) const { return member(); }
  bool operator()(const DeviceOffline&) const { return member(); }
  bool operator()(const TimerFired&) const { return true; }
  bool operator()(const ServerStarted&) const { return true; }
  bool operator()(const ProviderWord&) const { return true; }
  bool operator()(const AdminEnd&) const { return true; }

  template <class Body>
  bool operator()(const Body&) const {
    return member();
  }
};

}  // namespace

bool may_have(const Reading& call, const Command& command) { return std::visit(Rights{call, command.by.user}, command.body); }

}  // namespace zegocall::sim
