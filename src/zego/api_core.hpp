// What stands behind ServerApi: one prepared action from its turn to its answer.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "zego/api_limits.hpp"
#include "zego/api_prepare.hpp"
#include "zego/api_reply.hpp"
#include "zegocall/zego/api.hpp"

namespace zegocall {

class ServerApi::Impl {
 public:
  Impl(ApiOptions options, Secret secret, HttpPort& http);

  const ApiOptions& options() const { return options_; }
  /// A new nonce, time stamp and signature each time. `origin` is an index into the regions or origins.
  Result<OutgoingRequest> sign(const zego_detail::Prepared& action, std::size_t origin, Now now);
  /// From waiting for its turn to the envelope of an answer; blocks.
  Result<zego_detail::Envelope> perform(const zego_detail::Prepared& action, Now now);

 private:
  /// How one attempt went.
  struct Attempt {
    Result<zego_detail::Envelope> reply;
    bool again = false;      ///< another attempt is allowed
    bool elsewhere = false;  ///< this origin is not well
    int http_status = 0;
    std::optional<std::int64_t> code{};
    std::string request_id{};
  };
  Result<Now> wait_for_turn(const zego_detail::Prepared& action, Now now, SteadyTime end);
  Result<Now> wait(SteadyTime at, Now now);
  Attempt attempt(const zego_detail::Prepared& action, std::size_t origin, Now now, SteadyTime end);
  static Attempt judge(const zego_detail::Prepared& action, HttpReply reply);
  static Attempt judge_lost(const zego_detail::Prepared& action, Error error);
  void tell(const zego_detail::Prepared& action, std::size_t origin, unsigned number, const Attempt& attempt) const;

  std::string origin_of(ApiProduct product, std::size_t origin) const;
  std::size_t pick_origin(SteadyTime now);
  void rest_origin(std::size_t origin, SteadyTime until);
  std::chrono::milliseconds pause_after(unsigned attempt);
  std::string fresh_nonce();
  std::uint64_t fresh_sequence(UnixTime now);

  ApiOptions options_;
  Secret secret_;
  HttpPort* http_;
  ByteSource* bytes_;
  ByteSource* jitter_;
  ApiPause* pause_;
  zego_detail::ApiLimits limits_;
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::uint64_t> sequence_{0};
  std::mutex origins_mutex_;
  std::vector<SteadyTime> resting_;  // until when each region or origin is passed over
};

}  // namespace zegocall
