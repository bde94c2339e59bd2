// One request to the provider's server API, or what it would be.
#include "api.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "keys.hpp"
#include "token_words.hpp"
#include "words.hpp"
#include "zegocall/zego/api.hpp"
#ifdef ZEGOCALL_WITH_NET
#include "zegocall/net/http_client.hpp"
#endif

namespace zegocall::cli {
namespace {

/// For a dry run: nothing may leave.
class NoNetwork final : public HttpPort {
 public:
  Result<HttpReply> send(const OutgoingRequest&) override {
    return fail(ErrorCode::not_in_this_build, "this build has no network");
  }
};

Result<std::unique_ptr<HttpPort>> open_http(const ApiCommandOptions& options) {
  if (options.dry_run) return std::unique_ptr<HttpPort>(std::make_unique<NoNetwork>());
#ifdef ZEGOCALL_WITH_NET
  HttpClientOptions http{.ca_file = options.ca_file, .proxy = options.proxy};
  for (const char* variable : {"HTTPS_PROXY", "https_proxy"})
    if (const char* const value = std::getenv(variable); http.proxy.empty() && value != nullptr) http.proxy = value;
  auto client = HttpClient::open(std::move(http));
  if (!client)
    return unexpected({client.error().code, client.error().field == "ca_file" ? "--ca" : "--proxy", client.error().detail});
  return std::unique_ptr<HttpPort>(std::make_unique<HttpClient>(*std::move(client)));
#else
  return std::unique_ptr<HttpPort>(std::make_unique<NoNetwork>());
#endif
}

Result<ApiRegion> region_of(const std::string& word) {
  for (const ApiRegion region : {ApiRegion::shanghai, ApiRegion::hong_kong, ApiRegion::frankfurt, ApiRegion::california,
                                 ApiRegion::mumbai, ApiRegion::singapore})
    if (name(region) == word) return region;
  if (word == "unified") return ApiRegion::unified;
  return fail_field(ErrorCode::invalid_argument, "--region", "must be unified, sha, hkg, fra, lax, bom or sgp");
}

Result<ApiProduct> product_of(const std::string& word) {
  for (const ApiProduct product :
       {ApiProduct::rtc, ApiProduct::zim, ApiProduct::whiteboard, ApiProduct::docs, ApiProduct::cloudrecord, ApiProduct::auth})
    if (name(product) == word) return product;
  return fail_field(ErrorCode::invalid_argument, "--product", "must be rtc, zim, whiteboard, docs, cloudrecord or auth");
}

Result<ServerApi> open_api(const ApiCommandOptions& options, HttpPort& http) {
  auto app = find_app(options.key);
  if (!app) return unexpected(std::move(app).error());
  if (!*app) return fail_field(ErrorCode::missing_field, "ZEGO_APP_ID", "set it, or say --app");
  auto secret = find_secret(options.key);
  if (!secret) return unexpected(std::move(secret).error());
  if (!*secret) return fail_field(ErrorCode::missing_field, "ZEGO_SERVER_SECRET", "set it, or say --secret-file");
  const auto within = read_span(options.within);
  if (!within) return unexpected({within.error().code, "--within", within.error().detail});
  ApiOptions api{.app = **app, .test = options.test, .time_limit = *within};
  if (!options.regions.empty()) api.regions.clear();
  for (const std::string& word : options.regions) {
    const auto region = region_of(word);
    if (!region) return unexpected(region.error());
    api.regions.push_back(*region);
  }
  if (!options.origin.empty()) api.origins = {options.origin};
  auto opened = ServerApi::open(std::move(api), **std::move(secret), http);
  if (opened) return opened;
  Error error = std::move(opened).error();
  if (error.field == "time_limit") error.field = "--within";
  if (error.field == "origins.0") error.field = "--origin";
  return unexpected(std::move(error));
}

Result<std::vector<ApiParameter>> parameters_of(const std::vector<std::string>& words) {
  std::vector<ApiParameter> out;
  for (const std::string& word : words) {
    const std::size_t at = word.find('=');
    if (at == std::string::npos || at == 0) return fail_field(ErrorCode::invalid_argument, word, "must be name=value");
    out.emplace_back(word.substr(0, at), word.substr(at + 1));
  }
  return out;
}

/// By the table where the action is in it, else as it is said.
Result<ApiRequest> request_of(const ApiCommandOptions& options) {
  auto parameters = parameters_of(options.words);
  if (!parameters) return unexpected(std::move(parameters).error());
  const auto product = product_of(options.product);
  if (!product) return unexpected(product.error());
  const auto typed = api_actions();
  if (options.body_file.empty() && std::find(typed.begin(), typed.end(), options.action) != typed.end())
    return api_request(options.action, *parameters);
  ApiRequest out{.action = options.action, .product = *product, .parameters = *std::move(parameters)};
  if (options.body_file.empty()) return out;
  auto text = read_file(options.body_file, "--body");
  if (!text) return unexpected(std::move(text).error());
  auto body = Json::parse(*std::move(text));
  if (!body) return unexpected({body.error().code, "--body", body.error().detail});
  out.body = *std::move(body);
  return out;
}

/// The URL with its signature made unusable.
std::string masked(std::string url) {
  const std::string_view key = "&Signature=";
  const std::size_t at = url.find(key) + key.size();
  return url.replace(at, std::min(url.find('&', at), url.size()) - at, "********");
}

Exit say_request(const Result<OutgoingRequest>& request, bool json) {
  if (!request) return usage_error(request.error(), json);
  const std::string url = masked(request->url);
  if (!json) {
    print(request->method + " " + printable(url) + "\n" + (request->body.empty() ? "" : printable(request->body) + "\n"));
    return Exit::yes;
  }
  JsonObject out{{"ok", true}, {"method", request->method}, {"url", url}};
  if (!request->body.empty()) out.add("body", JsonView::trusted(request->body));
  print(std::move(out).text() + "\n");
  return Exit::yes;
}

Exit say_answer(const Result<ApiRequest::Answer>& answer, bool json) {
  if (!answer) return refusal(answer.error(), json);
  if (json) {
    print(JsonObject{{"ok", true}, {"request_id", answer->request_id}, {"data", answer->data}, {"answer", answer->whole}}.text() +
          "\n");
    return Exit::yes;
  }
  print("good; RequestId " + printable(answer->request_id) + "\n");
  for (const auto& [key, value] : answer->data.view().members())
    print("  " + printable(key) + "  " + printable(value.text()) + "\n");
  return Exit::yes;
}

}  // namespace

Exit run_api(const ApiCommandOptions& options) {
  if (options.now && !options.dry_run)
    return usage_error(
        {ErrorCode::invalid_argument, "--now", "only with --dry-run: the provider refuses another time than its own"},
        options.json);
  const auto http = open_http(options);
  if (!http) return usage_error(http.error(), options.json);
  auto api = open_api(options, **http);
  if (!api) return usage_error(api.error(), options.json);
  const auto request = request_of(options);
  if (!request) return usage_error(request.error(), options.json);
  const Now now{system_now().steady, find_now(options.now)};
  const auto prepared = api->prepare(*request, now);
  if (options.dry_run || !prepared) return say_request(prepared, options.json);
  return say_answer(api->call(*request, now), options.json);
}

Exit run_api_list(bool json) {
  const auto actions = api_actions();
  if (json) return print(JsonArray::of(actions).text() + "\n"), Exit::yes;
  for (const std::string_view action : actions) print(std::string(action) + "\n");
  return Exit::yes;
}

}  // namespace zegocall::cli
