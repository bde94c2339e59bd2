// Answers on their way from the handlers to the network: whose they are, in one piece or in many, and the access log.
#include <algorithm>

#include "base/http_text.hpp"
#include "server/loop_host.hpp"
#include "server/metrics.hpp"
#include "zegocall/base/text.hpp"

namespace zegocall::server_detail {
namespace {

constexpr std::size_t logged_path_max = 256;

/// What frames an answer is the library's to say: said twice it would be read in two ways.
bool is_ours(std::string_view name) {
  static constexpr std::string_view ours[] = {"content-length", "transfer-encoding", "connection", "date"};
  return std::any_of(std::begin(ours), std::end(ours),
                     [&](std::string_view own) { return base_detail::equal_ignoring_case(own, name); });
}

/// What a host puts into a header must not end it.
bool fit_for_a_header(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 32 && c != '\t'; });
}

}  // namespace

std::string LoopHost::id_for(const net_detail::RequestHead* head) {
  auto given = head ? head->header("x-request-id") : std::nullopt;
  return given && is_request_id(*given) ? *std::move(given) : ids_.next();
}

void LoopHost::go_on(const std::shared_ptr<HttpJob>& job) {
  job->exchange.advance(Run::loop);
  if (job->exchange.done()) return answer(*job);
  const auto limit = job->exchange.route().options.time_limit;
  if (!std::exchange(job->limited, true) && limit.count() > 0) give_up_after(limit, job);
  server_.forward(job);
}

bool LoopHost::is_owed(const HttpJob& job) { return job.number != 0 && peer(job.peer).owed == job.number; }

void LoopHost::give_up_after(std::chrono::milliseconds limit, const std::shared_ptr<HttpJob>& job) {
  job->limit = loop_->at(now_.steady + limit, [this, weak = std::weak_ptr(job)] {
    Turn turn(*this);
    if (const auto late = weak.lock()) give_up(*late);
  });
}

/// The job itself may be in another thread's hands.
void LoopHost::give_up(HttpJob& job) {
  job.limit = 0;
  if (!is_owed(job)) return;
  ++counters_.http_timed_out;
  refuse(job.peer, {ErrorCode::timeout, {}, "the handler did not answer in time"}, 503);
}

void LoopHost::answer(HttpJob& job) {
  loop_->cancel(std::exchange(job.limit, 0));
  const RequestState& request = job.exchange.request();
  if (job.exchange.thrown()) {
    ++counters_.http_threw;
    server_.log()(LogLevel::error, "request " + request.id + ": the handler of " + std::string(name(request.method)) + " " +
                                       job.exchange.route().pattern + " threw: " + *job.exchange.thrown());
  }
  if (!is_owed(job)) {  // its client has gone, or was told that it took too long
    ++counters_.http_late;
    return;
  }
  HttpResponse response = job.exchange.take_response();
  if (!response.parts) return respond(job.peer, std::move(response));
  stream(job, std::move(response));
}

void LoopHost::stream(const HttpJob& job, HttpResponse response) {
  HttpParts parts = std::exchange(response.parts, nullptr);
  const int status = response.status;
  const bool bodily = !peer(job.peer).head_only && status != 204 && status != 304;
  std::shared_ptr<StreamJob> begun;
  if (bodily) {
    const Route& route = job.exchange.route();
    begun = std::make_shared<StreamJob>(std::move(parts), route.run, number_, job.peer, InFlight::Token(server_.in_flight()));
    begun->route = std::string(name(route.method)) + " " + route.pattern;
    begun->time_limit = route.options.time_limit;
    begun->id = peer(job.peer).id;
    begun->entry = std::move(peer(job.peer).entry);
    begun->status = status;
    streams_[job.peer.slot] = begun;
  }
  respond(job.peer, std::move(response), true);
  if (begun) pull(begun);
}

void LoopHost::refuse(net_detail::PeerId id, const Error& error, int status) {
  respond(id, refusal(server_.routes(), error, status));
}

void LoopHost::respond(net_detail::PeerId id, HttpResponse response, bool streamed) {
  const PeerState& state = peer(id);
  net_detail::HttpAnswer out;
  out.status = response.status;
  if (response.status < 200 || response.status > 599) {
    server_.log()(LogLevel::error,
                  "a handler answered with the status " + std::to_string(response.status) + ", which ends no request");
    response = refusal(server_.routes(), {ErrorCode::internal, {}, "the handler failed"}, out.status = 500);
  }
  for (auto& [key, value] : response.headers) {
    if (base_detail::is_token(key) && !is_ours(key) && fit_for_a_header(value))
      out.headers.emplace_back(std::move(key), std::move(value));
    else
      server_.log()(LogLevel::error, "a handler's header was left out, it is the library's own or none: " + printable(key));
  }
  out.streamed = streamed;
  if ((streamed || !response.body.empty()) && fit_for_a_header(response.content_type))
    out.headers.emplace_back("Content-Type", std::move(response.content_type));
  server_.cors().add_headers(state.origin, out.headers);
  out.body = std::move(response.body);
  out.head_only = state.head_only;
  out.close = server_.draining();
  send_answer(id, out);
}

void LoopHost::send_answer(net_detail::PeerId id, const net_detail::HttpAnswer& answer) {
  PeerState& state = peer(id);
  if (std::exchange(state.owed, 0) == 0) return;
  if (state.door == Door::none) count(answer.status);
  const bool bodily = !answer.head_only && answer.status != 204 && answer.status != 304;
  const std::uint64_t bytes = answer.shared_body ? answer.shared_body->size() : answer.body.size();
  if (state.entry) log_access(*state.entry, answer.status, bodily ? bytes : 0, state.id, {});
  state.entry.reset();
  if (state.id.empty()) return listener_->answer(id, answer);
  net_detail::HttpAnswer named = answer;
  named.headers.emplace_back("X-Request-Id", state.id);
  listener_->answer(id, named);
}

void LoopHost::log_access(const AccessEntry& entry, int status, std::uint64_t bytes, std::string_view request_id,
                          std::string_view end) {
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(server_.clock().now().steady - entry.start);
  std::string line = "method=" + entry.method + " path=" + entry.path.substr(0, logged_path_max);
  if (entry.path.size() > logged_path_max) line += "...";
  line += " status=" + std::to_string(status) + " bytes=" + std::to_string(bytes) + " us=" + std::to_string(took.count());
  line.append(" address=").append(entry.address.empty() ? "-" : entry.address);
  line.append(" id=").append(request_id.empty() ? "-" : request_id);
  if (!end.empty()) line.append(" end=").append(end);
  try {
    server_.options().access_log(LogLevel::info, line);
  } catch (...) {
    ++counters_.callbacks_threw;
  }
}

// Streamed answers: at most one piece is being made, and none while the reader is behind.

bool LoopHost::is_live(const StreamJob& job) const {
  const auto found = streams_.find(job.peer.slot);
  return found != streams_.end() && found->second.get() == &job;
}

void LoopHost::on_room(net_detail::PeerId id) {
  Turn turn(*this);
  const auto found = streams_.find(id.slot);
  if (found != streams_.end() && found->second->peer == id) pull(std::shared_ptr(found->second));
}

void LoopHost::pull(const std::shared_ptr<StreamJob>& job) {
  while (is_live(*job) && !job->pulling && listener_->buffered(job->peer) <= net_detail::stream_room_bytes) {
    job->pulling = true;
    if (job->run != Run::loop) {
      limit_part(job);
      return server_.forward(job);
    }
    job->make_part();
    take_part(job);
  }
}

void LoopHost::limit_part(const std::shared_ptr<StreamJob>& job) {
  if (job->time_limit.count() == 0) return;
  job->limit = loop_->at(now_.steady + job->time_limit, [this, weak = std::weak_ptr(job)] {
    Turn turn(*this);
    const auto late = weak.lock();
    if (!late || !is_live(*late)) return;
    ++counters_.http_timed_out;
    listener_->break_off(late->peer);
    end_parts(*late, "timeout");
  });
}

void LoopHost::take_part(const std::shared_ptr<StreamJob>& job) {
  loop_->cancel(std::exchange(job->limit, 0));
  job->pulling = false;
  if (!is_live(*job)) return;
  if (!job->part) {
    ++counters_.http_broken_off;
    if (job->thrown) ++counters_.http_threw;
    server_.log()(LogLevel::error, "request " + job->id + ": the answer of " + job->route +
                                       " broke off: " + (job->thrown ? *job->thrown : to_string(job->part.error())));
    listener_->break_off(job->peer);
    return end_parts(*job, "broken");
  }
  if (!*job->part) {
    listener_->end_parts(job->peer);
    return end_parts(*job, {});
  }
  job->bytes += (*job->part)->size();
  listener_->add_part(job->peer, **job->part);
  job->part = std::optional<std::string>();
  if (job->run != Run::loop) pull(job);
}

void LoopHost::end_parts(const StreamJob& job, std::string_view end) {
  if (job.entry) log_access(*job.entry, job.status, job.bytes, job.id, end);
  streams_.erase(job.peer.slot);
}

void LoopHost::respond_metrics(net_detail::PeerId id) {
  auto all = std::make_shared<Numbers>();
  auto visit = std::make_shared<std::function<void(unsigned)>>();
  // From loop to loop, each adding its own numbers on its own thread, then back to where it was asked.
  *visit = [this, id, all, self = std::weak_ptr(visit)](unsigned loop) {
    if (loop < server_.loops()) {
      const auto keep = self.lock();
      const auto add = [this, all, keep, loop] { all->add(server_.host(loop)), (*keep)(loop + 1); };
      LoopHost& host = server_.host(loop);  // not always ours, where the one before it has called this
      return host.on_thread() ? add() : host.post(add);
    }
    const auto tell = [this, id, all] {
      HttpResponse out{.status = 200};
      try {
        out.body = metrics_text(*all, server_);
      } catch (...) {
        ++counters_.callbacks_threw;
        server_.log()(LogLevel::error, "HubOptions::metrics threw: " + what_was_thrown());
        return refuse(id, {ErrorCode::internal, {}, "the metrics of the program failed"}, 500);
      }
      out.content_type = "text/plain; version=0.0.4; charset=utf-8";
      respond(id, std::move(out));
    };
    return on_thread() ? tell() : post(tell);
  };
  (*visit)(0);
}

void LoopHost::count(int status) {
  if (status == 501)
    ++counters_.http_501;
  else if (status >= 500)
    ++counters_.http_5xx;
  else if (status >= 400)
    ++counters_.http_4xx;
  else
    ++counters_.http_fine;
  if (status == 401) ++counters_.http_unauthenticated;
  if (status == 503 || status == 429) ++counters_.http_busy;
}

}  // namespace zegocall::server_detail
