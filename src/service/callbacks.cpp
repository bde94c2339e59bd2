#include "zegocall/service/callbacks.hpp"

#include <iterator>
#include <utility>

#include "service/transaction.hpp"

namespace zegocall {
namespace {

constexpr auto retry_after = std::chrono::seconds(1);

/// The word that a change of the provider's rooms is for the call whose room it is; nothing where calls do not care.
std::optional<std::pair<RoomId, ProviderWord>> word_of(const RoomChange& change) {
  if (const auto* in = std::get_if<UserEntered>(&change))
    return std::pair(in->room, ProviderWord{.said = ProviderSaid::joined,
                                            .user = in->user,
                                            .login = LoginId(std::string_view(in->login_id)),
                                            .at = in->at,
                                            .logged_in = in->at});
  if (const auto* out = std::get_if<UserLeft>(&change))
    return std::pair(out->room, ProviderWord{.said = ProviderSaid::left, .user = out->user, .at = out->at});
  if (const auto* over = std::get_if<RoomEnded>(&change); over && !over->replaced)
    return std::pair(over->room, ProviderWord{.said = ProviderSaid::room_closed, .at = over->at});
  return std::nullopt;
}

/// The room that an event is about; null for what is not about one.
const RoomId* room_of(const ProviderEvent& event) {
  return std::visit(
      [](const auto& e) -> const RoomId* {
        if constexpr (requires { e.stream.room; })
          return &e.stream.room;
        else if constexpr (requires { e.room; })
          return &e.room;
        else
          return nullptr;
      },
      event);
}

}  // namespace

Result<ProviderCallbacks> ProviderCallbacks::open(CallService& calls, Secret secret, ProviderCallbackOptions options,
                                                  Handle handle, Doubt doubt) {
  if (secret.empty()) return fail_field(ErrorCode::invalid_argument, "secret", "is empty");
  if (!handle) return fail_field(ErrorCode::invalid_argument, "handle", "is no function");
  if (options.seen_max == 0) return fail_field(ErrorCode::out_of_range, "seen_max", "1 or more");
  if (options.waiting_max == 0) return fail_field(ErrorCode::out_of_range, "waiting_max", "1 or more");
  return ProviderCallbacks(calls, std::move(secret), options, std::move(handle), std::move(doubt));
}

ProviderCallbacks::ProviderCallbacks(CallService& calls, Secret secret, ProviderCallbackOptions options, Handle handle,
                                     Doubt doubt)
    : calls_(&calls),
      secret_(std::move(secret)),
      options_(options),
      handle_(std::move(handle)),
      doubt_(std::move(doubt)),
      seen_(make_seen_once(options.seen_max)),
      order_(options.order) {}

Result<ProviderCallbacks::Taken> ProviderCallbacks::take(std::string_view body, Now now) {
  last_now_ = now.wall;
  const auto refused = [this](const Error& error) {
    ++counters_.refused;
    return unexpected(error);
  };
  if (waiting_.size() >= options_.waiting_max)
    return refused({ErrorCode::store_unavailable, {}, std::to_string(waiting_.size()) + " commands wait, which is the most"});
  auto verified = read_callback(body).and_then(
      [&](const CallbackEnvelope& e) { return verify_callback(e, secret_, *seen_, now.wall, options_.window); });
  if (!verified) {
    if (verified.error().code != ErrorCode::replayed || verified.error().field != "nonce") return refused(verified.error());
    ++counters_.repeated;
    return Taken::repeated;
  }
  auto event = interpret_callback(*verified);
  if (!event) return release_callback(*verified, *seen_), refused(event.error());
  if (const AppId app = head_of(*event).app; options_.app != AppId{} && app != options_.app)
    return release_callback(*verified, *seen_),
           refused({ErrorCode::wrong_app, "appid", "is " + std::to_string(app.value) + ", which is another project"});
  const RoomId* const room = room_of(*event);
  if (!room || !calls_->call_of(*room)) {
    ++counters_.of_no_call;
    return Taken::of_no_call;
  }
  ++counters_.told;
  order_.handle(*event, now.wall);
  collect(now);
  carry_out(now);
  return Taken::told;
}

/// What has got its turn becomes commands.
void ProviderCallbacks::collect(Now now) {
  while (const auto change = order_.poll()) {
    auto word = word_of(*change);
    if (!word) continue;
    if (auto call = calls_->call_of(word->first)) waiting_.push_back({.call = *std::move(call), .body = std::move(word->second)});
  }
  while (const auto question = order_.poll_question()) {
    if (question->streams || !doubt_) continue;  // who publishes what is nothing to a call
    if (const auto call = calls_->call_of(question->room)) doubt_(*call, now);
  }
}

void ProviderCallbacks::carry_out(Now now) {
  retry_at_.reset();
  while (!waiting_.empty()) {
    auto done = handle_(waiting_.front(), now);
    if (!done && service_detail::is_store_failure(done.error())) {
      retry_at_ = now.wall + retry_after;
      return;
    }
    // A call that is not there, or over, is no failure: the provider's room outlives it.
    if (in_group_)
      carried_.push_back(std::move(waiting_.front()));
    else
      ++counters_.commands;
    waiting_.pop_front();
  }
}

std::optional<UnixTime> ProviderCallbacks::deadline() {
  auto next = order_.deadline();
  if (retry_at_ && (!next || *retry_at_ < *next)) next = retry_at_;
  return next;
}

void ProviderCallbacks::on_deadline(Now now) {
  last_now_ = now.wall;
  order_.on_deadline(now.wall);
  collect(now);
  if (!retry_at_ || *retry_at_ <= now.wall) carry_out(now);
}

Result<void> ProviderCallbacks::open_group() {
  in_group_ = true;
  return {};
}

Result<void> ProviderCallbacks::commit_group() {
  in_group_ = false;
  counters_.commands += carried_.size();
  carried_.clear();
  return {};
}

/// Each is idempotent, so all that the group did is done again, in its order.
void ProviderCallbacks::abandon_group() {
  in_group_ = false;
  if (carried_.empty()) return;
  waiting_.insert(waiting_.begin(), std::make_move_iterator(carried_.begin()), std::make_move_iterator(carried_.end()));
  carried_.clear();
  retry_at_ = last_now_ + retry_after;
}

std::string to_metrics(const ProviderCallbacks::Counters& c) {
  const auto line = [](std::string_view what, std::uint64_t n) {
    return "zegocall_provider_callbacks_total{what=\"" + std::string(what) + "\"} " + std::to_string(n) + "\n";
  };
  return line("told", c.told) + line("repeated", c.repeated) + line("of_no_call", c.of_no_call) + line("refused", c.refused) +
         "zegocall_provider_callback_commands_total " + std::to_string(c.commands) + "\n";
}

}  // namespace zegocall
