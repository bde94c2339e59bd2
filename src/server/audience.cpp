#include <array>
#include <mutex>
#include <span>

#include "base/ask_time.hpp"
#include "server/ask_state.hpp"
#include "server/loop_host.hpp"
#include "server/server.hpp"
#include "signaling/wire/reserved_names.hpp"
#include "zegocall/base/text.hpp"
#include "zegocall/hub.hpp"

namespace zegocall {
namespace server_detail {

/// The core's words for an Audience, valid as long as both.
class Names {
 public:
  void add(std::string_view name) {
    if (count_ < few_.size() && many_.empty()) {
      few_[count_++] = name;
      return;
    }
    if (many_.empty()) many_.assign(few_.begin(), few_.end());
    many_.push_back(name);
  }
  std::span<const std::string_view> span() const {
    return many_.empty() ? std::span<const std::string_view>(few_.data(), count_) : std::span<const std::string_view>(many_);
  }

 private:
  std::array<std::string_view, 4> few_{};
  std::size_t count_ = 0;
  std::vector<std::string_view> many_;
};

struct AudienceAccess {
  using Which = Audience::Which;

  /// The name of a ConnectionId is short enough for the stack, and for the id: nothing is allocated.
  static GroupId own_group(const ConnectionId& connection) {
    std::array<char, 64> text{hub_detail::connection_mark};
    const std::string_view id = connection.view();
    if (id.size() >= text.size()) return GroupId(std::string_view(hub_detail::connection_group(id)));
    id.copy(text.data() + 1, id.size());
    return GroupId(std::string_view(text.data(), 1 + id.size()));
  }

  static Audience everyone(Server& server, std::uint16_t ns, std::shared_ptr<const std::string> space) {
    Audience out;
    out.server_ = server.weak_from_this();
    out.namespace_ = ns;
    out.space_ = std::move(space);
    return out;
  }
  static Audience nobody(Server& server, std::string_view name) {
    Audience out = everyone(server, 0, std::make_shared<const std::string>(name));
    out.local_ = true;
    return out;
  }
  static Audience all_but(Server& server, const ConnectionInfo& who) {
    Audience out = everyone(server, who.ns, who.space);
    out.which_ = Which::all_but_one;
    out.loop_ = who.loop, out.index_ = who.handle.index, out.generation_ = who.handle.generation;
    return out;
  }
  static Audience one(Server& server, const ConnectionInfo& who) {
    Audience out = all_but(server, who);
    out.which_ = Which::one;
    out.group_ = own_group(who.id);
    out.narrowed_ = true;
    return out;
  }
  static void add_group(Audience& audience, GroupId group) {
    if (audience.which_ == Which::one) audience.which_ = Which::groups;
    if (audience.narrowed_)
      audience.more_groups_.push_back(std::move(group));
    else
      audience.group_ = std::move(group);
    audience.narrowed_ = true;
  }
  static void add_exception(Audience& audience, GroupId group) {
    if (audience.which_ == Which::one) audience.which_ = Which::groups;
    audience.except_.push_back(std::move(group));
  }
  static std::shared_ptr<Server> server(const Audience& audience) { return audience.server_.lock(); }
  static bool is_one(const Audience& audience) { return audience.which_ == Which::one; }
  static bool droppable(const Audience& audience) { return audience.droppable_; }
  static hub_detail::Connection handle(const Audience& audience) { return {audience.index_, audience.generation_}; }

  static void names(const Audience& audience, Names& to, Names& except) {
    if (audience.narrowed_) to.add(audience.group_.view());
    for (const GroupId& group : audience.more_groups_) to.add(group.view());
    for (const GroupId& group : audience.except_) except.add(group.view());
  }
  static std::string_view own_group(const Audience& audience) { return audience.group_.view(); }
  /// The namespace's number on a loop; that of one with a pattern is the loop's own, and it may be gone.
  static std::optional<hub_detail::NamespaceIndex> index(const Audience& audience, LoopHost& host) {
    if (!audience.space_) return audience.namespace_;
    return host.core().find_namespace(*audience.space_);
  }
  static std::string_view ns(const Audience& audience, Server& server) {
    return audience.space_ ? std::string_view(*audience.space_) : std::string_view(server.namespaces()[audience.namespace_].name);
  }

  static void tell_others(const Audience& audience, const BusCall& call) {
    if (const auto at = audience.server_.lock()) tell_others(audience, *at, call);
  }
  /// Says in a message for the other hubs whom it concerns. `to` and `except` must outlive it.
  static void aim(const Audience& audience, Server& server, BusCall& call, Names& to, Names& except) {
    names(audience, to, except);
    call.ns = ns(audience, server);
    call.to = to.span();
    call.except = except.span();
    call.droppable = audience.droppable_;
  }
  /// Tells the other hubs on the bus, if there are any that it may concern; inside a service handler with its group. One
  /// connection is of this hub, so that nobody else has it.
  static void tell_others(const Audience& audience, Server& server, BusCall call) {
    BusLink* link = server.bus_link();
    if (!link || audience.local_ || audience.which_ == Which::one) return;
    Names to, except;
    aim(audience, server, call, to, except);
    if (Outbox* effects = server.service().effects_here()) return effects->on_loop(0, link->later(call));
    if (auto told = link->publish(call); !told)
      server.log()(LogLevel::warning, "the bus did not take a message: " + to_string(told.error()));
  }

  /// `act(core target)` or `act_one(connection)` on one loop.
  template <class One, class Many>
  static void resolve(const Audience& audience, LoopHost& host, One act_one, Many act_many, std::uint64_t event = 0) {
    if (audience.which_ == Which::one) {
      if (host.number() == audience.loop_) act_one(handle(audience));
      return;
    }
    const auto at = index(audience, host);
    if (!at) return;
    Names to, except;
    names(audience, to, except);
    hub_detail::Target target{.ns = *at, .to = to.span(), .except = except.span(), .event = event};
    if (audience.which_ == Which::all_but_one && host.number() == audience.loop_) target.but = handle(audience);
    target.droppable = audience.droppable_;
    act_many(target);
  }

  /// Runs `act` on the loops that the audience is on: here and now if that is all of them and nothing is to be waited for.
  static void dispatch(const Audience& audience, std::function<void(LoopHost&)> act) {
    const auto server = audience.server_.lock();
    if (!server) return;
    if (audience.which_ == Which::one)
      server->on_loop(audience.loop_, std::move(act));
    else
      server->on_each_loop(std::move(act));
  }
  /// Tells what is wrong with a question where its answer would have come.
  static void refuse(Server& server, std::function<void(Answers)> done, Error why) {
    server.on_loop(0, [done = std::move(done), why = std::move(why)](LoopHost& host) {
      host.call_back([&] { done({.all = unexpected(why), .came = {}}); });
    });
  }
  /// The bus, if there are other hubs on it that a question may concern.
  static BusLink* others(const Audience& audience, Server& server) {
    BusLink* const link = audience.local_ || audience.which_ == Which::one ? nullptr : server.bus_link();
    return link && !link->alone() ? link : nullptr;
  }
  static void ask_others(const Audience& audience, Server& server, BusLink& link, BusCall call, std::shared_ptr<AskState> state) {
    Names to, except;
    aim(audience, server, call, to, except);
    link.ask(call, std::move(state));
  }
  /// The loop on which we are, if it is all that the audience needs: then nothing is copied.
  static LoopHost* only_here(const Audience& audience, const std::shared_ptr<Server>& server) {
    LoopHost* here = server->here();
    if (!here) return nullptr;
    return server->loops() == 1 || (audience.which_ == Which::one && audience.loop_ == here->number()) ? here : nullptr;
  }
};

Audience everyone_in(Server& server, std::uint16_t ns, std::shared_ptr<const std::string> space) {
  return AudienceAccess::everyone(server, ns, std::move(space));
}

Audience nobody_in(Server& server, std::string_view name) { return AudienceAccess::nobody(server, name); }

namespace {

/// What is posted to a loop that has stopped is destroyed instead: then its drop() is called, so that whoever waits is told.
template <class T>
std::shared_ptr<T> shared_till_stop(std::weak_ptr<Server> of, std::unique_ptr<T> made) {
  return {made.release(), [of = std::move(of)](T* it) {
            const std::unique_ptr<T> own(it);
            const auto server = of.lock();
            if (!server || server->stopping()) own->drop();
          }};
}

/// Who is where, loop by loop.
struct Gathered {
  Gathered(unsigned loops, std::function<void(std::vector<Member>)> whose) : loops_left(loops), done(std::move(whose)) {}
  void drop() noexcept {
    if (loops_left == 0) return;
    try {
      done(std::move(members));
    } catch (...) {
    }
  }
  std::mutex mutex;
  std::vector<Member> members;
  unsigned loops_left;
  std::function<void(std::vector<Member>)> done;
};

/// A connection whose link is lost may come back for what is said to it meanwhile, on any loop: it is known by its id.
void emit_to_one(LoopHost& host, const Audience& audience, hub_detail::Connection one, std::string_view event,
                 const ArgsView& args) {
  const bool droppable = AudienceAccess::droppable(audience);
  if (droppable || !host.recovers() || host.core().alive(one)) return host.core().emit(one, event, args, droppable, host.now());
  const auto say = [audience](LoopHost& on, std::string_view name, const ArgsView& what, std::uint64_t number) {
    const std::string_view id = AudienceAccess::own_group(audience);
    if (const auto ns = AudienceAccess::index(audience, on))
      on.core().emit(hub_detail::Target{.ns = *ns, .to = {&id, 1}, .event = number}, name, what, on.now());
  };
  const auto server = AudienceAccess::server(audience);
  if (server->loops() == 1) return say(host, event, args, 0);
  server->on_each_loop([say, name = std::string(event), copy = Args::copy_of(args), number = server->next_event()](LoopHost& on) {
    say(on, name, copy.view(), number);
  });
}

void emit_on(LoopHost& host, const Audience& audience, std::string_view event, const ArgsView& args, std::uint64_t number) {
  AudienceAccess::resolve(
      audience, host, [&](hub_detail::Connection one) { emit_to_one(host, audience, one, event, args); },
      [&](const hub_detail::Target& target) { host.core().emit(target, event, args, host.now()); }, number);
}

void join_on(LoopHost& host, const Audience& audience, std::string_view group) {
  const std::uint64_t before = host.hub_counters().limit_groups;
  AudienceAccess::resolve(
      audience, host, [&](hub_detail::Connection one) { (void)host.core().join(one, group); },
      [&](const hub_detail::Target& target) { host.core().join(target, group); });
  host.tell_left_out(group, host.hub_counters().limit_groups - before);
}

}  // namespace
}  // namespace server_detail

using server_detail::AudienceAccess;
using server_detail::LoopHost;

Audience Audience::to(const GroupId& group) const {
  Audience out = *this;
  AudienceAccess::add_group(out, group);
  return out;
}
Audience Audience::to(const ConnectionId& connection) const { return to(AudienceAccess::own_group(connection)); }

Audience Audience::user(const UserId& user) const {
  Audience out = *this;
  std::array<char, 64> text{'u', 's', 'e', 'r', '_'};  // most ids fit, and then nothing is allocated
  const std::string_view id = user.view();
  if (id.size() > text.size() - 5) return to(GroupId(std::string_view(hub_detail::user_group(user))));
  id.copy(text.data() + 5, id.size());
  AudienceAccess::add_group(out, GroupId(std::string_view(text.data(), 5 + id.size())));
  return out;
}

Audience Audience::except(const GroupId& group) const {
  Audience out = *this;
  AudienceAccess::add_exception(out, group);
  return out;
}
Audience Audience::except(const ConnectionId& connection) const { return except(AudienceAccess::own_group(connection)); }

Audience Audience::droppable() const {
  Audience out = *this;
  out.droppable_ = true;
  return out;
}

Audience Audience::local() const {
  Audience out = *this;
  out.local_ = true;
  return out;
}

void Audience::relay(std::string_view event, ArgsView args) const {
  const auto server = AudienceAccess::server(*this);
  if (!server) return;
  if (auto fine = wire_detail::check_event_name(event); !fine)
    return server->log()(LogLevel::error, "not sent: " + to_string(fine.error()) + ": " + printable(event));
  AudienceAccess::tell_others(*this, *server, {.word = "emit", .event = event, .args = args});
  if (LoopHost* here = AudienceAccess::only_here(*this, server)) return server_detail::emit_on(*here, *this, event, args, 0);
  AudienceAccess::dispatch(
      *this, [self = *this, name = std::string(event), copy = Args::copy_of(args),
              number = server->next_event()](LoopHost& host) { server_detail::emit_on(host, self, name, copy.view(), number); });
}

void Audience::emit(std::string_view event, const Args& args) const { relay(event, args.view()); }

void Audience::ask(std::string_view event, const Args& args, AskOptions options,
                   std::function<void(Result<std::vector<Args>>)> done) const {
  ask(event, args, options, [done = std::move(done)](Answers answers) {
    if (!answers.all) return done(unexpected(std::move(answers.all).error()));
    std::vector<Args> out;
    for (Answer& answer : answers.came) out.push_back(std::move(answer.args));
    done(std::move(out));
  });
}

void Audience::ask(std::string_view event, const Args& args, AskOptions options, std::function<void(Answers)> done) const {
  const auto server = AudienceAccess::server(*this);
  if (!server) return done({.all = fail(ErrorCode::closed, "there is no hub"), .came = {}});
  auto fine = wire_detail::check_event_name(event);
  if (fine) fine = base_detail::check_ask(options.timeout);
  if (!fine) return AudienceAccess::refuse(*server, std::move(done), std::move(fine).error());
  const bool one = AudienceAccess::is_one(*this);
  server_detail::BusLink* const others = AudienceAccess::others(*this, *server);
  auto asked = std::make_unique<server_detail::AskState>(
      (one ? 1 : server->loops()) + (others ? 1 : 0),
      [done = std::move(done), one](const hub_detail::AskEnd& sum, std::vector<Answer> came) {
        done({server_detail::ask_verdict(sum, one), std::move(came)});
      });
  const std::shared_ptr state = server_detail::shared_till_stop(server_, std::move(asked));
  if (others)
    AudienceAccess::ask_others(*this, *server, *others,
                               {.word = "ask", .event = event, .args = args.view(), .timeout = options.timeout}, state);
  AudienceAccess::dispatch(*this, [self = *this, name = std::string(event), args, options, state](LoopHost& host) {
    bool begun = false;
    const auto begin = [&](const hub_detail::Target& target, hub_detail::Connection who) {
      begun = true;
      host.ask(target, who, name, args.view(), options.timeout, state);
    };
    AudienceAccess::resolve(
        self, host, [&](hub_detail::Connection who) { begin({}, who); },
        [&](const hub_detail::Target& target) { begin(target, {}); });
    // A namespace of a pattern, in which nobody is on this loop.
    if (!begun && state->end({})) host.call_back([&] { state->tell(); });
  });
}

Result<void> Audience::join(const GroupId& group) const {
  if (auto fine = hub_detail::check_group_name(group.view(), hub_detail::HubLimits{}.group_name_bytes); !fine) return fine;
  const auto server = AudienceAccess::server(*this);
  if (!server) return {};
  LoopHost* const here = AudienceAccess::is_one(*this) ? AudienceAccess::only_here(*this, server) : nullptr;
  if (here && !server->service().effects_here()) {
    // One that is gone meanwhile is not in the set any more.
    auto joined = here->core().join(AudienceAccess::handle(*this), group.view());
    return joined || joined.error().code == ErrorCode::closed ? Result<void>() : joined;
  }
  AudienceAccess::tell_others(*this, *server, {.word = "join", .event = group.view()});
  AudienceAccess::dispatch(*this, [self = *this, group](LoopHost& host) { server_detail::join_on(host, self, group.view()); });
  return {};
}

void Audience::leave(const GroupId& group) const {
  AudienceAccess::tell_others(*this, {.word = "leave", .event = group.view()});
  AudienceAccess::dispatch(*this, [self = *this, group](LoopHost& host) {
    AudienceAccess::resolve(
        self, host, [&](hub_detail::Connection one) { host.core().leave(one, group.view()); },
        [&](const hub_detail::Target& target) { host.core().leave(target, group.view()); });
  });
}

void Audience::disconnect(const DisconnectOptions& options) const {
  AudienceAccess::tell_others(*this, {.word = "disconnect", .whole_session = options.whole_session, .event = options.reason});
  AudienceAccess::dispatch(*this, [self = *this, options](LoopHost& host) {
    using Scope = hub_detail::HubCore::Scope;
    const Scope scope = options.whole_session ? Scope::whole_session : Scope::connection;
    AudienceAccess::resolve(
        self, host, [&](hub_detail::Connection one) { host.core().disconnect(one, scope, host.now(), options.reason); },
        [&](const hub_detail::Target& target) { host.core().disconnect(target, scope, host.now(), options.reason); });
  });
}

void Audience::fetch(std::function<void(std::vector<Member>)> done) const {
  const auto server = AudienceAccess::server(*this);
  if (!server) return done({});
  const unsigned loops = AudienceAccess::is_one(*this) ? 1 : server->loops();
  const auto gathered =
      server_detail::shared_till_stop(server_, std::make_unique<server_detail::Gathered>(loops, std::move(done)));
  AudienceAccess::dispatch(*this, [self = *this, gathered](LoopHost& host) {
    std::vector<hub_detail::Connection> found;
    AudienceAccess::resolve(
        self, host, [&](hub_detail::Connection one) { found.push_back(one); },
        [&](const hub_detail::Target& target) { host.core().members(target, found); });
    std::unique_lock lock(gathered->mutex);
    for (const hub_detail::Connection one : found) host.add_member(one, gathered->members);
    if (--gathered->loops_left > 0) return;
    lock.unlock();
    host.call_back([&] { gathered->done(std::move(gathered->members)); });
  });
}

Audience Event::sender() const { return AudienceAccess::one(state_->server, state_->who); }
Audience Event::others() const { return AudienceAccess::all_but(state_->server, state_->who); }
Audience Event::everyone() const { return AudienceAccess::everyone(state_->server, state_->who.ns, state_->who.space); }

}  // namespace zegocall
