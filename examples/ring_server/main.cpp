// ring_server: two people call each other. The FinderNate contract on zegocall; README.md says what it speaks.
#include <algorithm>
#include <filesystem>

#include "config.hpp"
#include "provider.hpp"
#include "ring.hpp"
#include "serve.hpp"
#include "webhooks.hpp"
#include "zegocall/gateway/rooms.hpp"
#include "zegocall/gateway/service_metrics.hpp"
#include "zegocall/server/password.hpp"
#include "zegocall/service/housekeeping.hpp"
#include "zegocall/store/sqlite.hpp"

using namespace zegocall;
using namespace std::chrono_literals;

namespace {

Router routes(ring::Ring& ring, const ring::Config& config) {
  Router http;
  http.authenticate([&ring](const HttpRequest& r) { return ring::identify(ring, r); }, Run::service).on_error(ring::refusal_of);
  ring::add_account_routes(http, ring);
  ring::add_chat_routes(http, ring);
  ring::add_call_routes(http, ring);
  ring::add_call_list_routes(http, ring);
  ring::add_token_routes(http, ring);
  ring::add_room_routes(http, ring);
  ring::add_people_routes(http, ring);
  ring::add_page_routes(http, ring);
  http.files("/", config.public_folder);
  if (std::filesystem::is_directory(config.vendor_folder)) http.files("/vendor/", config.vendor_folder);
  return http;
}

Result<int> serve(example::Start& start) {
  auto config = ring::read_config(start.settings);
  if (!config) return unexpected(config.error());
  auto store = SqliteStore::open({.path = start.db});
  if (!store) return fail_field(store.error().code, start.settings.source("db"), to_string(store.error()));
  const auto hasher = make_crypt_hasher();
  auto accounts = AccountService::open(*store, *hasher, system_bytes(), std::move(config->access_secret),
                                       std::move(config->refresh_secret), {.access_lifetime = config->access_lifetime});
  if (!accounts) return unexpected(accounts.error());
  ChatService chats(*store, system_bytes());
  std::optional<TokenMinter> minter;
  if (config->keys) minter.emplace(*config->keys);  // with a pool of random bytes of its own
  const std::chrono::milliseconds renewed = config->keys ? config->token_lifetime : 0min;
  std::vector<RoomTemplate> templates = standard_templates();
  for (RoomTemplate& each : templates) each.policy.token_lifetime = renewed;
  CallService calls(*store, system_bytes(),
                    {.policy = {.ring = config->ring, .join = 60s, .glare = GlarePolicy::busy, .token_lifetime = renewed},
                     .tokens = minter ? &*minter : nullptr,
                     .token_lifetime = config->token_lifetime,
                     .app = config->app,
                     .templates = std::move(templates),
                     .outbox_topics = example::webhook_topics(start.settings),
                     .provider = config->keys ? std::optional(ProviderRules{}) : std::nullopt,
                     .log = start.hub.log});
  const auto webhooks = example::Webhooks::open(start.settings, *store);
  if (!webhooks) return unexpected(webhooks.error());

  PeopleService people(*store);
  auto housekeeping = Housekeeping::open(*store, system_bytes(), {.calls_kept = config->calls_kept});
  if (!housekeeping) return unexpected(housekeeping.error());

  ring::Ring ring{.accounts = *accounts,
                  .chats = chats,
                  .calls = calls,
                  .people = people,
                  .housekeeping = *housekeeping,
                  .ice = config->ice,
                  .secure_cookies = config->secure_cookies,
                  .logins_per_minute = config->logins_per_minute};
  Gateway gateway(calls, ring::dialect(ring));
  ring.gateway = &gateway;
  auto rooms = Rooms::open(gateway, calls, *store, *hasher, system_bytes());
  if (!rooms) return unexpected(rooms.error());
  ring.rooms = &*rooms;
  Namespace ns{"/"};
  ns.authenticate([&ring](const Handshake& shake) { return ring::identify(ring, shake); }, Run::service);
  if (!std::filesystem::is_directory(config->vendor_folder))
    config->warnings.push_back("no socket.io-client at " + config->vendor_folder +
                               ": the page will not work; run npm ci, or say --vendor DIR");
  // Warnings are said when the hub is open: a start that fails says one line, why.
  ns.on_open([&start, &config, &ring](const HubAccess& access) {
    ring.everyone = access.everyone;
    for (const std::string& warning : config->warnings) start.hub.log(LogLevel::warning, warning);
  });
  ring::add_chat_events(ns, ring);
  ring::add_call_events(ns, ring);
  ring::add_room_events(ns, ring);
  gateway.attach(ns);
  ServiceMetrics metrics;
  metrics.add([&calls] { return to_metrics(calls.counters()); });
  std::vector<Driven*> driven{&gateway, &*housekeeping, &metrics};
  if (*webhooks) {
    (*webhooks)->sender().attach(ns);
    driven.push_back(&(*webhooks)->sender());
    metrics.add([&hooks = **webhooks] { return hooks.metrics(); });
  }
  std::unique_ptr<example::Provider> provider;
  if (config->keys) {
    auto opened = example::Provider::open(start.settings, config->app, config->provider_secret.clone(), *store, calls, gateway,
                                          example::clock_of(start));
    if (!opened) return unexpected(opened.error());
    provider = *std::move(opened);
    provider->attach(ns);
    for (Driven* each : provider->driven()) driven.push_back(each);
    metrics.add([&provider] { return provider->metrics(); });
  }
  start.hub.metrics = [&metrics] { return metrics.text(); };

  Router http = routes(ring, *config);
  if (provider) provider->add_routes(http);
  example::add_test_clock(start, http);
  start.hub.ping_timeout = 60s;
  start.hub.limits.body_bytes_max = 10 * 1024 * 1024;
  start.hub.limits.packets_per_second = config->events_per_second;
  start.hub.limits.packets_burst = std::max(1u, 10 * config->events_per_second);
  return example::run(start, {.namespaces = {ns}, .http = http, .driven = driven});
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<example::Option> options = ring::options();
  for (auto& more : {example::store_options("ring_server"), example::webhook_options(), example::provider_options()})
    options.insert(options.end(), more.begin(), more.end());
  return example::main_of("ring_server", std::move(options), argc, argv, serve);
}
