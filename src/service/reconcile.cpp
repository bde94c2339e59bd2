#include "zegocall/service/reconcile.hpp"

#include <algorithm>

namespace zegocall {

using std::chrono::milliseconds;

namespace {

constexpr auto look_every = std::chrono::seconds(5);  // for new calls
constexpr std::size_t pages_max = 25;

/// When this leg last changed in a way that the provider sees too.
UnixTime last_move(const LegView& leg) {
  UnixTime at = leg.invited_at;
  for (const auto& one : {leg.accepted_at, leg.joined_at, leg.back_at, leg.final_at})
    if (one) at = std::max(at, *one);
  return at;
}

}  // namespace

std::vector<ProviderWord> provider_differences(const CallView& call, std::span<const UserId> there, UnixTime asked,
                                               milliseconds settle) {
  std::vector<ProviderWord> out;
  if (call.state != CallState::active) return out;
  const UnixTime settled = asked - settle;
  std::set<UserId> present(there.begin(), there.end());
  for (const LegView& leg : call.legs) {
    if (leg.state != LegState::joined || present.contains(leg.user) || last_move(leg) > settled) continue;
    out.push_back({.said = ProviderSaid::left,
                   .user = leg.user,
                   .login = leg.login ? leg.login->id : LoginId(),
                   .at = asked,
                   .reconciled = true});
  }
  for (const UserId& user : present) {
    const LegView* leg = call.last_leg_of(user);
    if (leg && (leg->state == LegState::joined || last_move(*leg) > settled)) continue;
    out.push_back({.said = ProviderSaid::joined, .user = user, .login = {}, .at = asked, .reconciled = true});
  }
  return out;
}

Result<std::vector<UserId>> ask_users(ServerApi& api, const RoomId& room, const std::function<Now()>& clock) {
  std::vector<UserId> there;
  DescribeUserList question{.room = room};
  for (std::size_t page = 0; page < pages_max; ++page) {
    auto answer = api.call(question, clock());
    if (!answer) return unexpected(std::move(answer).error());
    for (const DescribeUserList::User& user : answer->users) there.push_back(user.user);
    if (answer->marker.empty() || answer->users.empty()) return there;
    question.marker = answer->marker;
  }
  return fail_field(ErrorCode::limit_exceeded, "RoomId", "more people than " + std::to_string(pages_max) + " pages hold");
}

Result<Reconciler> Reconciler::open(CallService& calls, Store& store, ReconcileOptions options) {
  if (options.every < milliseconds(5000) || options.every > std::chrono::hours(1))
    return fail_field(ErrorCode::out_of_range, "every", "5 seconds to 1 hour");
  if (options.settle < milliseconds(0) || options.settle > std::chrono::minutes(5))
    return fail_field(ErrorCode::out_of_range, "settle", "0 seconds to 5 minutes");
  if (options.per_second < 1 || options.per_second > 200) return fail_field(ErrorCode::out_of_range, "per_second", "1 to 200");
  if (options.in_flight_max < 1 || options.in_flight_max > 64)
    return fail_field(ErrorCode::out_of_range, "in_flight_max", "1 to 64");
  return Reconciler(calls, store, options);
}

std::optional<UnixTime> Reconciler::deadline() const {
  UnixTime next = looked_ + look_every;
  if (!due_.empty() && in_flight_.size() < options_.in_flight_max)
    next = std::min(next, std::max(due_.begin()->first, next_question_));
  return next;
}

/// Calls that came up are asked about one period later; those that are over are asked about no more.
void Reconciler::look(UnixTime now) {
  if (now < looked_ + look_every) return;
  looked_ = now;
  auto ids = store_->live_call_ids();
  if (!ids) return;
  std::set<CallId> live(ids->begin(), ids->end());
  std::erase_if(due_, [&](const auto& row) { return !live.contains(row.second); });
  for (const CallId& call : live)
    if (!known_.contains(call)) due_.emplace(now + options_.every, call);
  std::erase_if(seen_, [&](const auto& row) { return !live.contains(row.first); });
  known_ = std::move(live);
}

bool Reconciler::is_active(const CallId& id) const {
  const auto call = calls_->find(id);
  return call && call->state == CallState::active;
}

std::vector<ReconcileJob> Reconciler::take(Now now) {
  look(now.wall);
  std::vector<ReconcileJob> jobs;
  while (!due_.empty() && due_.begin()->first <= now.wall && next_question_ <= now.wall &&
         in_flight_.size() < options_.in_flight_max) {
    const CallId call = due_.begin()->second;
    due_.erase(due_.begin());
    due_.emplace(now.wall + options_.every, call);
    // The last question may be on its way still; and where nobody is in yet, there is nothing to ask.
    if (in_flight_.contains(call) || !is_active(call)) continue;
    in_flight_.insert(call);
    next_question_ = now.wall + milliseconds(1000 / options_.per_second);
    jobs.push_back({call, calls_->room_of(call), now.wall});
    ++counters_.asked;
  }
  return jobs;
}

void Reconciler::ask_soon(const CallId& call, Now now) {
  const auto found = std::find_if(due_.begin(), due_.end(), [&](const auto& row) { return row.second == call; });
  if (found == due_.end() || found->first <= now.wall) return;
  due_.erase(found);
  due_.emplace(now.wall, call);
}

bool Reconciler::was_seen(const CallView& call, const UserId& user) const {
  if (!options_.seen_only) return true;
  const LegView* leg = call.live_leg_of(user);
  const auto found = seen_.find(call.id);
  return (leg && leg->login) || (found != seen_.end() && found->second.contains(user));
}

std::size_t Reconciler::finished(const ReconcileJob& job, const Result<std::vector<UserId>>& there, Now now,
                                 const Handle& handle) {
  in_flight_.erase(job.call);
  if (!there) {
    ++counters_.failed;
    return 0;
  }
  auto call = calls_->find(job.call);
  if (!call) return 0;
  std::size_t corrected = 0;
  if (options_.seen_only && call->state == CallState::active) seen_[job.call].insert(there->begin(), there->end());
  for (ProviderWord& lost : provider_differences(*call, *there, job.asked, options_.settle)) {
    if (lost.said == ProviderSaid::left && !was_seen(*call, lost.user)) continue;
    const Command command{.call = job.call, .body = std::move(lost)};
    auto told = handle ? handle(command, now) : calls_->handle(command, now);
    if (told) ++corrected;
  }
  counters_.corrected += corrected;
  return corrected;
}

}  // namespace zegocall
