#include "zegocall/gateway/rooms.hpp"

#include <utility>

namespace zegocall {

struct Rooms::Impl {
  Gateway& gateway;
  CallService& calls;
  Door door;
  RoomChat chat;

  Result<CallView> set(const HttpRequest& request, const Command& command, const std::string& hash) {
    return request.wait_service([&] { return gateway.handle(command, request.now(), {.passcode_hash = hash}); });
  }
  /// The passcode's hash; of an empty one nothing.
  Result<std::string> hash(const Secret& passcode) const {
    return passcode.empty() ? Result<std::string>("") : door.hash(passcode);
  }
};

Result<Rooms> Rooms::open(Gateway& gateway, CallService& calls, Store& store, PasswordHasher& hasher, ByteSource& bytes,
                          RoomsOptions options) {
  auto chat = RoomChat::open(store, options.chat);
  if (!chat) return unexpected(std::move(chat).error());
  return Rooms(std::make_unique<Impl>(Impl{gateway, calls, Door(store, hasher, bytes, options.door), *std::move(chat)}));
}

Rooms::Rooms(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Rooms::Rooms(Rooms&&) noexcept = default;
Rooms& Rooms::operator=(Rooms&&) noexcept = default;
Rooms::~Rooms() = default;

// ---- the door -------------------------------------------------------------------------------------------------------

Result<CallView> Rooms::create(const HttpRequest& request, Command command, const Secret& passcode) {
  auto hash = impl_->hash(passcode);
  if (!hash) return unexpected(std::move(hash).error());
  return impl_->set(request, command, *hash);
}

Result<CallView> Rooms::set_passcode(const HttpRequest& request, Command command, const Secret& passcode) {
  command.body = SetPasscode{};
  return create(request, std::move(command), passcode);
}

Result<CallView> Rooms::enter(const HttpRequest& request, Command command, const EntryWords& words) {
  Impl& self = *impl_;
  auto ticket = request.wait_service([&] {
    return self.door.begin({.call = command.call,
                            .user = command.by.user,
                            .address = std::string(request.address()),
                            .passcode_given = !words.passcode.empty(),
                            .code_text = words.code},
                           request.now());
  });
  if (!ticket) return unexpected(std::move(ticket).error());
  const PasscodeCheck check = self.door.check(*ticket, words.passcode);
  auto room =
      request.wait_service([&] { return self.gateway.handle(command, request.now(), {.entry = self.door.end(*ticket, check)}); });
  if (room || room.error().code != ErrorCode::passcode_throttled || ticket->wait.count() == 0) return room;
  const auto wait = std::chrono::ceil<std::chrono::seconds>(ticket->wait);
  return unexpected(
      {room.error().code, room.error().field, "too many wrong tries; again in " + std::to_string(wait.count()) + " s", wait});
}

Result<GivenJoinCode> Rooms::add_code(const Command& given, const RoleName& role, std::uint32_t uses,
                                      std::chrono::seconds lifetime, Now now) {
  if (lifetime < std::chrono::seconds(1) || lifetime > code_lifetime_max)
    return fail_field(ErrorCode::out_of_range, "seconds", "1 to " + std::to_string(code_lifetime_max.count()));
  if (uses < 1) return fail_field(ErrorCode::out_of_range, "uses", "1 or more");
  const NewJoinCode code = impl_->door.new_code(now.wall);
  Command command = given;
  command.body = AddJoinCode{{code.id, role, uses, now.wall + lifetime}};
  auto room = impl_->gateway.handle(command, now, {.join_code_digest = code.digest});
  if (!room) return unexpected(std::move(room).error());
  // The first answer of a command that was repeated: of its code only a digest is kept.
  if (!room->room_view().code(code.id))
    return fail_field(ErrorCode::already_exists, "code",
                      "was made before, by the first request of this kind; its text was told then and is not kept");
  return GivenJoinCode{code.id, code.text, *std::move(room)};
}

// ---- chat -----------------------------------------------------------------------------------------------------------

Result<RoomMessage> Rooms::write(const CallId& room, const UserId& user, const std::string& text, std::string_view word, Now now,
                                 const CommandId& id) {
  auto before = impl_->chat.written(room, user, id);
  if (!before) return unexpected(std::move(before).error());
  if (*before) return **std::move(before);
  auto message = impl_->chat.write(room, user, text, now, id);
  if (!message) return message;
  auto call = impl_->calls.find(room);
  if (!call) return unexpected(std::move(call).error());
  const Json shape = message_json(*message);
  impl_->gateway.tell_present(*call, word, {JsonObject{{"callId", room}, {"message", shape}}});
  return message;
}

Result<void> Rooms::typing(const CallId& room, const UserId& user, bool on, std::string_view word, Now now) {
  auto news = on ? impl_->chat.typing(room, user, now) : Result<bool>(impl_->chat.stopped(room, user, now));
  if (!news) return unexpected(std::move(news).error());
  if (!*news) return {};
  auto call = impl_->calls.find(room);
  if (!call) return unexpected(std::move(call).error());
  impl_->gateway.tell_present(*call, word, {JsonObject{{"callId", room}, {"user", user}, {"typing", on}}});
  return {};
}

void Rooms::follow(const Told& told, std::string_view word) {
  const CallId& room = told.call.id;
  if (const auto* gone = std::get_if<LegFinal>(&told.event.body))
    if (impl_->chat.stopped(room, gone->user, {.steady = {}, .wall = told.event.at}))
      impl_->gateway.tell_present(told.call, word, {JsonObject{{"callId", room}, {"user", gone->user}, {"typing", false}}});
  if (std::holds_alternative<CallEnded>(told.event.body)) impl_->chat.forget(room);
}

RoomChat& Rooms::chat() { return impl_->chat; }

Json message_json(const RoomMessage& message) {
  return JsonObject{{"number", message.number}, {"user", message.user}, {"at", iso8601(message.at)}, {"text", message.text}};
}

}  // namespace zegocall
