// A call's events as messages to the host's own server.
#include "service/calls_impl.hpp"
#include "store/codec.hpp"
#include "zegocall/base/json.hpp"

namespace zegocall::service_detail {

namespace {

bool wanted(const std::vector<std::string>& topics, std::string_view word) {
  return std::any_of(topics.begin(), topics.end(), [&](const std::string& topic) { return topic == "*" || topic == word; });
}

}  // namespace

std::vector<OutboxMessage> outbox_messages(const Decided& decided, const std::vector<std::string>& topics) {
  std::vector<OutboxMessage> out;
  if (topics.empty()) return out;
  for (const CallEvent& whole : decided.events) {
    if (!wanted(topics, name(whole.body))) continue;
    // I18: the host's own server may pass on what it hears, and push where it hears device.ring.
    const auto heard = as_told(whole, decided.after);
    if (!heard) continue;
    const CallEvent& event = *heard;
    OutboxMessage message{std::string(name(event.body)), {}, event.at, event.call.str(), {}};
    message.id = event.call.str() + "-" + std::to_string(event.version.value);
    JsonObject body{{"id", message.id},        {"topic", message.topic},
                    {"call", event.call},      {"version", event.version},
                    {"at", iso8601(event.at)}, {"by", decided.by.user.empty() ? std::optional<UserId>() : decided.by.user}};
    const std::string told = store_detail::encode_event(event);
    // An event too big for a message is told by its version: the receiver asks for the call.
    if (told.size() < StoreLimits::outbox_bytes_max / 2)
      body.add("event", JsonView::trusted(told, {}));
    else
      body.add("too_big", true);
    message.body = std::move(body).text();
    out.push_back(std::move(message));
  }
  return out;
}

}  // namespace zegocall::service_detail
