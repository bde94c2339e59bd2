// Commands that have their words and their place, and no rule yet. Each goes to the file of its family.
#include "call/rules.hpp"

namespace zegocall::call_detail {
namespace {
Unexpected undecided() { return fail(ErrorCode::invalid_state, "not decided yet"); }
}  // namespace

Result<void> rule(const CreateRoom&, Turn&) { return undecided(); }
Result<void> rule(const ProviderEvent&, Turn&, const CallView&) { return undecided(); }
Result<void> rule(const AdminEnd&, Turn&, const CallView&) { return undecided(); }
Result<void> rule(const Knock&, Turn&, const CallView&, const LegView*) { return undecided(); }
Result<void> rule(const CancelInvite&, Turn&, const CallView&, const LegView&) { return undecided(); }
Result<void> rule(const Hold&, Turn&, const CallView&, const LegView&) { return undecided(); }
Result<void> rule(const Resume&, Turn&, const CallView&, const LegView&) { return undecided(); }
Result<void> rule(const Transfer&, Turn&, const CallView&, const LegView&) { return undecided(); }
Result<void> rule(const SwitchDevice&, Turn&, const CallView&, const LegView&) { return undecided(); }
Result<void> rule(const SetMedia&, Turn&, const CallView&, const LegView&) { return undecided(); }
Result<void> rule(const RenewToken&, Turn&, const CallView&, const LegView&) { return undecided(); }
Result<void> rule(const RequestRole&, Turn&, const CallView&, const LegView&) { return undecided(); }
Result<void> rule(const LowerHand&, Turn&, const CallView&, const LegView&) { return undecided(); }
Result<void> rule(const Consent&, Turn&, const CallView&, const LegView&) { return undecided(); }
Result<void> rule(const Admit&, Turn&, const CallView&, const LegView*) { return undecided(); }
Result<void> rule(const AdmitAll&, Turn&, const CallView&, const LegView*) { return undecided(); }
Result<void> rule(const Deny&, Turn&, const CallView&, const LegView*) { return undecided(); }
Result<void> rule(const Kick&, Turn&, const CallView&, const LegView*) { return undecided(); }
Result<void> rule(const Unban&, Turn&, const CallView&, const LegView*) { return undecided(); }
Result<void> rule(const SetRole&, Turn&, const CallView&, const LegView*) { return undecided(); }
Result<void> rule(const Mute&, Turn&, const CallView&, const LegView*) { return undecided(); }
Result<void> rule(const Lock&, Turn&, const CallView&, const LegView*) { return undecided(); }
Result<void> rule(const Unlock&, Turn&, const CallView&, const LegView*) { return undecided(); }
Result<void> rule(const SetLobby&, Turn&, const CallView&, const LegView*) { return undecided(); }
Result<void> rule(const SetPasscode&, Turn&, const CallView&, const LegView*) { return undecided(); }
Result<void> rule(const SetCapacity&, Turn&, const CallView&, const LegView*) { return undecided(); }
Result<void> rule(const SetMetadata&, Turn&, const CallView&, const LegView*) { return undecided(); }
Result<void> rule(const SetAttribute&, Turn&, const CallView&, const LegView*) { return undecided(); }
Result<void> rule(const AddJoinCode&, Turn&, const CallView&, const LegView*) { return undecided(); }
Result<void> rule(const RemoveJoinCode&, Turn&, const CallView&, const LegView*) { return undecided(); }
Result<void> rule(const SetRecording&, Turn&, const CallView&, const LegView*) { return undecided(); }

}  // namespace zegocall::call_detail
