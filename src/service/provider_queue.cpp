#include "zegocall/service/provider_queue.hpp"

#include <algorithm>
#include <utility>

#include "service/calls_impl.hpp"
#include "service/outbox_queue.hpp"
#include "zego/api_table.hpp"
#include "zegocall/base/json.hpp"

namespace zegocall {
namespace service_detail {
namespace {

/// {"action": "KickoutUser", "parameters": [["RoomId", "call_1"], ["UserId[]", "bob"]]}: every id is a text of its own, so
/// that a person who is erased is found in it.
std::string body_of(std::string_view action, const std::vector<ApiParameter>& parameters) {
  const Json list = JsonArray::of(parameters, [](const ApiParameter& p) { return Json(JsonArray::list({p.first, p.second})); });
  return std::move(JsonObject{{"action", action}, {"parameters", list}}).text();
}

Result<ApiRequest> read_body(std::string_view body) {
  const auto root = Json::parse(std::string(body));
  if (!root) return unexpected(root.error());
  auto fields = root->view().get<std::string, JsonView>("action", "parameters");
  if (!fields) return unexpected(std::move(fields).error());
  auto& [action, list] = *fields;
  ApiRequest request{.action = action};
  for (const JsonView pair : list.elements()) {
    auto both = pair.get<std::string, std::string>("0", "1");
    if (!both) return unexpected(std::move(both).error());
    request.parameters.emplace_back(std::get<0>(*both), std::get<1>(*both));
  }
  return request;
}

bool is_seated(const CallView& call, const UserId& user) {
  const LegView* leg = call.live_leg_of(user);
  return leg && (leg->state == LegState::accepted || leg->state == LegState::joining || leg->state == LegState::joined ||
                 leg->state == LegState::reconnecting);
}

bool names_a_person(const ApiParameter& parameter) { return parameter.first == "UserId[]" || parameter.first == "UserId"; }

/// Leaves out who has come in again. False: nobody is left to be put out.
bool still_wanted(ApiRequest& request, const CallView& call) {
  if (request.action != "KickoutUser" || call.state == CallState::ended) return true;
  std::erase_if(request.parameters,
                [&](const ApiParameter& p) { return names_a_person(p) && is_seated(call, UserId(p.second)); });
  return std::any_of(request.parameters.begin(), request.parameters.end(), names_a_person);
}

OutboxRules rules_of(const ProviderQueueOptions& o) {
  return {OutboxLane::provider, o.first_pause,   o.longest_pause,
          o.attempts_max,       o.age_max,       o.depth_max,
          o.dead_kept,          o.in_flight_max, o.jitter ? o.jitter : &system_bytes()};
}

}  // namespace

std::vector<OutboxMessage> provider_messages(const Decided& decided, const RoomId& room, const ProviderRules& rules) {
  std::vector<OutboxMessage> out;
  for (const ProviderCommand& command : provider_commands(decided.after, decided.events, room, rules)) {
    std::visit(
        [&]<class Action>(const Action& action) {
          // An id that the provider would refuse was never let in there: no token was minted for it.
          const auto parameters = zego_detail::parameters_of(action);
          if (!parameters) return;
          const std::string_view word = zego_detail::Spec<Action>::route.action;
          const CallEvent& last = decided.events.back();
          out.push_back({.topic = "provider." + std::string(word),
                         .body = body_of(word, *parameters),
                         .at = last.at,
                         .order = last.call.str(),
                         .id = last.call.str() + "-" + std::to_string(last.version.value) + "-" + std::to_string(out.size() + 1),
                         .lane = OutboxLane::provider});
        },
        command);
  }
  return out;
}

}  // namespace service_detail

struct ProviderQueue::Impl {
  Impl(Store& store, const ProviderQueueOptions& options) : queue(store, service_detail::rules_of(options)) {}
  service_detail::OutboxQueue queue;

  /// Nothing: it is not wanted any more, or cannot be read; then it has left the outbox.
  Result<std::optional<ProviderJob>> job_of(const OutboxEntry& entry, Now now);
};

Result<ProviderQueue> ProviderQueue::open(Store& store, ProviderQueueOptions options) {
  if (auto fine = service_detail::check(service_detail::rules_of(options)); !fine) return unexpected(std::move(fine).error());
  return ProviderQueue(std::make_unique<Impl>(store, options));
}

ProviderQueue::ProviderQueue(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ProviderQueue::ProviderQueue(ProviderQueue&&) noexcept = default;
ProviderQueue& ProviderQueue::operator=(ProviderQueue&&) noexcept = default;
ProviderQueue::~ProviderQueue() = default;

std::optional<UnixTime> ProviderQueue::deadline() { return impl_->queue.deadline(); }

Result<std::vector<ProviderJob>> ProviderQueue::take(Now now) {
  auto entries = impl_->queue.take(now);
  if (!entries) return unexpected(std::move(entries).error());
  std::vector<ProviderJob> jobs;
  for (const OutboxEntry& entry : *entries) {
    auto job = impl_->job_of(entry, now);
    if (!job) {
      for (const OutboxEntry& taken : *entries) impl_->queue.given_back(taken.number);
      return unexpected(std::move(job).error());
    }
    if (*job) jobs.push_back(**std::move(job));
  }
  return jobs;
}

Result<std::optional<ProviderJob>> ProviderQueue::Impl::job_of(const OutboxEntry& entry, Now now) {
  using Job = std::optional<ProviderJob>;
  auto request = service_detail::read_body(entry.message.body);
  if (!request)
    return queue.refused(entry.number, "cannot be read: " + to_string(request.error()), now).transform([] { return Job{}; });
  auto call = queue.store().call(CallId(entry.message.order));
  if (!call) return unexpected(std::move(call).error());
  if (*call && !service_detail::still_wanted(*request, **call))
    return queue.outdated(entry.number).transform([] { return Job{}; });
  return Job(ProviderJob{entry.number, entry.attempts + 1, *std::move(request)});
}

Result<void> ProviderQueue::finished(const ProviderJob& job, const Result<ApiRequest::Answer>& answer, Now now) {
  if (answer || answer.error().code == ErrorCode::not_found) return impl_->queue.delivered(job.number);
  const Error& error = answer.error();
  const std::string why = to_string(error).substr(0, StoreLimits::text_bytes_max / 2);
  if (is_retryable(error.code)) return impl_->queue.failed(job.number, job.attempt, why, now);
  return impl_->queue.refused(job.number, why, now);
}

void ProviderQueue::given_back(const ProviderJob& job) { impl_->queue.given_back(job.number); }
Result<void> ProviderQueue::replay(std::int64_t number, Now now) { return impl_->queue.replay(number, now); }
const OutboxCounters& ProviderQueue::counters() const { return impl_->queue.counters(); }
Result<std::uint64_t> ProviderQueue::depth() { return impl_->queue.depth(); }

}  // namespace zegocall
