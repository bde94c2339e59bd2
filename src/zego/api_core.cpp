#include "zego/api_core.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/hex.hpp"
#include "zego/api_sign.hpp"

namespace zegocall {

using zego_detail::Envelope;
using zego_detail::Prepared;

ServerApi::Impl::Impl(ApiOptions options, Secret secret, HttpPort& http)
    : options_(std::move(options)),
      secret_(std::move(secret)),
      http_(&http),
      bytes_(options_.bytes != nullptr ? options_.bytes : &system_bytes()),
      jitter_(options_.jitter != nullptr ? options_.jitter : &system_bytes()),
      pause_(options_.pause != nullptr ? options_.pause : &system_pause()),
      resting_(options_.origins.empty() ? options_.regions.size() : options_.origins.size()) {}

// ---- one request ----------------------------------------------------------------------------------------------------

std::string ServerApi::Impl::origin_of(ApiProduct product, std::size_t origin) const {
  if (!options_.origins.empty()) return options_.origins[origin];
  std::string out = "https://" + std::string(name(product)) + "-api";
  const std::string_view region = name(options_.regions[origin]);
  if (!region.empty()) out.append("-").append(region);
  return out + ".zego.im";
}

std::string ServerApi::Impl::fresh_nonce() {
  std::array<std::byte, 8> raw;
  bytes_->fill(raw);
  return base_detail::hex_of(raw);
}

std::uint64_t ServerApi::Impl::fresh_sequence(UnixTime now) {
  const auto time = static_cast<std::uint64_t>(std::max<std::int64_t>(now.time_since_epoch().count(), 1));
  std::uint64_t last = sequence_.load();
  std::uint64_t next = 0;
  do next = std::max(time, last + 1);
  while (!sequence_.compare_exchange_weak(last, next));
  return next;
}

Result<OutgoingRequest> ServerApi::Impl::sign(const Prepared& action, std::size_t origin, Now now) {
  const std::string nonce = fresh_nonce();
  const auto timestamp = std::chrono::floor<std::chrono::seconds>(now.wall).time_since_epoch().count();
  const auto signature = zego_detail::sign_request(options_.app, nonce, secret_, timestamp);
  if (!signature) return unexpected(signature.error());
  std::string query;
  zego_detail::add_to_query(query, "Action", action.action());
  zego_detail::add_to_query(query, "AppId", std::to_string(options_.app.value));
  zego_detail::add_to_query(query, "SignatureNonce", nonce);
  zego_detail::add_to_query(query, "Timestamp", std::to_string(timestamp));
  zego_detail::add_to_query(query, "Signature", *signature);
  zego_detail::add_to_query(query, "SignatureVersion", "2.0");
  if (options_.test) zego_detail::add_to_query(query, "IsTest", "true");
  bool sequence_given = false;
  for (const auto& [key, value] : action.parameters) {
    zego_detail::add_to_query(query, key, value);
    sequence_given = sequence_given || key == "Sequence";
  }
  if (action.sequenced && !sequence_given) zego_detail::add_to_query(query, "Sequence", std::to_string(fresh_sequence(now.wall)));
  OutgoingRequest out{.url = origin_of(action.product, origin) + "/?" + query, .time_limit = options_.attempt_limit};
  if (!action.body.empty()) {
    out.method = "POST";
    out.headers = {{"Content-Type", "application/json"}};
    out.body = std::string(action.body);
  }
  return out;
}

// ---- what an attempt means ------------------------------------------------------------------------------------------

ServerApi::Impl::Attempt ServerApi::Impl::judge_lost(const Prepared& action, Error error) {
  const bool nothing_left = error.code == ErrorCode::unreachable;
  const bool nobody_knows =
      error.code == ErrorCode::timeout || error.code == ErrorCode::closed || error.code == ErrorCode::io_error;
  const bool ill = nothing_left || nobody_knows;
  return {.reply = unexpected(std::move(error)), .again = nothing_left || (nobody_knows && action.repeatable), .elsewhere = ill};
}

ServerApi::Impl::Attempt ServerApi::Impl::judge(const Prepared& action, HttpReply reply) {
  const int status = reply.status;
  const std::string http = "HTTP status " + std::to_string(status);
  auto envelope = zego_detail::read_envelope(std::move(reply.body));
  const bool good_status = status >= 200 && status < 300;
  if (envelope && (good_status || envelope->code != 0)) {
    Attempt out{.reply = std::move(envelope), .http_status = status};
    out.code = out.reply->code;
    out.request_id = out.reply->request_id;
    if (*out.code == 0 || zego_detail::is_answer(action.action(), *out.code)) return out;
    out.again = api_code(action.action(), *out.code).retry;
    out.reply = unexpected(zego_detail::error_of(action.action(), *out.reply));
    return out;
  }
  if (status == 429) return {.reply = fail(ErrorCode::rate_limited, http), .again = true, .http_status = status};
  if (status >= 500)
    return {
        .reply = fail(ErrorCode::provider_failed, http), .again = action.repeatable, .elsewhere = true, .http_status = status};
  if (!good_status)
    return {.reply = fail(ErrorCode::protocol, http + ", which the server API does not use"), .http_status = status};
  return {.reply = unexpected(std::move(envelope).error()), .http_status = status};
}

ServerApi::Impl::Attempt ServerApi::Impl::attempt(const Prepared& action, std::size_t origin, Now now, SteadyTime end) {
  auto request = sign(action, origin, now);
  if (!request) return {.reply = unexpected(std::move(request).error())};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - now.steady);
  request->time_limit = std::clamp(left, std::chrono::milliseconds(1), options_.attempt_limit);
  auto reply = http_->send(*request);
  return reply ? judge(action, *std::move(reply)) : judge_lost(action, std::move(reply).error());
}

void ServerApi::Impl::tell(const Prepared& action, std::size_t origin, unsigned number, const Attempt& attempt) const {
  if (!options_.on_attempt) return;
  const std::string where = origin_of(action.product, origin);
  options_.on_attempt({.action = action.action(),
                       .origin = where,
                       .number = number,
                       .http_status = attempt.http_status,
                       .code = attempt.code,
                       .request_id = attempt.request_id,
                       .error = attempt.reply ? nullptr : &attempt.reply.error()});
}

// ---- turns, pauses, regions -----------------------------------------------------------------------------------------

Result<Now> ServerApi::Impl::wait(SteadyTime at, Now now) {
  if (at <= now.steady) return now;
  if (waiting_.fetch_add(1) >= options_.waiting_max) {
    waiting_.fetch_sub(1);
    return fail_field(ErrorCode::rate_limited, "waiting_max", std::to_string(options_.waiting_max) + " calls wait already");
  }
  const Now then = pause_->wait_until(at);
  waiting_.fetch_sub(1);
  return then;
}

Result<Now> ServerApi::Impl::wait_for_turn(const Prepared& action, Now now, SteadyTime end) {
  const auto room = limits_.room_turn(action.limits, action.room, now.steady, end);
  if (!room) return unexpected(room.error());
  auto then = wait(*room, now);
  if (!then) return then;
  const auto project = limits_.project_turn(action.limits, then->steady, end);
  if (!project) return unexpected(project.error());
  return wait(*project, *then);
}

std::size_t ServerApi::Impl::pick_origin(SteadyTime now) {
  const std::scoped_lock lock(origins_mutex_);
  const auto well = std::find_if(resting_.begin(), resting_.end(), [&](SteadyTime until) { return until <= now; });
  const auto chosen = well != resting_.end() ? well : std::min_element(resting_.begin(), resting_.end());
  return static_cast<std::size_t>(chosen - resting_.begin());
}

void ServerApi::Impl::rest_origin(std::size_t origin, SteadyTime until) {
  const std::scoped_lock lock(origins_mutex_);
  resting_[origin] = until;
}

std::chrono::milliseconds ServerApi::Impl::pause_after(unsigned attempt) {
  const auto doubled = options_.first_pause * (1 << std::min(attempt - 1, 9u));
  const auto whole = std::min<std::chrono::milliseconds>(doubled, options_.longest_pause);
  std::array<std::byte, 4> raw;
  jitter_->fill(raw);
  std::uint32_t random = 0;
  std::memcpy(&random, raw.data(), raw.size());
  return whole - whole / 2 * random / 0xffffffffu;
}

Result<Envelope> ServerApi::Impl::perform(const Prepared& action, Now now) {
  const SteadyTime end = now.steady + options_.time_limit;
  std::optional<Error> last;
  for (unsigned number = 1;; ++number) {
    const auto turn = wait_for_turn(action, now, end);
    if (!turn) return unexpected(last ? *last : turn.error());
    const std::size_t origin = pick_origin(turn->steady);
    Attempt done = attempt(action, origin, *turn, end);
    tell(action, origin, number, done);
    const Now after = pause_->wait_until(turn->steady);  // at once: what the clocks say now
    if (done.elsewhere) rest_origin(origin, after.steady + options_.region_rest);
    if (done.reply || !done.again || number >= options_.attempts_max) return std::move(done.reply);
    last = std::move(done.reply).error();
    const bool other_region = pick_origin(after.steady) != origin;
    const SteadyTime next = after.steady + (other_region ? std::chrono::milliseconds(0) : pause_after(number));
    if (next >= end) return unexpected(*std::move(last));
    const auto then = wait(next, after);
    if (!then) return unexpected(*std::move(last));
    now = *then;
  }
}

}  // namespace zegocall
