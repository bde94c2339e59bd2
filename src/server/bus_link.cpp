#include "server/bus_link.hpp"

#include "server/loop_host.hpp"
#include "server/server.hpp"
#include "signaling/wire/engine_packet.hpp"
#include "zegocall/base/ids.hpp"

namespace zegocall::server_detail {

namespace {

constexpr std::string_view channel = "zegocall.hub";
constexpr JsonLimits message_limits{.bytes_max = std::size_t{64} << 20, .depth_max = 512, .lone_surrogates = true};

JsonArray texts(std::span<const std::string_view> all) {
  JsonArray out;
  for (const std::string_view one : all) out.add(one);
  return out;
}

/// What a message said, in our own memory: it is done later, on a loop.
struct Heard {
  std::string word, ns, event;
  std::vector<std::string> to, except, parts;
  bool droppable = false, whole_session = false;
  std::uint64_t number = 0;  ///< as Target::event
  Json args;                 ///< an array, its attachments still placeholders
};

Result<Heard> read(JsonView message) {
  auto in =
      message.get<std::string, std::string, std::string, std::vector<std::string>, std::vector<std::string>, bool, bool, Json,
                  std::vector<std::string>>("word", "ns", "event", "to", "except", "droppable", "whole", "args", "parts");
  if (!in) return unexpected(in.error());
  auto& [word, ns, event, to, except, droppable, whole, args, parts] = *in;
  Heard out{word, ns, event, to, except, {}, droppable, whole, 0, args};
  for (const std::string& part : parts)
    if (!wire_detail::decode_base64(part, out.parts.emplace_back())) return fail(ErrorCode::protocol, "a part is not base64");
  return out;
}

/// Does what was said, on one loop.
void act(LoopHost& host, const Heard& heard) {
  const auto ns = host.core().find_namespace(heard.ns);
  if (!ns) return;
  const std::vector<std::string_view> to(heard.to.begin(), heard.to.end()), except(heard.except.begin(), heard.except.end());
  const hub_detail::Target target{.ns = *ns, .to = to, .except = except, .droppable = heard.droppable, .event = heard.number};
  if (heard.word == "emit") {
    const auto args = heard.args.view().with_attachments(heard.parts);
    if (args) host.core().emit(target, heard.event, ArgsView(*args), host.now());
  } else if (heard.word == "join") {
    const std::uint64_t before = host.hub_counters().limit_groups;
    host.core().join(target, heard.event);
    host.tell_left_out(heard.event, host.hub_counters().limit_groups - before);
  } else if (heard.word == "leave") {
    host.core().leave(target, heard.event);
  } else if (heard.word == "disconnect") {
    using Scope = hub_detail::HubCore::Scope;
    host.core().disconnect(target, heard.whole_session ? Scope::whole_session : Scope::connection, host.now(), heard.event);
  }
}

}  // namespace

BusLink::BusLink(Server& server, Bus& bus)
    : server_(server), bus_(bus), own_name_(make_id_text(system_now().wall, system_bytes())) {}
BusLink::~BusLink() = default;

Result<std::unique_ptr<BusLink>> BusLink::open(Server& server, Bus& bus) {
  std::unique_ptr<BusLink> link(new BusLink(server, bus));
  auto subscription =
      bus.subscribe(channel, [self = link.get()](std::string_view, std::string_view message) { self->on_message(message); });
  if (!subscription) return unexpected(std::move(subscription).error());
  link->subscription_ = *std::move(subscription);
  return link;
}

Result<void> BusLink::publish(const BusCall& call) { return bus_.publish(channel, written(call)); }

std::function<void(unsigned loop)> BusLink::later(const BusCall& call) {
  return [this, message = written(call)](unsigned) { send(message); };
}

void BusLink::send(const std::string& message) {
  if (auto told = bus_.publish(channel, message); !told)
    server_.log()(LogLevel::warning, "the bus did not take a message: " + to_string(told.error()));
}

std::string BusLink::written(const BusCall& call) const {
  JsonArray args, parts;
  for (const JsonView value : call.args.elements()) args.add(value);
  for (const std::string& part : args.attachments()) {
    std::string text;
    wire_detail::append_base64(text, part);
    parts.add(text);
  }
  JsonObject message{{"from", own_name_}, {"word", call.word}, {"ns", call.ns}, {"event", call.event}};
  message.add("to", texts(call.to)).add("except", texts(call.except));
  message.add("droppable", call.droppable).add("whole", call.whole_session);
  // The placeholders go as plain text: the parts have a member of their own.
  message.add("args", JsonView::trusted(args.text())).add("parts", parts);
  return std::move(message).text();
}

void BusLink::on_message(std::string_view message) {
  const auto json = JsonView::check(message, message_limits);
  if (!json || json->get<std::string>("from").value_or("") == own_name_) return;
  auto heard = json->kind() == JsonKind::object ? read(*json) : fail(ErrorCode::protocol, "not an object");
  if (!heard) return server_.log()(LogLevel::warning, "a message on the bus is not ours: " + to_string(heard.error()));
  heard->number = server_.next_event();
  const auto said = std::make_shared<const Heard>(*std::move(heard));
  if (said->word != "server") return server_.post_to_all([said](LoopHost& host) { act(host, *said); });
  for (const NamespaceParts& ns : server_.namespaces()) {
    const auto rule = ns.server_rules.find(said->event);
    if (ns.name != said->ns || rule == ns.server_rules.end()) continue;
    (void)server_.insist([&handler = rule->second, said] {
      const auto args = said->args.view().with_attachments(said->parts);
      if (args) handler(ArgsView(*args));
    });
  }
}

}  // namespace zegocall::server_detail
