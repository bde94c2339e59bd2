#include "call_words.hpp"

#include <filesystem>

#include "words.hpp"
#ifdef ZEGOCALL_WITH_SQLITE
#include "zegocall/store/sqlite.hpp"
#endif

namespace zegocall::cli {
namespace {

std::optional<std::string> at(const std::optional<UnixTime>& time) { return time ? std::optional(iso8601(*time)) : std::nullopt; }

template <class Enum>
std::optional<std::string> word(const std::optional<Enum>& value) {
  return value ? std::optional(std::string(name(*value))) : std::nullopt;
}

// "+60.0 s" after the call's start.
std::string after_start(UnixTime time, UnixTime start) {
  const std::int64_t ms = (time - start).count();
  const std::int64_t size = ms < 0 ? -ms : ms;
  return (ms < 0 ? "-" : "+") + std::to_string(size / 1000) + "." + std::to_string(size / 100 % 10) + " s";
}

JsonObject device_json(const DeviceView& device) {
  return {{"device", device.device},
          {"delivered", device.delivered},
          {"alerting", device.alerting},
          {"outcome", word(device.outcome)}};
}

JsonObject leg_json(const LegView& leg) {
  return {{"number", leg.number},
          {"user", leg.user},
          {"role", name(leg.role)},
          {"state", name(leg.state)},
          {"outcome", word(leg.outcome)},
          {"device", leg.device},
          {"invited_at", iso8601(leg.invited_at)},
          {"alerting_at", at(leg.alerting_at)},
          {"accepted_at", at(leg.accepted_at)},
          {"joined_at", at(leg.joined_at)},
          {"final_at", at(leg.final_at)},
          {"devices", JsonArray::of(leg.devices, device_json)}};
}

// Who an event is about, in words; only one of the two is for any one event.
struct Who {
  UserId user{};
  DeviceId device{};
};

template <class Body>
Who who_of(const Body& body) {
  if constexpr (requires { body.caller; })
    return {body.caller, body.device};
  else if constexpr (requires {
                       body.leg;
                       body.device;
                     })
    return {body.user, body.device};
  else if constexpr (requires { body.leg; })
    return {body.user, {}};
  else
    return {};
}

std::string note_of(const LegInvited& e, UnixTime start) { return "ring until " + after_start(e.ring_until, start); }
std::string note_of(const LegJoining& e, UnixTime start) { return "join until " + after_start(e.join_until, start); }
std::string note_of(const LegReconnecting& e, UnixTime start) { return "until " + after_start(e.until, start); }
std::string note_of(const DeviceRing& e, UnixTime) {
  std::string out = e.device.empty() ? "by push" : "";
  if (e.attempt > 1) out += (out.empty() ? "attempt " : ", attempt ") + std::to_string(e.attempt);
  return out;
}
std::string note_of(const DeviceDismiss& e, UnixTime) { return std::string(name(e.outcome)); }
std::string note_of(const LegFinal& e, UnixTime) { return std::string(name(e.outcome)); }
std::string note_of(const CallEnded& e, UnixTime) {
  std::string out(name(e.outcome));
  if (e.cause) out.append(", ").append(name(*e.cause));
  if (!e.by.empty()) out.append(" by ").append(e.by.view());
  if (!e.note.empty()) out.append(" (").append(e.note).append(")");
  return out;
}
template <class Body>
std::string note_of(const Body&, UnixTime) {
  return {};
}

void add_details(JsonObject& out, const LegInvited& e) { out.add("ring_until", iso8601(e.ring_until)); }
void add_details(JsonObject& out, const LegJoining& e) { out.add("join_until", iso8601(e.join_until)); }
void add_details(JsonObject& out, const LegReconnecting& e) { out.add("until", iso8601(e.until)); }
void add_details(JsonObject& out, const DeviceRing& e) { out.add("attempt", e.attempt); }
void add_details(JsonObject& out, const DeviceDismiss& e) { out.add("outcome", name(e.outcome)); }
void add_details(JsonObject& out, const LegFinal& e) { out.add("outcome", name(e.outcome)); }
void add_details(JsonObject& out, const CallCreated& e) { out.add("media", name(e.media)).add("topic", e.topic); }
void add_details(JsonObject& out, const CallEnded& e) {
  out.add("outcome", name(e.outcome)).add("end_cause", word(e.cause)).add("by", e.by).add("note", e.note);
}
template <class Body>
void add_details(JsonObject&, const Body&) {}

}  // namespace

Result<std::unique_ptr<Store>> open_store(const std::string& db, StoreUse use) {
  if (db.rfind("postgresql://", 0) == 0 || db.rfind("postgres://", 0) == 0)
    return fail_field(ErrorCode::not_in_this_build, "--db", "PostgreSQL is not in this build");
#ifdef ZEGOCALL_WITH_SQLITE
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(db, ignored))
    return fail_field(ErrorCode::not_found, "--db", "there is no file " + printable(db));
  auto store = SqliteStore::open({.path = db, .read_only = use == StoreUse::look});
  if (!store) return unexpected(std::move(store).error());
  return std::unique_ptr<Store>(std::make_unique<SqliteStore>(*std::move(store)));
#else
  return fail_field(ErrorCode::not_in_this_build, "--db", "SQLite is not in this build");
#endif
}

Result<CallView> load_call(Store& store, const std::string& id) {
  auto call = store.call(CallId(std::string_view(id)));
  if (!call) return unexpected(std::move(call).error());
  if (!*call) return fail_field(ErrorCode::not_found, "call", "there is no call " + printable(id));
  return **std::move(call);
}

std::optional<std::chrono::milliseconds> talk_time(const CallView& call) {
  if (!call.active_at || !call.ended_at) return std::nullopt;
  return *call.ended_at - *call.active_at;
}

std::optional<std::chrono::milliseconds> ring_time(const CallView& call) {
  const auto until = call.answered_at ? call.answered_at : call.ended_at;
  return until ? std::optional(*until - call.created_at) : std::nullopt;
}

JsonObject call_json(const CallView& call) {
  const auto talked = talk_time(call);
  return {{"id", call.id},
          {"media", name(call.media)},
          {"caller", call.caller},
          {"state", name(call.state)},
          {"outcome", word(call.outcome)},
          {"end_cause", word(call.end_cause)},
          {"ended_by", call.ended_by},
          {"topic", call.topic},
          {"version", call.version},
          {"created_at", iso8601(call.created_at)},
          {"answered_at", at(call.answered_at)},
          {"active_at", at(call.active_at)},
          {"ended_at", at(call.ended_at)},
          {"duration_ms", talked ? talked->count() : 0},
          {"legs", JsonArray::of(call.legs, leg_json)}};
}

JsonObject event_json(const CallEvent& event) {
  JsonObject out{{"version", event.version}, {"at", iso8601(event.at)}, {"name", name(event.body)}};
  std::visit(
      [&out](const auto& body) {
        if constexpr (requires { body.leg; }) out.add("leg", body.leg);
        const Who who = who_of(body);
        if (!who.user.empty()) out.add("user", who.user).add("device", who.device);
        add_details(out, body);
      },
      event.body);
  return out;
}

std::string people_words(const CallView& call) {
  std::string out = printable(call.caller.view());
  std::string_view before = " -> ";
  for (const LegView& leg : call.legs) {
    if (leg.role != LegRole::callee) continue;
    out.append(before).append(printable(leg.user.view()));
    before = ", ";
  }
  return out;
}

std::string outcome_words(const CallView& call) {
  if (!call.outcome) return std::string(name(call.state));
  std::string out(name(*call.outcome));
  if (call.end_cause) out.append(", ").append(name(*call.end_cause));
  return out;
}

std::string who_words(const CallEvent& event) {
  const Who who = std::visit([](const auto& body) { return who_of(body); }, event.body);
  std::string out = printable(who.user.view());
  if (!who.device.empty()) out.append("/").append(printable(who.device.view()));
  return out;
}

std::string note_words(const CallEvent& event, UnixTime start) {
  return printable(std::visit([start](const auto& body) { return note_of(body, start); }, event.body));
}

}  // namespace zegocall::cli
