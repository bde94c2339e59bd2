#include "server/bus_link.hpp"

#include "server/loop_host.hpp"
#include "server/server.hpp"
#include "signaling/wire/engine_packet.hpp"
#include "zegocall/base/ids.hpp"

namespace zegocall::server_detail {

namespace {

constexpr std::string_view channel = "zegocall.hub";
/// What only one hub is to hear.
std::string channel_of(std::string_view hub) { return std::string(channel).append(".").append(hub); }
constexpr JsonLimits message_limits{.bytes_max = std::size_t{64} << 20, .depth_max = 512, .lone_surrogates = true};

JsonArray texts(std::span<const std::string_view> all) {
  JsonArray out;
  for (const std::string_view one : all) out.add(one);
  return out;
}

}  // namespace

/// What a message said, in our own memory: it is done later, on a loop.
struct Heard {
  std::string word, ns, event;
  std::vector<std::string> to, except, parts;
  bool droppable = false, whole_session = false;
  std::uint64_t number = 0;  ///< as Target::event
  Json args;                 ///< an array, its attachments still placeholders
  std::chrono::milliseconds timeout{0};
  std::uint64_t ask = 0;
};

namespace {

/// Attachments of a message, which stands in text.
Result<std::vector<std::string>> read_parts(const std::vector<std::string>& texts_of_parts) {
  std::vector<std::string> out;
  for (const std::string& part : texts_of_parts)
    if (!wire_detail::decode_base64(part, out.emplace_back())) return fail(ErrorCode::protocol, "a part is not base64");
  return out;
}

/// Adds the members "args" and "parts". The placeholders go as plain text: the parts have a member of their own.
void add_args(JsonObject& message, const ArgsView& view) {
  JsonArray args, parts;
  for (const JsonView value : view.elements()) args.add(value);
  for (const std::string& part : args.attachments()) {
    std::string text;
    wire_detail::append_base64(text, part);
    parts.add(text);
  }
  message.add("args", JsonView::trusted(args.text())).add("parts", parts);
}

Result<Heard> read(JsonView message) {
  auto in =
      message.get<std::string, std::string, std::string, std::vector<std::string>, std::vector<std::string>, bool, bool, Json,
                  std::vector<std::string>>("word", "ns", "event", "to", "except", "droppable", "whole", "args", "parts");
  if (!in) return unexpected(in.error());
  auto& [word, ns, event, to, except, droppable, whole, args, parts] = *in;
  auto bytes = read_parts(parts);
  if (!bytes) return unexpected(std::move(bytes).error());
  Heard out{word, ns, event, to, except, *std::move(bytes), droppable, whole, 0, args, {}, 0};
  if (word != "ask") return out;
  const auto ask = message.get<std::int64_t, std::uint64_t>("timeout", "ask");
  if (!ask) return unexpected(ask.error());
  out.timeout = std::chrono::milliseconds(std::get<0>(*ask));
  out.ask = std::get<1>(*ask);
  return out;
}

/// Asks for another hub, on one loop.
void ask_here(LoopHost& host, const Heard& heard, const std::shared_ptr<AskState>& state) {
  const auto ns = host.core().find_namespace(heard.ns);
  const auto args = heard.args.view().with_attachments(heard.parts);
  if (!ns || !args) {
    if (state->end({})) host.call_back([&] { state->tell(); });
    return;
  }
  const std::vector<std::string_view> to(heard.to.begin(), heard.to.end()), except(heard.except.begin(), heard.except.end());
  const hub_detail::Target target{.ns = *ns, .to = to, .except = except, .droppable = heard.droppable};
  host.ask(target, {}, heard.event, ArgsView(*args), heard.timeout, state);
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
BusLink::~BusLink() { close(); }

Result<std::unique_ptr<BusLink>> BusLink::open(Server& server, Bus& bus) {
  std::unique_ptr<BusLink> link(new BusLink(server, bus));
  const auto hear = [self = link.get()](std::string_view, std::string_view message) { self->on_message(message); };
  auto own = bus.subscribe(channel_of(link->own_name_), hear);
  if (!own) return unexpected(std::move(own).error());
  link->own_subscription_ = *std::move(own);
  auto subscription = bus.subscribe(channel, hear);
  if (!subscription) return unexpected(std::move(subscription).error());
  link->subscription_ = *std::move(subscription);
  link->tell({}, JsonObject{{"word", "hello"}});
  return link;
}

void BusLink::close() {
  if (subscription_) tell({}, JsonObject{{"word", "bye"}});
  subscription_.reset();
  own_subscription_.reset();
}

void BusLink::tell(const std::string& peer, JsonObject message) {
  message.add("from", own_name_);
  if (auto told = bus_.publish(peer.empty() ? std::string(channel) : channel_of(peer), message.text()); !told)
    server_.log()(LogLevel::warning, "the bus did not take a message: " + to_string(told.error()));
}

void BusLink::ask(BusCall call, std::shared_ptr<AskState> state) {
  call.ask = ++last_ask_;
  server_.on_loop(
      0, [this, number = call.ask, timeout = call.timeout, state = std::move(state), message = written(call)](LoopHost& host) {
        if (asks_.open(number, state, timeout, host)) send(message);
      });
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
  JsonObject message{{"from", own_name_}, {"word", call.word}, {"ns", call.ns}, {"event", call.event}};
  message.add("to", texts(call.to)).add("except", texts(call.except));
  message.add("droppable", call.droppable).add("whole", call.whole_session);
  if (call.ask != 0) message.add("ask", call.ask).add("timeout", std::int64_t{call.timeout.count()});
  add_args(message, call.args);
  return std::move(message).text();
}

/// Who is there, and what came of our questions. False: it is something else.
bool BusLink::on_peer(std::string_view word, const std::string& from, JsonView message) {
  if (word == "hello" || word == "here") {
    peers_.heard(from, server_.clock().now().steady);
    if (word == "hello") tell(from, JsonObject{{"word", "here"}});
  } else if (word == "bye") {
    peers_.gone(from);
    server_.in_order(0, [this, from](LoopHost& host) { asks_.gone(from, host); });
  } else if (word == "answer") {
    const auto in = message.get<std::uint64_t, std::string, Json, std::vector<std::string>>("ask", "connection", "args", "parts");
    if (!in) return false;
    server_.in_order(0, [this, from, said = *in](LoopHost&) {
      const auto& [number, connection, args, texts_of_parts] = said;
      const auto parts = read_parts(texts_of_parts);
      if (!parts) return;
      const auto whole = args.view().with_attachments(*parts);
      if (whole) asks_.answer(number, from, ConnectionId(connection), ArgsView(*whole));
    });
  } else if (word == "through") {
    const auto in = message.get<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>("ask", "asked", "answered", "lost");
    if (!in) return false;
    server_.in_order(0, [this, from, said = *in](LoopHost& host) {
      const auto& [number, asked, answered, lost] = said;
      asks_.through(number, from, {asked, answered, lost}, host);
    });
  } else {
    return false;
  }
  return true;
}

void BusLink::on_question(const std::string& from, const std::shared_ptr<const Heard>& said) {
  peers_.heard(from, server_.clock().now().steady);
  tell(from, JsonObject{{"word", "here"}});  // this hub lives, however long its connections take
  const auto state = std::make_shared<AskState>(
      server_.loops(),
      [this, from, number = said->ask](const hub_detail::AskEnd& sum, const std::vector<Answer>&) {
        JsonObject message{{"word", "through"}, {"ask", number}};
        message.add("asked", sum.asked).add("answered", sum.answered).add("lost", sum.lost);
        tell(from, std::move(message));
      },
      [this, from, number = said->ask](const ConnectionId& connection, const ArgsView& answer) {
        JsonObject message{{"word", "answer"}, {"ask", number}, {"connection", connection.view()}};
        add_args(message, answer);
        tell(from, std::move(message));
      });
  server_.post_to_all([said, state](LoopHost& host) { ask_here(host, *said, state); });
}

void BusLink::on_message(std::string_view message) {
  const auto json = JsonView::check(message, message_limits);
  if (!json) return;
  const std::string from = json->get<std::string>("from").value_or("");
  if (from == own_name_ || on_peer(json->get<std::string>("word").value_or(""), from, *json)) return;
  auto heard = json->kind() == JsonKind::object ? read(*json) : fail(ErrorCode::protocol, "not an object");
  if (!heard) return server_.log()(LogLevel::warning, "a message on the bus is not ours: " + to_string(heard.error()));
  heard->number = server_.next_event();
  const auto said = std::make_shared<const Heard>(*std::move(heard));
  if (said->word == "ask") return on_question(from, said);
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
