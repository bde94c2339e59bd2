#include "zegocall/service/door.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/address_key.hpp"
#include "service/digest.hpp"
#include "service/throttle.hpp"

namespace zegocall {

using service_detail::Throttle;

namespace {

constexpr std::string_view letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";  // 32: without 0, 1, I and O
constexpr std::size_t code_letters = 12;                                  // 60 bits
constexpr std::size_t code_text_max = 64;

/// Codes are random, so a plain digest is enough.
std::string digest_of_code(std::string_view text) { return service_detail::digest_of("zegocall join code", text); }

/// As it was made: capitals, without the spaces and dashes that people type.
std::string as_made(std::string_view typed) {
  std::string text;
  for (const char c : typed.substr(0, code_text_max)) {
    if (c == ' ' || c == '-') continue;
    text.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return text;
}

using base_detail::address_key;
using base_detail::characters;

std::string key_of(const DoorVisit& visit) {
  return std::to_string(visit.call.view().size()) + ":" + visit.call.str() + visit.user.str();
}

}  // namespace

struct Door::Impl {
  Store& store;
  PasswordHasher& hasher;
  ByteSource& bytes;
  Throttle users, addresses;

  /// How long the person or the address has to wait; nothing: neither has.
  std::optional<std::chrono::milliseconds> wait(const DoorVisit& visit, Now now) const {
    auto longest = users.wait(key_of(visit), now.steady);
    if (visit.address.empty()) return longest;
    const auto address = addresses.wait(address_key(visit.address), now.steady);
    return longest && address ? std::max(longest, address) : longest ? longest : address;
  }
  void wrong(const DoorVisit& visit, Now now) {
    users.hit(key_of(visit), now.steady);
    if (!visit.address.empty()) addresses.hit(address_key(visit.address), now.steady);
  }
};

Door::Door(Store& store, PasswordHasher& hasher, ByteSource& bytes, DoorOptions options)
    : impl_(std::make_unique<Impl>(Impl{
          store, hasher, bytes, Throttle(std::max<std::uint32_t>(options.wrong_per_user, 1), options.window, options.tracked_max),
          Throttle(std::max<std::uint32_t>(options.wrong_per_address, 1), options.window, options.tracked_max)})) {}
Door::Door(Door&&) noexcept = default;
Door& Door::operator=(Door&&) noexcept = default;
Door::~Door() = default;

Result<std::string> Door::hash(const Secret& passcode) const {
  if (passcode.empty()) return fail_field(ErrorCode::missing_field, "passcode", "is required");
  if (characters(passcode.reveal()) < passcode_characters_min)
    return fail_field(ErrorCode::out_of_range, "passcode", "at least 4 characters");
  if (passcode.size() > passcode_bytes_max) return fail_field(ErrorCode::out_of_range, "passcode", "at most 128 bytes");
  return impl_->hasher.hash(passcode);
}

NewJoinCode Door::new_code(UnixTime now) {
  NewJoinCode code{make_id<JoinCodeId>(now, impl_->bytes), {}, {}};
  std::array<std::byte, code_letters> dice{};
  impl_->bytes.fill(dice);
  for (const std::byte one : dice) code.text.push_back(letters[std::to_integer<std::size_t>(one) % letters.size()]);
  code.digest = digest_of_code(code.text);
  return code;
}

Result<DoorTicket> Door::begin(DoorVisit visit, Now now) {
  DoorTicket ticket{std::move(visit), {}, {}, {}};
  EntryFacts& facts = ticket.facts;
  const DoorVisit& who = ticket.visit;
  facts.code_given = !who.code_text.empty();
  if (!who.passcode_given && !facts.code_given) return ticket;
  if (const auto wait = impl_->wait(who, now)) {
    facts.passcode = PasscodeCheck::throttled;
    ticket.wait = *wait;
    return ticket;
  }
  if (facts.code_given) {
    auto code = impl_->store.join_code(digest_of_code(as_made(who.code_text)));
    if (!code) return unexpected(std::move(code).error());
    const bool good = *code && (*code)->call == who.call && now.wall < (*code)->expires;
    if (good)
      facts.code = JoinCodeId(std::string_view((*code)->code));
    else
      impl_->wrong(who, now);
  }
  if (!who.passcode_given) return ticket;
  auto passcode = impl_->store.passcode(who.call);
  if (!passcode) return unexpected(std::move(passcode).error());
  if (!*passcode || (*passcode)->hash.empty()) return ticket;  // the room has none: nothing is compared, nobody is wrong
  ticket.hash = (*passcode)->hash;
  facts.stamp = PasscodeStamp((*passcode)->stamp);
  // Counted before the answer is known: many at once must not get more tries than one after the other.
  impl_->wrong(who, now);
  return ticket;
}

PasscodeCheck Door::check(const DoorTicket& ticket, const Secret& passcode) const {
  if (ticket.hash.empty()) return ticket.facts.passcode;
  const bool right = passcode.size() <= passcode_bytes_max && impl_->hasher.verify(passcode, ticket.hash);
  return right ? PasscodeCheck::right : PasscodeCheck::wrong;
}

EntryFacts Door::end(const DoorTicket& ticket, PasscodeCheck check) {
  EntryFacts facts = ticket.facts;
  facts.passcode = check;
  if (check == PasscodeCheck::right) {
    impl_->users.forget(key_of(ticket.visit));
    if (!ticket.visit.address.empty()) impl_->addresses.take_back(address_key(ticket.visit.address));
  }
  return facts;
}

}  // namespace zegocall
