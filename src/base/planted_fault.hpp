// Deliberate faults, to see that the simulator and the tests find them. They exist only where ZEGOCALL_PLANTED_FAULTS is
// defined: in a second build of call, service and the simulator (tests/faults), whose programs choose one at run time. In
// every other build ZC_PLANTED(x) is `false`. What each does is said where it is planted.
#pragma once

#ifdef ZEGOCALL_PLANTED_FAULTS
namespace zegocall {

enum class PlantedFault {
  none,
  fire_stale_timer,
  swap_no_answer,
  kick_without_stamp,
  kick_any_rank,
  skip_ban,
  seat_beyond_capacity,
  skip_lobby,
  skip_lock,
  skip_passcode,
  forget_device_outcome,
  forget_leg_at_close,
  no_restart_slack,
  forget_join_timer,
  count_old_session,
  ignore_intruder,
  everybody_may,
  ignore_expected_version,
  acknowledge_failed_commit,
  commit_half,
  keep_presence,
  forget_leg_outcome,
  accept_after_cancel,
  lose_command_memory,
  start_untold,
  send_before_commit,
  swap_race_rules,
  cancel_after_answer,
  skip_ban_on_refresh,
  count_lost_link,
  miss_moved_device,
  forget_missed,
  missed_though_answered,
  forget_mute,
  record_the_absent,
};
inline PlantedFault planted_fault = PlantedFault::none;

}  // namespace zegocall
#define ZC_PLANTED(fault) (::zegocall::planted_fault == ::zegocall::PlantedFault::fault)
#else
#define ZC_PLANTED(fault) false
#endif
