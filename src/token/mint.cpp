#include "token/cipher.hpp"
#include "token/claims.hpp"
#include "token/envelope.hpp"
#include "token/ids.hpp"
#include "zegocall/token.hpp"
#include "zegocall/token/random_pool.hpp"

namespace zegocall {
namespace {

using namespace token_detail;

constexpr std::size_t nonce_size = 4;

Result<void> check(const RtcRoom& room, IdPolicy policy) {
  if (auto good = check_room(room.room.view(), policy, "payload.room"); !good) return good;
  if (!room.streams) return {};
  if (room.streams->empty())
    return fail_field(ErrorCode::out_of_range, "payload.streams", "an empty list may mean none or any: leave it unset for any");
  for (std::size_t i = 0; i < room.streams->size(); ++i) {
    const std::string_view stream = (*room.streams)[i].view();
    if (check_stream(stream, policy, {})) continue;
    return check_stream(stream, policy, "payload.streams." + std::to_string(i));
  }
  return {};
}

Result<void> check(const OwnPayload& own) {
  if (own.text.size() > token_plaintext_max)
    return fail_field(ErrorCode::out_of_range, "payload",
                      std::to_string(own.text.size()) + " bytes, a token carries at most 65519 in all");
  if (!is_utf8(own.text)) return fail_field(ErrorCode::invalid_argument, "payload", "is not UTF-8");
  return {};
}

Result<void> check(const TokenRequest& request, std::int64_t now) {
  if (now < 0 || now > unix_seconds_max - token_lifetime_max.count())
    return fail_field(ErrorCode::out_of_range, "now", std::to_string(now) + ", must be Unix seconds up to the year 9999");
  if (auto good = check_user(request.user.view(), request.ids, "user"); !good) return good;
  if (request.lifetime <= std::chrono::seconds(0) || request.lifetime > token_lifetime_max)
    return fail_field(ErrorCode::out_of_range, "lifetime",
                      std::to_string(request.lifetime.count()) + " s, must be 1 to 2073600 s (24 days)");
  const auto* const room = std::get_if<RtcRoom>(&request.payload);
  if (request.version == TokenVersion::token03 && (room == nullptr || room->streams))
    return fail_field(ErrorCode::invalid_argument, "payload", "a Token03 wants a room, and knows no list of streams");
  if (room != nullptr) return check(*room, request.ids);
  if (const auto* own = std::get_if<OwnPayload>(&request.payload)) return check(*own);
  return {};
}

// Any 32 bits, as the official generators' full range.
std::int32_t to_nonce(std::span<const std::byte, nonce_size> bytes) {
  std::uint32_t value = 0;
  for (const std::byte byte : bytes) value = value << 8 | std::to_integer<std::uint32_t>(byte);
  return static_cast<std::int32_t>(value);
}

void append_plaintext(const TokenRequest& request, ClaimsToWrite claims, Scratch& out) {
  if (request.version == TokenVersion::token03) return append_claims03(claims, std::get<RtcRoom>(request.payload), out);
  Scratch payload;
  append_payload(request.payload, payload);
  claims.payload = payload.view();
  append_claims(claims, out);
}

Error within(std::size_t number, Error error) {
  const std::string place = "requests." + std::to_string(number);
  error.field = error.field.empty() ? place : place + "." + error.field;
  return error;
}

}  // namespace

std::string_view name(TokenMode mode) {
  switch (mode) {
    case TokenMode::gcm: return "gcm";
    case TokenMode::cbc: return "cbc";
  }
  return {};
}

std::string_view name(TokenVersion version) { return version == TokenVersion::token04 ? "04" : "03"; }

TokenMinter::TokenMinter(const Keyring& keys) : keys_(&keys), pool_(std::make_shared<RandomPool>()), bytes_(pool_.get()) {}

Result<std::string> TokenMinter::mint(const TokenRequest& request, UnixTime now) const {
  const std::int64_t created = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (auto good = check(request, created); !good) return unexpected(std::move(good).error());
  const CipherKey* const key = keys_->keys().to_mint(request.app, now);
  if (key == nullptr) {
    const AppId app = request.app == AppId{} ? keys_->app() : request.app;
    return fail_field(ErrorCode::wrong_app, "app", "the keyring has no live key of app " + std::to_string(app.value));
  }

  std::array<std::byte, iv_size(TokenMode::cbc) + nonce_size> random;
  const TokenMode mode = request.version == TokenVersion::token03 ? TokenMode::cbc : request.mode;
  const std::size_t iv = iv_size(mode);
  bytes_->fill(std::span(random).first(iv + nonce_size));
  const std::int64_t expires = created + request.lifetime.count();
  Scratch plaintext;
  append_plaintext(request,
                   {.app = key->app(),
                    .user = request.user.view(),
                    .nonce = to_nonce(std::span(random).subspan(iv).first<nonce_size>()),
                    .created = created,
                    .expires = expires},
                   plaintext);
  if (plaintext.size() > token_plaintext_max)
    return fail_field(ErrorCode::out_of_range, "payload",
                      "makes a plaintext of " + std::to_string(plaintext.size()) + " bytes, must be at most 65519");
  const std::string_view iv_bytes(reinterpret_cast<const char*>(random.data()), iv);
  return seal(*key, mode, expires, iv_bytes, plaintext.view(), request.version);
}

Result<std::vector<std::string>> TokenMinter::mint_all(std::span<const TokenRequest> requests, UnixTime now) const {
  std::vector<std::string> tokens;
  tokens.reserve(requests.size());
  for (const TokenRequest& request : requests) {
    auto token = mint(request, now);
    if (!token) return unexpected(within(tokens.size(), std::move(token).error()));
    tokens.push_back(*std::move(token));
  }
  return tokens;
}

}  // namespace zegocall
