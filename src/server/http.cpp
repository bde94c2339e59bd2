#include "zegocall/net/http.hpp"

#include <algorithm>
#include <span>

#include "server/request.hpp"
#include "server/url.hpp"
#include "zegocall/base/random.hpp"

namespace zegocall {

std::string_view name(Method method) {
  switch (method) {
    case Method::get: return "GET";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::del: return "DELETE";
  }
  return "";
}

HttpResponse http_json(int status, const JsonInput& body) {
  HttpResponse out{.status = status};
  out.body = Json::of(body).text();
  return out;
}

int http_status(ErrorCode code) {
  const int number = static_cast<int>(code);
  if (code == ErrorCode::not_found) return 404;
  if (code == ErrorCode::already_exists || code == ErrorCode::conflict || code == ErrorCode::busy ||
      code == ErrorCode::already_done || code == ErrorCode::invalid_state || code == ErrorCode::stale_version)
    return 409;
  if (code == ErrorCode::unauthenticated || code == ErrorCode::expired || code == ErrorCode::replayed) return 401;
  if (code == ErrorCode::forbidden) return 403;
  if (code == ErrorCode::payload_too_large) return 413;
  if (code == ErrorCode::rate_limited) return 429;
  if (code == ErrorCode::missing_field || code == ErrorCode::mistyped_field || code == ErrorCode::out_of_range) return 422;
  if (code == ErrorCode::store_unavailable || code == ErrorCode::closed || code == ErrorCode::unreachable ||
      code == ErrorCode::timeout)
    return 503;
  const bool of_the_request = number < 200 || (number >= 500 && number < 600) || (number >= 700 && number < 800);
  return of_the_request ? 400 : 500;
}

Method HttpRequest::method() const { return state_->method; }
std::string_view HttpRequest::target() const { return state_->target; }
std::string_view HttpRequest::body() const { return state_->body; }
std::string_view HttpRequest::address() const { return state_->address; }
bool HttpRequest::secure() const { return state_->secure; }
std::string_view HttpRequest::id() const { return state_->id; }
Now HttpRequest::now() const { return state_->now; }
const Identity& HttpRequest::identity() const { return state_->identity; }
bool HttpRequest::from_allowed_origin() const { return state_->origin_admitted; }

std::string HttpRequest::path(std::string_view name) const {
  for (const auto& [key, value] : state_->path_values)
    if (key == name) return value;
  return {};
}

std::optional<std::string> HttpRequest::query(std::string_view name) const {
  return server_detail::query_value(state_->query, name);
}

std::optional<std::string> HttpRequest::header(std::string_view name) const {
  return state_->header(server_detail::lower_case(name));
}

std::optional<std::string> HttpRequest::cookie(std::string_view name) const {
  const auto all = state_->header("cookie");
  return all ? server_detail::cookie_value(*all, name) : std::nullopt;
}

Result<JsonView> HttpRequest::json() const {
  if (!state_->json) {
    if (state_->body.empty())
      state_->json.emplace(JsonView());
    else
      state_->json.emplace(JsonView::check(state_->body, {.bytes_max = state_->body.size()}));
  }
  return *state_->json;
}

CommandId HttpRequest::command_id() const {
  if (state_->command.empty()) {
    const auto key = state_->header("idempotency-key");
    const bool usable = key && !key->empty() && key->size() <= 128;
    state_->command = usable ? CommandId(std::string_view(*key)) : make_id<CommandId>(state_->now.wall, system_bytes());
  }
  return state_->command;
}

Result<void> HttpRequest::run_on_service(const std::function<void()>& work) const {
  if (state_->on_service)
    return state_->on_service([&](Now now) {
      state_->now = now;
      work();
    });
  work();
  return {};
}

namespace server_detail {

std::optional<std::string> RequestState::header(std::string_view lower_case_name) const {
  std::optional<std::string> out;
  for (const auto& [key, value] : fields) {
    if (key != lower_case_name) continue;
    if (out)
      out->append(", ").append(value);
    else
      out = value;
  }
  return out;
}

namespace {

void append_hex(std::string& out, std::uint64_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(digits[number >> shift & 15]);
}

}  // namespace

RequestIds::RequestIds(ByteSource& bytes) {
  for (std::uint64_t* number : {&prefix_, &state_}) bytes.fill(std::as_writable_bytes(std::span(number, 1)));
}

/// SplitMix64: it meets each number once before it meets one twice, and does not show how many there were.
std::string RequestIds::next() {
  std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15u;
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
  std::string out;
  out.reserve(32);
  append_hex(out, prefix_);
  append_hex(out, mixed ^ mixed >> 31);
  return out;
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || std::string_view("._-+=/").find(c) != std::string_view::npos;
  });
}

std::optional<Method> method_of(std::string_view word) {
  for (const Method method : {Method::get, Method::post, Method::put, Method::patch, Method::del})
    if (name(method) == word) return method;
  return std::nullopt;
}

JsonObject error_object(const Error& error) {
  const std::optional<std::string_view> field = error.field.empty() ? std::nullopt : std::optional<std::string_view>(error.field);
  return JsonObject{{"error", JsonObject{{"code", name(error.code)}, {"field", field}, {"message", error.detail}}}};
}

}  // namespace server_detail
}  // namespace zegocall
