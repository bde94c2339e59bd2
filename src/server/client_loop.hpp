// The thread behind a ClientLoop.
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "net/net.hpp"
#include "zegocall/client.hpp"

namespace zegocall {

struct ClientLoop::Impl {
  explicit Impl(std::unique_ptr<net_detail::Loop> loop_in);
  ~Impl();
  bool on_this_thread() const { return thread_id == std::this_thread::get_id(); }

  std::unique_ptr<net_detail::Loop> loop;
  std::atomic<int> clients{0};
  std::atomic<std::thread::id> thread_id{};
  std::thread thread;
};

}  // namespace zegocall
