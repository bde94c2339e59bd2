// The engine in memory: finds the calls that a command concerns, lets the rules decide, folds the events in. No rule here.
#include "zegocall/call/engine.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "call/answer_memory.hpp"
#include "call/due_queue.hpp"
#include "call/rules.hpp"

namespace zegocall {
namespace {

struct Call {
  CallView view{};
  std::vector<CallEvent> log{};  // a repeated command is answered from it
  std::uint64_t serial = 0;
  std::size_t due_place = call_detail::DueQueue<Call>::nowhere;
};

bool is_online(const Command& command) { return std::holds_alternative<DeviceOnline>(command.body); }
bool is_offline(const Command& command) { return std::holds_alternative<DeviceOffline>(command.body); }

}  // namespace

struct CallEngine::Impl {
  std::unordered_map<CallId, Call> calls;                // nodes do not move: `due` and `concerned` point to them
  std::unordered_map<UserId, std::vector<Call*>> seats;  // who has a live leg in which calls
  std::unordered_map<UserId, std::vector<DeviceId>> online;
  call_detail::DueQueue<Call> due;
  call_detail::AnswerMemory answers;
  std::deque<CallEvent> said;
  std::uint64_t calls_made = 0;
  Facts facts;                             // reused from command to command
  std::vector<const CallView*> concerned;  // likewise

  Result<CallView> handle(const Command& command, Now now);
  Result<CallView> answer_again(const call_detail::RememberedAnswer& answer) const;
  void note_presence(const Command& command);
  void gather(const Command& command);
  void add_concerned(const Call* call);
  Result<void> step(const Command& command, UnixTime now);
  void append(Call& call, CallEvent event);
  void sit(const UserId& user, Call& call) { seats[user].push_back(&call); }
  void stand_up(const UserId& user, Call& call) {
    const auto seated = seats.find(user);
    if (seated == seats.end()) return;
    std::erase(seated->second, &call);
    if (seated->second.empty()) seats.erase(seated);
  }
};

Result<CallEngine> CallEngine::open(CallPolicy policy) {
  if (auto checked = check(policy); !checked) return Unexpected{checked.error()};
  auto impl = std::make_unique<Impl>();
  impl->facts.policy = policy;
  return CallEngine(std::move(impl));
}

CallEngine::CallEngine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CallEngine::CallEngine(CallEngine&&) noexcept = default;
CallEngine& CallEngine::operator=(CallEngine&&) noexcept = default;
CallEngine::~CallEngine() = default;

Result<CallView> CallEngine::handle(const Command& command, Now now) { return impl_->handle(command, now); }

Result<CallView> CallEngine::Impl::handle(const Command& command, Now now) {
  answers.forget_old(now.wall);
  if (const auto* answer = answers.find(command)) return answer_again(*answer);  // race rule 14
  note_presence(command);
  gather(command);
  const Result<void> done = step(command, now.wall);
  const auto call = calls.find(command.call);  // none for DeviceOnline and DeviceOffline
  CallView after = call == calls.end() ? CallView{} : call->second.view;
  answers.keep(command, {command.call, after.version, done ? std::nullopt : std::optional(done.error())}, now.wall);
  if (!done) return Unexpected{done.error()};
  return after;
}

Result<CallView> CallEngine::Impl::answer_again(const call_detail::RememberedAnswer& answer) const {
  if (answer.error) return unexpected(*answer.error);
  if (answer.version == Version{}) return CallView{};
  const auto call = calls.find(answer.call);
  if (call == calls.end()) return fail_field(ErrorCode::not_found, "call", "was forgotten");
  return fold(std::span(call->second.log).first(answer.version.value));
}

void CallEngine::Impl::note_presence(const Command& command) {
  if (command.by.user.empty() || command.by.device.empty() || !(is_online(command) || is_offline(command))) return;
  std::vector<DeviceId>& devices = online[command.by.user];
  std::erase(devices, command.by.device);
  if (is_online(command)) devices.push_back(command.by.device);
  if (devices.empty()) online.erase(command.by.user);
}

void CallEngine::Impl::add_concerned(const Call* call) {
  if (std::find(concerned.begin(), concerned.end(), &call->view) == concerned.end()) concerned.push_back(&call->view);
}

void CallEngine::Impl::gather(const Command& command) {
  concerned.clear();
  facts.online.clear();
  if (const auto named = calls.find(command.call); named != calls.end()) add_concerned(&named->second);
  const CallView* call = concerned.empty() ? nullptr : concerned.front();
  for (const UserId& user : people_concerned(command, call)) {
    if (const auto seated = seats.find(user); seated != seats.end())
      for (const Call* seat : seated->second) add_concerned(seat);
    if (const auto devices = online.find(user); devices != online.end())
      for (const DeviceId& device : devices->second) facts.online.push_back({user, device});
  }
}

Result<void> CallEngine::Impl::step(const Command& command, UnixTime now) {
  auto decided = call_detail::decide(std::span<const CallView* const>(concerned), facts, command, now);
  if (!decided) return Unexpected{std::move(decided).error()};
  for (auto event = decided->begin(); event != decided->end();) {
    const auto [place, is_new] = calls.try_emplace(event->call);
    Call& call = place->second;
    if (is_new) call.serial = ++calls_made;
    for (; event != decided->end() && event->call == place->first; ++event) append(call, std::move(*event));
    due.set(call, call.view.next_deadline());
#ifndef NDEBUG
    ZC_ASSERT(!inconsistency(call.view));
#endif
  }
  return {};
}

void CallEngine::Impl::append(Call& call, CallEvent event) {
  apply(call.view, event);
  if (const auto* created = std::get_if<CallCreated>(&event.body); created && !created->room) sit(created->caller, call);
  if (const auto* invited = std::get_if<LegInvited>(&event.body)) sit(invited->user, call);
  if (const auto* entered = std::get_if<LegEntered>(&event.body)) sit(entered->user, call);
  if (const auto* over = std::get_if<LegFinal>(&event.body)) stand_up(over->user, call);
  call.log.push_back(event);
  said.push_back(std::move(event));
}

void CallEngine::know(Facts facts) {
  facts.policy = impl_->facts.policy;
  facts.online.clear();
  impl_->facts = std::move(facts);
}

void CallEngine::on_deadline(Now now) {
  Impl& me = *impl_;
  while (!me.due.empty() && me.due.first_at() <= now.wall) {
    Call& call = me.due.first();
    const std::size_t said_before = me.said.size();
    const Command fired{{}, {}, call.view.id, TimerFired{call.view.deadlines.front()}, {}};
    me.gather(fired);
    const Result<void> done = me.step(fired, now.wall);
    ZC_ASSERT(done && me.said.size() > said_before);  // a due timer always ends; this loop too
  }
}

std::optional<CallEvent> CallEngine::poll() {
  auto& said = impl_->said;
  if (said.empty()) return std::nullopt;
  std::optional<CallEvent> event(std::move(said.front()));
  said.pop_front();
  return event;
}

std::optional<UnixTime> CallEngine::deadline() const {
  if (impl_->due.empty()) return std::nullopt;
  return impl_->due.first_at();
}

Result<CallView> CallEngine::find(const CallId& call) const {
  const auto found = impl_->calls.find(call);
  if (found == impl_->calls.end()) return fail_field(ErrorCode::not_found, "call", "no such call");
  return found->second.view;
}

Result<void> CallEngine::forget(const CallId& call) {
  const auto found = impl_->calls.find(call);
  if (found == impl_->calls.end()) return fail_field(ErrorCode::not_found, "call", "no such call");
  if (found->second.view.state != CallState::ended) return fail_field(ErrorCode::invalid_state, "call", "the call lives");
  impl_->calls.erase(found);
  return {};
}

}  // namespace zegocall
