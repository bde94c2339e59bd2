// The provider's Server API v2 from a backend: typed actions (zego/api_actions.hpp), signed, held to the documented
// limits, retried where that is safe.
//
//   auto api = ServerApi::open({.app = AppId{1234567890}}, Secret{secret}, http);
//   auto there = api->call(DescribeUserNum{.rooms = {"call_42"}}, system_now());
//   if (!there) log(to_string(there.error()));   // "rate_limited: RoomId: ..."
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "zegocall/base/http.hpp"
#include "zegocall/base/random.hpp"
#include "zegocall/base/secret.hpp"
#include "zegocall/zego/api_actions.hpp"

namespace zegocall {

/// Where the provider listens. Choose the one nearest to your server; unified lets the provider choose.
enum class ApiRegion : std::uint8_t { unified, shanghai, hong_kong, frankfurt, california, mumbai, singapore };
/// The region's code in host names ("fra"); empty for unified.
std::string_view name(ApiRegion region);

enum class ApiProduct : std::uint8_t { rtc, zim, whiteboard, docs, cloudrecord, auth };
/// "rtc", ..., the first word of host names.
std::string_view name(ApiProduct product);

/// How a ServerApi waits: between attempts, and for its turn under a limit.
class ApiPause {
 public:
  virtual ~ApiPause() = default;
  /// Returns once it is `at` or later, at once if that has passed; with what the clocks say then. Any thread.
  virtual Now wait_until(SteadyTime at) = 0;
};
/// Sleeps. Lives as long as the program.
ApiPause& system_pause();

/// One attempt, for logs and counters. Holds no parameter, no signature.
struct ApiAttempt {
  std::string_view action;
  std::string_view origin;             ///< "https://rtc-api.zego.im"
  unsigned number = 1;                 ///< of the attempt, from 1
  int http_status = 0;                 ///< 0: no reply
  std::optional<std::int64_t> code{};  ///< the provider's, where it gave one
  std::string_view request_id;
  const Error* error = nullptr;  ///< nullptr: it went well
};

struct ApiOptions {
  AppId app{};
  std::vector<ApiRegion> regions{ApiRegion::unified};  ///< in this order: the first that can be reached is used; no region twice
  bool test = false;                                   ///< IsTest, for projects from before 2021-11-16; has limits of its own
  std::chrono::milliseconds time_limit{10'000};        ///< for one call, waiting and retries included; at most 10 minutes
  std::chrono::milliseconds attempt_limit{5'000};      ///< for one attempt
  unsigned attempts_max = 3;                           ///< 1 to 10
  std::chrono::milliseconds first_pause{200};  ///< before the second attempt; doubles, and is cut by up to a half at random
  std::chrono::milliseconds longest_pause{5'000};
  std::size_t waiting_max = 256;                        ///< calls that wait for their turn at once
  std::chrono::seconds region_rest{30};                 ///< how long an unreachable region is passed over
  std::vector<std::string> origins{};                   ///< "https://host:port" instead of the regions: for a proxy or a test
  ByteSource* bytes = nullptr;                          ///< for signature nonces; nullptr: system_bytes()
  ByteSource* jitter = nullptr;                         ///< for pauses; nullptr: system_bytes()
  ApiPause* pause = nullptr;                            ///< nullptr: system_pause()
  std::function<void(const ApiAttempt&)> on_attempt{};  ///< on the calling thread; must not throw
};

/// How far a request's time may be from the provider's clock: beyond it the answer is 100000004. What happens at exactly this
/// much is not documented.
inline constexpr std::chrono::seconds api_clock_skew_max{600};

/// One parameter of a query. A list repeats its name, which ends in "[]".
using ApiParameter = std::pair<std::string, std::string>;

/// Any action in the provider's own words: mixing, transcoding, moderation, CDN files, chat. With a body it is a POST,
/// whose parameters are in the body. Actions that this library knows are held to the same rules as the typed ones, or, for
/// those without a type, to what is required and documented; others are sent as they are, at most 10 a second each.
///
///   api.call(ApiRequest{.action = "StopMix", .body = JsonObject{{"TaskId", "task-1"}}}, now);
struct ApiRequest {
  std::string action{};  ///< 1 to 64 letters and digits
  ApiProduct product = ApiProduct::rtc;
  std::vector<ApiParameter> parameters{};  ///< at most 128; not the common ones (Action, AppId, Signature, ...)
  std::optional<Json> body{};              ///< an object of at most a megabyte
  struct Answer {
    std::string request_id{};
    Json data{};   ///< null if there was none
    Json whole{};  ///< all of the answer: chat actions put their results beside the code
  };
};

/// The request for an action that has a type, from texts: `api_request("KickoutUser", {{"RoomId", "r"}, {"UserId", "a"}})`.
/// A list may be named with or without "[]". unknown_event: no typed action has this name; else as ServerApi::call.
Result<ApiRequest> api_request(std::string_view action, const std::vector<ApiParameter>& words);
/// The names of all actions that api_request knows, in order.
std::vector<std::string_view> api_actions();

/// What a return code of the server API means to a program. The same number may mean different things to different
/// services; `action` decides.
struct ApiCode {
  std::int64_t code = 0;
  ErrorCode error = ErrorCode::provider_refused;
  bool retry = false;        ///< ServerApi tries again, after a pause
  std::string_view field{};  ///< the parameter to blame, if it is one
  std::string_view words{};  ///< what the provider says, shortly
};
/// provider_refused and no words for a code that is not documented.
ApiCode api_code(std::string_view action, std::int64_t code);

/// Asks the provider. Move-only; call from several threads at once: each waits for its own answer, in its own thread. One
/// object per project and process, because the limits are counted in it; they hold for the whole project, so divide them
/// by hand where several processes ask much.
class ServerApi {
 public:
  /// `http` and what the options point to must outlive it. Errors: out_of_range or invalid_argument with the option's
  /// name, secret_length (field "secret": must be 32 bytes).
  static Result<ServerApi> open(ApiOptions options, Secret secret, HttpPort& http);

  /// Carries out an action of zego/api_actions.hpp, or an ApiRequest. `now` is the present; further readings come from the
  /// pause port. Before anything is sent: missing_field, out_of_range, invalid_argument, bad_utf8 with the parameter's name.
  /// rate_limited: its turn under a documented limit comes too late (field "RoomId" for a room's limit), or the provider
  /// says so. From the provider: the words of api_code(). Else as HttpPort, after the last attempt; protocol: the answer
  /// could not be read. The detail holds the provider's code and RequestId.
  ///
  /// A failed attempt is repeated if its code allows it, if nothing had left, or, for actions that can be repeated (all but
  /// the three that send messages), if nobody knows; then also in the next region.
  template <class Action>
  Result<typename Action::Answer> call(const Action& action, Now now);

  /// The HTTP request that call() would send, signed, to the first region; sends nothing. It holds a live signature.
  template <class Action>
  Result<OutgoingRequest> prepare(const Action& action, Now now);

  ServerApi(ServerApi&&) noexcept;
  ServerApi& operator=(ServerApi&&) noexcept;
  ~ServerApi();

 private:
  class Impl;
  explicit ServerApi(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace zegocall
