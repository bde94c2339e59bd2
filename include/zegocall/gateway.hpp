// Between a wire and the calls: a Dialect is a table of one wire's words, a Gateway speaks it.
//
//   CallService calls(store, system_bytes(), {.policy = {.ring = 60s}});
//   Gateway gateway(calls, ring_dialect());
//   gateway.attach(ns);                      // the table's words, the relays, devices on and off line
//   auto hub = Hub::open({.port = 3000}, {.namespaces = {ns}, .http = http, .driven = {&gateway}});
//
// A command from a route and one from a socket go the same way and are told in the same words, after the commit.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "zegocall/hub.hpp"
#include "zegocall/service.hpp"

namespace zegocall {

// ---- a dialect ------------------------------------------------------------------------------------------------------

/// A word that a client says, as a command on a call.
struct Hear {
  std::string word{};
  std::string call{};                                      ///< where the call's id is: "0.callId"
  std::function<Result<CommandBody>(const Args&)> read{};  ///< command<Accept>, or a function that looks at the arguments
};
/// The reader of a command that takes nothing from the arguments.
template <class Body>
Result<CommandBody> command(const Args&) {
  return CommandBody(Body{});
}

/// What a relayed word does beside being relayed. joins: the first one that either side of an answered call says puts
/// both into the call (Join).
enum class RelayEffect : unsigned char { none, joins };

/// A word that goes from one person of a live call to the other as it came, with the sender's id added.
struct Relay {
  std::string word{};
  std::string call{};  ///< where the call's id is
  std::string to{};    ///< where the addressed person's id is
  std::string from{};  ///< member of the first argument that takes the sender's id; what a sender put there is replaced
  RelayEffect effect = RelayEffect::none;
};
/// More bytes of arguments than this are refused with payload_too_large.
inline constexpr std::size_t relay_bytes_max = std::size_t{256} * 1024;

/// Whom an event is told. subject: the device that a device event names, the person that a leg event names. others:
/// everybody in the call but the subject; an event without one (call.active) has who acted for it, and if nobody did it is
/// told to everyone. caller: who began the call; of device.ring they hear once for each person and attempt, without the
/// device, and of a ring that goes to nobody as of any other (I18): attempt 2 says that nobody has been reached yet.
enum class To : unsigned char { subject, others, everyone, caller, callees };

/// An event with what stands around it.
struct Told {
  const CallEvent& event;
  const CallView& call;  ///< right after the command
  const Actor& by;       ///< who acted; nobody: a timer, a start
};

/// How one kind of event is said. Made by say<Body>.
struct Say {
  std::string word{};
  To to = To::everyone;
  std::size_t kind = 0;                                     ///< index of the body within EventBody
  std::function<std::optional<Args>(const Told&)> shape{};  ///< nothing: this one is not said
};

namespace gateway_detail {
template <class Body, std::size_t I = 0>
constexpr std::size_t kind_of() {
  static_assert(I < std::variant_size_v<EventBody>, "not the body of a call's event");
  if constexpr (std::is_same_v<Body, std::variant_alternative_t<I, EventBody>>)
    return I;
  else
    return kind_of<Body, I + 1>();
}
struct CoreWithVoice;
}  // namespace gateway_detail

/// `shape` takes (const Body&, const CallView&) or (const Body&, const Told&), and gives Args or std::optional<Args>.
/// It runs on the service thread and may use stores.
template <class Body, class Shape>
Say say(std::string word, To to, Shape shape) {
  return {std::move(word), to, gateway_detail::kind_of<Body>(),
          [shape = std::move(shape)](const Told& told) -> std::optional<Args> {
            const Body& body = std::get<Body>(told.event.body);
            if constexpr (std::is_invocable_v<const Shape&, const Body&, const Told&>)
              return shape(body, told);
            else
              return shape(body, told.call);
          }};
}

/// Every kind of event in one word: `shape` takes (const Told&) and gives std::optional<Args>.
std::vector<Say> say_each(const std::string& word, To to, const std::function<std::optional<Args>(const Told&)>& shape);

/// "missed.added": how a person's devices hear that their list of missed calls has one more. Without a word they do not.
struct SayMissed {
  std::string word{};
  std::function<std::optional<Args>(const MissedCall&)> shape{};
};

/// One wire, as a value. Everything has a default: a dialect may hear, relay and say nothing.
struct Dialect {
  std::vector<Hear> hear{};
  std::vector<Relay> relay{};
  std::vector<Say> say{};  ///< said in the order of the events, then of this list
  SayMissed missed{};
  std::function<Args(const Error&)> refusal{};  ///< the acknowledgement of a refused word
  std::function<Args(const CallView&)> done{};  ///< the acknowledgement of a command that was done; else none
  /// Asked before a person's command is decided, on the service thread: a refusal is the command's answer, and nothing
  /// happens. For what who asked was true when they came, and may not be any more (an account that is gone). Not asked of
  /// devices that come and go. Nothing: everybody may act.
  std::function<Result<void>(const UserId&)> may_act{};
  /// A person's first device came or the last one went. On the service thread, within the group.
  std::function<void(const UserId&, bool online, Now)> presence{};
};

// ---- the gateway ----------------------------------------------------------------------------------------------------

/// Speaks one dialect for one CallService. Both must outlive the hub; the gateway must be among its Wiring::driven. On the
/// hub's service thread only, but for attach (before the hub opens).
///
/// It also knows which devices have a socket: the first socket of a device is its DeviceOnline, the end of the last one
/// its DeviceOffline; a ring to a device that has a socket counts as delivered; a socket that connects while its person
/// is being rung is rung too. A leg that nobody's device holds yet is bound by its person's first relayed word.
class Gateway final : public Driven {
 public:
  Gateway(CallService& calls, Dialect dialect);
  ~Gateway() override;
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  /// Puts the dialect's words, on_connect, on_disconnect and on_error into a namespace. Several are served alike.
  void attach(Namespace& ns);

  /// CallService::handle, and everybody concerned is told.
  Result<CallView> handle(const Command& command, Now now, const CommandExtras& extras = {});
  /// `by` says that the media flow: joins every leg of the call that is on its way in. Errors: those of Join for `by`.
  Result<CallView> join_all(const CallId& call, const Actor& by, Now now);
  /// Says something to everybody of a call but one person, beside the dialect.
  void tell_others(const CallView& call, const UserId& but, std::string_view word, const Args& args);
  /// Says something to everybody who is in: not to who waits, rings, or has left.
  void tell_present(const CallView& call, std::string_view word, const Args& args);
  /// Says something to all sockets of one person.
  void tell(const UserId& user, std::string_view word, const Args& args);

  // Driven: the hub calls these.
  std::optional<UnixTime> deadline() override;
  void on_deadline(Now now) override;
  Result<void> open_group() override;
  Result<void> commit_group() override;
  void abandon_group() override;

 private:
  std::unique_ptr<gateway_detail::CoreWithVoice> inside_;
};

/// Who acts, of a connection or a request.
Actor actor(const Identity& identity);

}  // namespace zegocall
