#include "zegocall/zego/api.hpp"

#include <algorithm>
#include <thread>

#include "zego/api_core.hpp"

namespace zegocall {
namespace {

constexpr std::size_t secret_size = 32;

class SleepingPause final : public ApiPause {
 public:
  Now wait_until(SteadyTime at) override {
    if (at > system_now().steady) std::this_thread::sleep_until(at);
    return system_now();
  }
};

Unexpected bad(std::string_view option, std::string detail) {
  return fail_field(ErrorCode::out_of_range, std::string(option), std::move(detail));
}

Result<void> check_span(std::string_view option, std::chrono::milliseconds value, std::chrono::milliseconds max) {
  if (value.count() > 0 && value <= max) return {};
  return bad(option, std::to_string(value.count()) + " ms, must be 1 to " + std::to_string(max.count()));
}

Result<void> check_regions(const ApiOptions& options) {
  if (options.regions.empty() && options.origins.empty()) return fail_field(ErrorCode::missing_field, "regions", "none is named");
  for (std::size_t i = 1; i < options.regions.size(); ++i)
    if (std::find(options.regions.begin(), options.regions.begin() + static_cast<std::ptrdiff_t>(i), options.regions[i]) !=
        options.regions.begin() + static_cast<std::ptrdiff_t>(i))
      return fail_field(ErrorCode::invalid_argument, "regions." + std::to_string(i), "is there twice");
  for (std::size_t i = 0; i < options.origins.size(); ++i) {
    const std::string& origin = options.origins[i];
    if (!origin.starts_with("https://") || origin.find_first_of("/?#@ ", 8) != std::string::npos || origin.size() == 8)
      return fail_field(ErrorCode::invalid_argument, "origins." + std::to_string(i), "must be https://host or https://host:port");
  }
  return {};
}

Result<void> check_options(const ApiOptions& options) {
  using namespace std::chrono_literals;
  if (options.app.value == 0) return bad("app", "must not be 0");
  if (options.attempts_max < 1 || options.attempts_max > 10) return bad("attempts_max", "must be 1 to 10");
  if (options.region_rest < 0s || options.region_rest > 24h) return bad("region_rest", "must be 0 s to 24 h");
  auto good = check_span("time_limit", options.time_limit, 10min);
  if (good) good = check_span("attempt_limit", options.attempt_limit, 10min);
  if (good) good = check_span("first_pause", options.first_pause, 10min);
  if (good) good = check_span("longest_pause", options.longest_pause, 10min);
  return good ? check_regions(options) : good;
}

}  // namespace

std::string_view name(ApiRegion region) {
  switch (region) {
    case ApiRegion::unified: return "";
    case ApiRegion::shanghai: return "sha";
    case ApiRegion::hong_kong: return "hkg";
    case ApiRegion::frankfurt: return "fra";
    case ApiRegion::california: return "lax";
    case ApiRegion::mumbai: return "bom";
    case ApiRegion::singapore: return "sgp";
  }
  ZC_ASSERT(false);
}

std::string_view name(ApiProduct product) {
  switch (product) {
    case ApiProduct::rtc: return "rtc";
    case ApiProduct::zim: return "zim";
    case ApiProduct::whiteboard: return "whiteboard";
    case ApiProduct::docs: return "docs";
    case ApiProduct::cloudrecord: return "cloudrecord";
    case ApiProduct::auth: return "auth";
  }
  ZC_ASSERT(false);
}

ApiPause& system_pause() {
  static SleepingPause pause;
  return pause;
}

Result<ServerApi> ServerApi::open(ApiOptions options, Secret secret, HttpPort& http) {
  if (auto good = check_options(options); !good) return unexpected(std::move(good).error());
  if (secret.size() != secret_size)
    return fail_field(ErrorCode::secret_length, "secret", std::to_string(secret.size()) + " bytes, must be 32");
  return ServerApi(std::make_unique<Impl>(std::move(options), std::move(secret), http));
}

ServerApi::ServerApi(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ServerApi::ServerApi(ServerApi&&) noexcept = default;
ServerApi& ServerApi::operator=(ServerApi&&) noexcept = default;
ServerApi::~ServerApi() = default;

template <class Action>
Result<typename Action::Answer> ServerApi::call(const Action& action, Now now) {
  const auto prepared = zego_detail::prepare(action, impl_->options().test);
  if (!prepared) return unexpected(prepared.error());
  const auto envelope = impl_->perform(*prepared, now);
  if (!envelope) return unexpected(envelope.error());
  return zego_detail::answer_of<typename Action::Answer>(*envelope);
}

template <class Action>
Result<OutgoingRequest> ServerApi::prepare(const Action& action, Now now) {
  const auto prepared = zego_detail::prepare(action, impl_->options().test);
  if (!prepared) return unexpected(prepared.error());
  return impl_->sign(*prepared, 0, now);
}

// Here and nowhere else, so that a caller's program holds no table.
#define ZC_INSTANTIATE(Action)                                                 \
  template Result<Action::Answer> ServerApi::call<Action>(const Action&, Now); \
  template Result<OutgoingRequest> ServerApi::prepare<Action>(const Action&, Now)
ZC_INSTANTIATE(KickoutUser);
ZC_INSTANTIATE(CloseRoom);
ZC_INSTANTIATE(DescribeUserNum);
ZC_INSTANTIATE(DescribeUserList);
ZC_INSTANTIATE(DescribeUsers);
ZC_INSTANTIATE(DescribeSimpleStreamList);
ZC_INSTANTIATE(AddStream);
ZC_INSTANTIATE(DeleteStream);
ZC_INSTANTIATE(SendBroadcastMessage);
ZC_INSTANTIATE(SendBarrageMessage);
ZC_INSTANTIATE(SendCustomCommand);
ZC_INSTANTIATE(SetForbidUserRule);
ZC_INSTANTIATE(DescribeForbidUserRules);
ZC_INSTANTIATE(DelForbidUserRule);
ZC_INSTANTIATE(SetForbidStreamRule);
ZC_INSTANTIATE(DescribeForbidStreamRules);
ZC_INSTANTIATE(DelForbidStreamRule);
ZC_INSTANTIATE(ForbidRTCStream);
ZC_INSTANTIATE(ResumeRTCStream);
ZC_INSTANTIATE(ForbidRTCStreams);
ZC_INSTANTIATE(ResumeRTCStreams);
ZC_INSTANTIATE(DescribeRTCStreamState);
ZC_INSTANTIATE(ForbidCDNLiveStream);
ZC_INSTANTIATE(ResumeCDNLiveStream);
ZC_INSTANTIATE(QueryForbidCDNLiveStream);
ZC_INSTANTIATE(CreatCDNTransferRule);
ZC_INSTANTIATE(DeleteCDNTransferRule);
ZC_INSTANTIATE(ClearCDNTransferRule);
ZC_INSTANTIATE(RTMPDispatchV2);
ZC_INSTANTIATE(GetMixTaskInfo);
ZC_INSTANTIATE(GenerateIdentifyToken);
ZC_INSTANTIATE(ApiRequest);
#undef ZC_INSTANTIATE

}  // namespace zegocall
