#include "server/client_loop.hpp"

#include <system_error>

namespace zegocall {

ClientLoop::Impl::Impl(std::unique_ptr<net_detail::Loop> loop_in) : loop(std::move(loop_in)) {
  thread = std::thread([this] {
    thread_id = std::this_thread::get_id();
    loop->run();
  });
}

ClientLoop::Impl::~Impl() {
  ZC_ASSERT(!on_this_thread());
  ZC_ASSERT(clients == 0);
  loop->stop();
  thread.join();
}

ClientLoop::ClientLoop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ClientLoop::ClientLoop(ClientLoop&&) noexcept = default;
ClientLoop& ClientLoop::operator=(ClientLoop&&) noexcept = default;
ClientLoop::~ClientLoop() = default;

Result<ClientLoop> ClientLoop::open(LogSink log) {
  auto loop = net_detail::Loop::open(std::move(log));
  if (!loop) return unexpected(std::move(loop).error());
  try {
    return ClientLoop(std::make_unique<Impl>(*std::move(loop)));
  } catch (const std::system_error&) {
    return fail(ErrorCode::io_error, "no thread for the loop");
  }
}

}  // namespace zegocall
