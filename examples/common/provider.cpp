#include "provider.hpp"

namespace example {

using zegocall::Result;
using zegocall::unexpected;

namespace {

/// The server API speaks https only. A provider that a test plays listens on this machine, without.
class PlainPort final : public zegocall::HttpPort {
 public:
  explicit PlainPort(zegocall::HttpPort& http) : http_(http) {}
  Result<zegocall::HttpReply> send(const zegocall::OutgoingRequest& request) override {
    zegocall::OutgoingRequest plain = request;
    plain.url.replace(0, std::string_view("https").size(), "http");
    return http_.send(plain);
  }

 private:
  zegocall::HttpPort& http_;
};

constexpr std::string_view plain_here = "http://127.0.0.1:";

}  // namespace

std::vector<Option> provider_options() {
  return {
      {"zego-api-url", "where the provider's server API is, instead of its own address", {"ZEGO_API_URL"}},
      {"reconcile-seconds",
       "how often the provider is asked who is in an active call, 5 to 3600; 0: never",
       {"RECONCILE_SECONDS"},
       "60"},
      {"zego-callback-secret",
       "the project's CallbackSecret: the provider's callbacks are taken",
       {"ZEGO_CALLBACK_SECRET"},
       {},
       Kind::secret},
      {"zego-callback-path",
       "where they come in; choose one that nobody can guess, since a callback's body is not signed",
       {"ZEGO_CALLBACK_PATH"},
       "/zego/callbacks"},
  };
}

Result<std::unique_ptr<Provider>> Provider::open(const Settings& settings, zegocall::AppId app, zegocall::Secret secret,
                                                 zegocall::Store& store, zegocall::CallService& calls, zegocall::Gateway& gateway,
                                                 std::function<zegocall::Now()> clock) {
  std::unique_ptr<Provider> made(new Provider);
  std::string url = settings.text("zego-api-url");
  const bool plain = url.starts_with(plain_here);
  if (plain) url.insert(std::string_view("http").size(), "s");
  auto http = zegocall::HttpClient::open({.plain_http = plain});
  if (!http) return unexpected(http.error());
  made->http_.emplace(*std::move(http));
  zegocall::ApiOptions options{.app = app};
  if (!url.empty()) options.origins = {url};
  if (plain) made->plain_ = std::make_unique<PlainPort>(*made->http_);
  auto api = zegocall::ServerApi::open(std::move(options), std::move(secret), plain ? *made->plain_ : *made->http_);
  if (!api) return wrong(settings, "zego-api-url", api.error().detail + " (or http://127.0.0.1:port, for tests)");
  made->api_.emplace(*std::move(api));
  made->queue_.emplace(zegocall::ProviderQueue::open(store).value());
  made->sender_.emplace(*made->queue_, store, *made->api_, clock);
  if (auto fine = made->open_callbacks(settings, app, calls, gateway); !fine) return unexpected(fine.error());
  auto seconds = settings.number("reconcile-seconds", 0, 3600);
  if (!seconds) return unexpected(seconds.error());
  if (*seconds == 0) return made;
  // Calls between browsers go without the provider: who was never there has not left.
  auto reconciler = zegocall::Reconciler::open(calls, store, {.every = std::chrono::seconds(*seconds), .seen_only = true});
  if (!reconciler) return wrong(settings, "reconcile-seconds", "must be 0 or 5 to 3600");
  made->reconciler_.emplace(*std::move(reconciler));
  made->runner_.emplace(*made->reconciler_, gateway, *made->api_, std::move(clock));
  return made;
}

Result<void> Provider::open_callbacks(const Settings& settings, zegocall::AppId app, zegocall::CallService& calls,
                                      zegocall::Gateway& gateway) {
  if (!settings.given("zego-callback-secret")) return {};
  callback_path_ = settings.text("zego-callback-path");
  if (!callback_path_.starts_with('/') || callback_path_.find_first_of(" ?#:*") != std::string::npos)
    return wrong(settings, "zego-callback-path", "must be a path, as /hooks/4f1c...");
  auto callbacks = zegocall::ProviderCallbacks::open(
      calls, settings.secret("zego-callback-secret"), {.app = app},
      [&gateway](const zegocall::Command& command, zegocall::Now now) { return gateway.handle(command, now); },
      [this](const zegocall::CallId& call, zegocall::Now now) {
        if (reconciler_) reconciler_->ask_soon(call, now);
      });
  if (!callbacks) return wrong(settings, "zego-callback-secret", callbacks.error().detail);
  callbacks_.emplace(*std::move(callbacks));
  return {};
}

/// Whatever was taken is answered 2xx; the provider repeats everything else.
void Provider::add_routes(zegocall::Router& http) {
  if (!callbacks_) return;
  http.route(zegocall::Method::post, callback_path_,
             [this](const zegocall::HttpRequest& request) -> Result<zegocall::HttpResponse> {
               auto taken = callbacks_->take(request.body(), request.now());
               if (!taken) return unexpected(taken.error());
               return zegocall::http_json(200, zegocall::JsonObject{{"code", 0}});
             },
             zegocall::Run::service, {.body_max = zegocall::callback_bytes_max, .anonymous = true});
}

void Provider::attach(zegocall::Namespace& ns) {
  sender_->attach(ns);
  if (runner_) runner_->attach(ns);
}

std::vector<zegocall::Driven*> Provider::driven() {
  std::vector<zegocall::Driven*> out{&*sender_};
  if (runner_) out.push_back(&*runner_);
  if (callbacks_) out.push_back(&*callbacks_);
  return out;
}

std::string Provider::metrics() {
  std::string out = to_metrics(queue_->counters(), "zegocall_provider");
  out += "zegocall_provider_pending " + std::to_string(queue_->depth().value_or(0)) + "\n";
  if (callbacks_) out += to_metrics(callbacks_->counters());
  if (!reconciler_) return out;
  const zegocall::Reconciler::Counters& asked = reconciler_->counters();
  return out + "zegocall_reconcile_asked_total " + std::to_string(asked.asked) + "\nzegocall_reconcile_failed_total " +
         std::to_string(asked.failed) + "\nzegocall_reconcile_corrected_total " + std::to_string(asked.corrected) + "\n";
}

}  // namespace example
