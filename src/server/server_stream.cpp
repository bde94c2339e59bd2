// Answers that are made piece by piece, on the thread where their handler ran.
#include "server/loop_host.hpp"
#include "server/server.hpp"

namespace zegocall::server_detail {
namespace {

class PartWork final : public Work {
 public:
  PartWork(Server& server, std::shared_ptr<StreamJob> job) : server_(server), job_(std::move(job)) {}
  void run() noexcept override { job_->make_part(); }
  void done(const Error* failure, Outbox& replies) noexcept override {
    if (failure) job_->part = unexpected(*failure);
    const unsigned home = job_->loop;  // read before job_ is moved: arguments are evaluated in any order
    replies.on_loop(home, [&server = server_, job = std::move(job_)](unsigned loop) { server.host(loop).take_part(job); });
  }

 private:
  Server& server_;
  std::shared_ptr<StreamJob> job_;
};

}  // namespace

StreamJob::StreamJob(HttpParts next_in, Run run_in, unsigned loop_in, net_detail::PeerId peer_in, InFlight::Token token_in)
    : next(std::move(next_in)), run(run_in), loop(loop_in), peer(peer_in), token(std::move(token_in)) {}
StreamJob::~StreamJob() = default;

void StreamJob::make_part() noexcept {
  try {
    part = next();
  } catch (...) {
    thrown = what_was_thrown();
    part = fail(ErrorCode::internal, "the handler failed");
  }
}

void Server::forward(const std::shared_ptr<StreamJob>& job) {
  const auto to_loop = [this, job] { host(job->loop).post([this, job] { host(job->loop).take_part(job); }); };
  bool taken = true;
  // An answer that has begun has its place: there is one piece of it at a time.
  if (job->run == Run::service)
    taken = service_->insist(std::make_unique<PartWork>(*this, job));
  else
    taken = workers_->insist([job, to_loop] { job->make_part(), to_loop(); });
  if (taken) return;
  job->part = fail(ErrorCode::closed, "the server stops");
  to_loop();
}

}  // namespace zegocall::server_detail
