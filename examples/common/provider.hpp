// The provider is told what happens in calls, asked who is in them, and heard when it calls back: the flags for it, and
// everything between the outbox and the provider's server API.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "settings.hpp"
#include "zegocall/gateway/provider_sender.hpp"
#include "zegocall/gateway/reconcile_runner.hpp"
#include "zegocall/net/http_client.hpp"
#include "zegocall/service/callbacks.hpp"

namespace example {

/// --zego-api-url, --reconcile-seconds, --zego-callback-secret, --zego-callback-path. The app id and the secret are the server's
/// own.
std::vector<Option> provider_options();

/// Outlives the hub. What it drives stands behind the gateway in Wiring::driven.
class Provider {
 public:
  /// Errors name the setting.
  static zegocall::Result<std::unique_ptr<Provider>> open(const Settings& settings, zegocall::AppId app, zegocall::Secret secret,
                                                          zegocall::Store& store, zegocall::CallService& calls,
                                                          zegocall::Gateway& gateway, std::function<zegocall::Now()> clock);

  void attach(zegocall::Namespace& ns);
  /// The route of the provider's callbacks, if there is a secret for them.
  void add_routes(zegocall::Router& http);
  std::vector<zegocall::Driven*> driven();
  /// As Prometheus text; service thread.
  std::string metrics();

 private:
  Provider() = default;
  zegocall::Result<void> open_callbacks(const Settings& settings, zegocall::AppId app, zegocall::CallService& calls,
                                        zegocall::Gateway& gateway);
  std::optional<zegocall::HttpClient> http_;
  std::unique_ptr<zegocall::HttpPort> plain_;  ///< for a provider of a test, on this machine
  std::optional<zegocall::ServerApi> api_;
  std::optional<zegocall::ProviderQueue> queue_;
  std::optional<zegocall::ProviderSender> sender_;
  std::optional<zegocall::Reconciler> reconciler_;
  std::optional<zegocall::ReconcileRunner> runner_;
  std::optional<zegocall::ProviderCallbacks> callbacks_;
  std::string callback_path_{};
};

}  // namespace example
