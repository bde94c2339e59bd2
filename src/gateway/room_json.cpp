// What a room and its events look like to the people in it.
#include "store/codec.hpp"
#include "zegocall/gateway/rooms.hpp"

namespace zegocall {

namespace {

Json leg_json(const CallView& room, const LegView& leg) {
  JsonObject out{{"leg", leg.number},        {"user", leg.user},         {"role", role_of(room, leg)}, {"state", name(leg.state)},
                 {"audio", leg.media.audio}, {"video", leg.media.video}, {"screen", leg.media.screen}, {"onHold", leg.on_hold}};
  if (leg.hand) out.add("hand", JsonObject{{"since", iso8601(leg.hand->since)}, {"wants", leg.hand->wants}});
  if (leg.media.audio_barred || leg.media.video_barred || leg.media.screen_barred)
    out.add(
        "muted",
        JsonObject{{"audio", leg.media.audio_barred}, {"video", leg.media.video_barred}, {"screen", leg.media.screen_barred}});
  return out;
}

/// As read_room takes it.
Json schedule_json(const Schedule& plan) {
  const auto whole = [](std::chrono::milliseconds span) { return std::chrono::floor<std::chrono::seconds>(span).count(); };
  return JsonObject{{"startsAt", iso8601(plan.starts_at)},
                    {"earlySeconds", whole(plan.early)},
                    {"lateSeconds", whole(plan.late)},
                    {"noShowSeconds", whole(plan.no_show)}};
}

std::vector<const LegView*> live_legs(const CallView& room) {
  std::vector<const LegView*> out;
  for (const LegView& leg : room.legs)
    if (leg.state != LegState::final) out.push_back(&leg);
  return out;
}

/// Only for those in charge; they find it in the room.
bool is_for_few(const EventBody& body) {
  const auto* updated = std::get_if<RoomUpdated>(&body);
  return updated && (updated->banned || updated->unbanned || updated->code || updated->code_removed);
}

}  // namespace

Json room_json(const CallView& room) {
  const RoomView& view = room.room_view();
  JsonObject out{
      {"id", room.id},
      {"version", room.version},
      {"title", room.topic},
      {"state", name(room.state)},
      {"host", view.host},
      {"template", view.settings.from},
      {"type", name(view.settings.type)},
      {"capacity", view.settings.capacity},
      {"seats", room.index.counts.seats()},
      {"lobby", name(view.settings.lobby)},
      {"locked", view.locked},
      {"passcode", view.passcode.value != 0},
      {"recording", name(view.recording)},
      {"metadata", JsonObject{{"text", view.metadata}, {"version", view.metadata_version}}},
      {"attributes", JsonArray::of(view.attributes,
                                   [](const Attribute& one) {
                                     return Json(JsonObject{{"key", one.key}, {"value", one.value}, {"version", one.version}});
                                   })},
      {"people", JsonArray::of(live_legs(room), [&](const LegView* leg) { return leg_json(room, *leg); })},
      {"createdAt", iso8601(room.created_at)}};
  if (const auto& plan = view.settings.schedule) out.add("schedule", schedule_json(*plan));
  if (!view.codes.empty())
    out.add("codes", JsonArray::of(view.codes, [](const JoinCode& code) {
              return Json(
                  JsonObject{{"id", code.id}, {"role", code.role}, {"usesLeft", code.uses_left}, {"until", iso8601(code.until)}});
            }));
  if (!view.bans.empty())
    out.add("bans", JsonArray::of(view.bans, [](const Ban& ban) {
              JsonObject row{{"user", ban.user}, {"by", ban.by}};
              if (ban.until) row.add("until", iso8601(*ban.until));
              return Json(row);
            }));
  if (room.outcome) out.add("outcome", name(*room.outcome));
  if (room.end_cause) out.add("endCause", name(*room.end_cause));
  if (room.ended_at) out.add("endedAt", iso8601(*room.ended_at));
  return out;
}

Args room_event(const Told& told) {
  JsonObject out{{"callId", told.call.id},
                 {"version", told.event.version},
                 {"at", iso8601(told.event.at)},
                 {"topic", name(told.event.body)}};
  if (is_for_few(told.event.body)) return {out};
  const std::string body = store_detail::encode_body(told.event.body);
  return {out.add("event", JsonView::trusted(body, {}))};
}

}  // namespace zegocall
