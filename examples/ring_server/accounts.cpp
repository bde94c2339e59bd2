// /users: register, log in, refresh, log out, who am I, who is online.
#include "ring.hpp"

using namespace zegocall;

namespace ring {
namespace {

constexpr std::size_t credentials_bytes_max = 64 * 1024;
constexpr std::size_t online_shown_max = 500;  // a page's list, not a directory

Json user_json(const AccountRecord& account) {
  return JsonObject{{"_id", account.id},
                    {"username", account.name},
                    {"fullName", account.display_name},
                    {"profileImageUrl", account.picture_url},
                    {"email", account.email},
                    {"createdAt", iso8601(account.created_at)}};
}

std::string cookie(bool secure, std::string_view name, std::string_view value, std::chrono::seconds lifetime) {
  return std::string(name) + "=" + std::string(value) +
         "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(lifetime.count()) + (secure ? "; Secure" : "");
}

HttpResponse with_session(const Ring& ring, int status, std::string_view message, const Session& session,
                          const HttpRequest& request) {
  const Now now = request.now();
  const bool secure = ring.secure_cookies || request.secure();
  const auto left = [&](UnixTime until) { return std::chrono::floor<std::chrono::seconds>(until - now.wall); };
  HttpResponse answer = ok(
      status, message,
      JsonObject{
          {"user", user_json(session.account)}, {"accessToken", session.access_token}, {"refreshToken", session.refresh_token}});
  answer.headers.emplace_back("Set-Cookie", cookie(secure, "accessToken", session.access_token, left(session.access_expires)));
  answer.headers.emplace_back("Set-Cookie", cookie(secure, "refreshToken", session.refresh_token, left(session.refresh_expires)));
  return answer;
}

/// The library's field names are not this wire's.
std::string wire_field(const std::string& field) {
  if (field == "name") return "username";
  if (field == "display_name") return "fullName";
  return field;
}

HttpResponse refused_registration(const Error& error) {
  Error shown = error;
  shown.field = wire_field(error.field);
  if (error.code == ErrorCode::store_unavailable || error.code == ErrorCode::rate_limited || error.code == ErrorCode::closed)
    return refusal_of(error);
  const bool taken = error.code == ErrorCode::already_exists;
  std::string message = taken ? "This " + shown.field + " is taken" : words(shown);
  if (!taken && !message.starts_with(shown.field)) message = shown.field + ": " + message;
  return refuse(taken ? 409 : 400, message, nullptr, JsonArray::list({JsonObject{{"field", shown.field}, {"message", message}}}));
}

Result<HttpResponse> register_account(Ring& ring, const HttpRequest& request) {
  using Text = std::optional<std::string>;
  auto fields = request.get<Text, Text, Text, Text, Text>("fullName", "username", "email", "password", "confirmPassword");
  if (!fields) return refuse(400, words(fields.error()));
  auto& [full_name, username, email, password, again] = *fields;
  for (const auto& [name, value] :
       {std::pair{"fullName", &full_name}, std::pair{"username", &username}, std::pair{"email", &email},
        std::pair{"password", &password}, std::pair{"confirmPassword", &again}})
    if (!*value || (*value)->empty()) return refuse(400, std::string(name) + " is required");
  const Secret secret{*password}, repeated{*again};
  wipe(password->data(), password->size()), wipe(again->data(), again->size());
  if (!(secret == repeated)) return refuse(400, "Passwords do not match");
  auto ready = ring.accounts.prepare({*username, *email, *full_name, secret.clone()});
  if (!ready) return refused_registration(ready.error());
  auto account = request.wait_service([&] { return ring.accounts.add(*ready, request.now()); });
  if (!account) return refused_registration(account.error());
  auto session = ring.accounts.sign_in(*account, request.now());
  if (!session) return unexpected(session.error());
  return with_session(ring, 201, "User registered successfully", *session, request);
}

Result<HttpResponse> log_in(Ring& ring, const HttpRequest& request) {
  using Text = std::optional<std::string>;
  auto fields = request.get<Text, Text, Text>("username", "email", "password");
  if (!fields) return refuse(400, words(fields.error()));
  auto& [username, email, password] = *fields;
  const auto given = [](const Text& text) { return text && !text->empty(); };
  if (given(username) == given(email)) return refuse(400, "Either username or email is required, not both");
  if (!given(password)) return refuse(400, "password is required");
  const Secret secret{*password};
  wipe(password->data(), password->size());
  const std::string who = given(username) ? *username : *email;
  auto account = request.wait_service([&] { return ring.accounts.by_login(who); });
  if (!account && account.error().code == ErrorCode::not_found) return refuse(404, "User does not exist");
  if (!account) return unexpected(account.error());
  if (!ring.accounts.fits(*account, secret)) return refuse(401, "Invalid user credentials");
  auto session = ring.accounts.sign_in(*account, request.now());
  if (!session) return unexpected(session.error());
  return with_session(ring, 200, "User logged in successfully", *session, request);
}

Result<HttpResponse> refresh(Ring& ring, const HttpRequest& request) {
  std::optional<std::string> token;
  if (!request.body().empty()) {
    auto given = request.get<std::optional<std::string>>("refreshToken");
    if (!given) return refuse(400, words(given.error()));
    token = *given;
  }
  if (!token || token->empty()) token = request.cookie("refreshToken");
  if (!token || token->empty()) return refuse(401, "Unauthorized request: no refresh token");
  auto session = ring.accounts.refresh(*token, request.now());
  if (session) return with_session(ring, 200, "Access token refreshed", *session, request);
  if (session.error().code == ErrorCode::store_unavailable) return unexpected(session.error());
  return refuse(401, session.error().code == ErrorCode::expired ? "Refresh token expired" : "Invalid refresh token");
}

Result<HttpResponse> log_out(Ring& ring, const HttpRequest& request) {
  HttpResponse answer = ok(200, "User logged out", nullptr);
  for (const char* name : {"accessToken", "refreshToken"})
    answer.headers.emplace_back("Set-Cookie", cookie(ring.secure_cookies || request.secure(), name, "", std::chrono::seconds(0)));
  return answer;
}

}  // namespace

void add_account_routes(Router& http, Ring& ring) {
  using Handler = Result<HttpResponse> (*)(Ring&, const HttpRequest&);
  // Whoever guesses passwords or names must take time for it; leaving is free.
  const RouteOptions door{.body_max = credentials_bytes_max, .anonymous = true, .rate = {.requests = ring.logins_per_minute}};
  const RouteOptions way_out{.body_max = credentials_bytes_max, .anonymous = true};
  const auto add_open = [&](const char* path, Handler handler, Run run, const RouteOptions& options) {
    http.route(
        Method::post, path,
        [&ring, handler](const HttpRequest& r) -> Result<HttpResponse> {
          if (auto fine = check_origin(r); !fine) return unexpected(fine.error());
          return handler(ring, r);
        },
        run, options);
  };
  add_open("/api/v1/users/register", register_account, Run::worker, door);
  add_open("/api/v1/users/login", log_in, Run::worker, door);
  add_open("/api/v1/users/refresh-token", refresh, Run::service, door);
  add_open("/api/v1/users/logout", log_out, Run::loop, way_out);
  http.route(
      Method::get, "/api/v1/users/me",
      [&ring](const HttpRequest& r) -> Result<HttpResponse> {
        auto account = ring.accounts.find(r.identity().user);
        if (account) return ok(200, "Current user", user_json(*account));
        return unexpected(account.error());
      },
      Run::service);
  http.route(
      Method::get, "/api/v1/users/online",
      [&ring](const HttpRequest&) -> Result<HttpResponse> {
        auto people = ring.calls.online_users();
        if (people.size() > online_shown_max) people.resize(online_shown_max);
        return ok(200, "People online", JsonArray::of(people, [&](const UserId& user) { return card(ring, user); }));
      },
      Run::service);
}

}  // namespace ring
