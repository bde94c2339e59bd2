// Engine.IO sessions whose messages go straight to the host's handler.
#pragma once

#include "server/loop_host.hpp"

namespace zegocall::server_detail {

struct EnginePeerState {
  LoopHost& host;
  hub_detail::EngineCore& core;
  hub_detail::SessionId session;
};

class LoopHost::RawEngine final : public hub_detail::EngineEvents {
 public:
  RawEngine(LoopHost& host, decltype(EngineEndpoint::on_message) handler) : host_(host), handler_(std::move(handler)) {}

  void on_session(hub_detail::SessionId) override {}
  void on_session_end(hub_detail::SessionId, hub_detail::SessionEnd) override {}
  void on_message(hub_detail::SessionId session, std::string_view payload, bool binary) override {
    EnginePeerState state{host_, *core, session};
    EnginePeer peer(state);
    try {
      if (handler_) handler_(peer, payload, binary);
    } catch (...) {
      ++host_.counters().callbacks_threw;
      peer.close();
    }
  }

  hub_detail::EngineCore* core = nullptr;

 private:
  LoopHost& host_;
  const decltype(EngineEndpoint::on_message) handler_;
};

}  // namespace zegocall::server_detail
