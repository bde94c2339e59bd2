// /users/me: what people set for themselves, whom they block, and how they are forgotten. /calls/missed: what they missed.
#include "zegocall/service/people.hpp"
#include "ring.hpp"
#include "zegocall/service/housekeeping.hpp"

using namespace zegocall;

namespace ring {
namespace {

Json settings_json(const PersonSettings& settings) {
  JsonObject out{{"doNotDisturb", settings.dnd}};
  if (settings.dnd_until) out.add("until", iso8601(*settings.dnd_until));
  return out;
}

Result<HttpResponse> settings(Ring& ring, const HttpRequest& request) {
  return ring.people.settings(request.identity().user).transform([](const PersonSettings& found) {
    return ok(200, "Settings", settings_json(found));
  });
}

/// {"on": true, "seconds": 3600}; without seconds until it is taken back.
Result<HttpResponse> disturb(Ring& ring, const HttpRequest& request) {
  auto fields = request.get<bool, std::optional<std::uint32_t>>("on", "seconds");
  if (!fields) return unexpected(fields.error());
  auto& [on, seconds] = *fields;
  const UserId& me = request.identity().user;
  std::optional<UnixTime> until;
  if (seconds) until = request.now().wall + std::chrono::seconds(*seconds);
  auto kept = on ? ring.people.disturb_not(me, until, request.now()) : ring.people.disturb_again(me);
  if (!kept) return unexpected(kept.error());
  return ok(200, on ? "Do not disturb" : "Calls ring again", settings_json(*kept));
}

Result<HttpResponse> blocks(Ring& ring, const HttpRequest& request) {
  auto page = page_of(request);
  if (!page) return unexpected(page.error());
  auto found = ring.people.blocks(request.identity().user, *page);
  if (!found) return unexpected(found.error());
  return ok(
      200, "Blocked people",
      JsonObject{{"blocked", JsonArray::of(found->items,
                                           [&](const Block& one) {
                                             return Json(JsonObject{{"user", card(ring, one.blocked)}, {"at", iso8601(one.at)}});
                                           })},
                 {"pagination", pagination(*page, found->total, "totalBlocked")}});
}

Result<HttpResponse> block(Ring& ring, const HttpRequest& request) {
  auto other = request.get<UserId>("userId");
  if (!other) return unexpected(other.error());
  auto account = ring.accounts.find(*other);
  if (!account && account.error().code == ErrorCode::not_found)
    return fail_field(ErrorCode::not_found, "userId", "User not found");
  if (!account) return unexpected(account.error());
  auto done = ring.people.block(request.identity().user, *other, request.now());
  if (!done) return unexpected(done.error());
  return ok(200, "Blocked", nullptr);
}

Result<HttpResponse> unblock(Ring& ring, const HttpRequest& request) {
  auto done = ring.people.unblock(request.identity().user, UserId(request.path("userId")));
  if (!done) return unexpected(done.error());
  return ok(200, "Not blocked any more", nullptr);
}

Result<HttpResponse> missed(Ring& ring, const HttpRequest& request) {
  auto page = page_of(request);
  if (!page) return unexpected(page.error());
  auto found = ring.people.missed(request.identity().user, *page);
  if (!found) return unexpected(found.error());
  const auto row = [&](const MissedCall& one) {
    JsonObject out{{"callId", one.call},
                   {"caller", card(ring, one.caller)},
                   {"outcome", name(one.outcome)},
                   {"at", iso8601(one.at)},
                   {"seen", one.seen.has_value()}};
    return Json(out);
  };
  return ok(200, "Missed calls",
            JsonObject{{"missed", JsonArray::of(found->calls.items, row)},
                       {"unseen", found->unseen},
                       {"pagination", pagination(*page, found->calls.total, "totalMissed")}});
}

/// Everything that has come until now has been seen.
Result<HttpResponse> seen(Ring& ring, const HttpRequest& request) {
  auto marked = ring.people.seen(request.identity().user, request.now().wall, request.now());
  if (!marked) return unexpected(marked.error());
  return ok(200, "Seen", JsonObject{{"marked", *marked}});
}

Result<HttpResponse> erase(Ring& ring, const HttpRequest& request) {
  const UserId me = request.identity().user;
  auto erased = ring.housekeeping.erase(me, request.now());
  if (!erased) return unexpected(erased.error());
  ring.everyone.user(me).disconnect({.reason = "erased"});
  return ok(200, "Forgotten", JsonObject{{"calls", erased->calls}});
}

}  // namespace

void add_people_routes(Router& http, Ring& ring) {
  const auto add = [&](Method method, const char* path, Result<HttpResponse> (*handler)(Ring&, const HttpRequest&)) {
    http.route(
        method, std::string("/api/v1/") + path, [&ring, handler](const HttpRequest& r) { return handler(ring, r); },
        Run::service);
  };
  add(Method::get, "users/me/settings", settings);
  add(Method::put, "users/me/do-not-disturb", disturb);
  add(Method::get, "users/me/blocks", blocks);
  add(Method::post, "users/me/blocks", block);
  add(Method::del, "users/me/blocks/:userId", unblock);
  add(Method::del, "users/me", erase);
  add(Method::get, "calls/missed", missed);
  add(Method::post, "calls/missed/seen", seen);
}

}  // namespace ring
