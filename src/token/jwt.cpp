#include <algorithm>
#include <cmath>

#include "token/base64.hpp"
#include "token/claims.hpp"
#include "token/hmac.hpp"
#include "token/jwt_key.hpp"
#include "zegocall/token.hpp"

namespace zegocall {
namespace {

using namespace token_detail;

constexpr std::size_t jwt_size_max = 8192;
constexpr std::chrono::seconds lifetime_max = std::chrono::hours(24 * 3650);
/// {"alg":"HS256","typ":"JWT"}: what we write, and what nearly everybody sends.
constexpr std::string_view usual_header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

Unexpected refused(std::string field, std::string detail) {
  return fail_field(ErrorCode::unauthenticated, std::move(field), std::move(detail));
}

Result<void> check_secret(const Secret& secret, const JwtOptions& options) {
  const std::size_t min = std::max<std::size_t>(options.secret_bytes_min, 1);
  // A public key is no secret: who takes one for it lets everybody sign.
  if (secret.reveal().find("-----BEGIN ") != std::string_view::npos)
    return fail_field(ErrorCode::invalid_argument, "secret", "is a PEM text: take rs256, es256 or eddsa");
  if (secret.size() >= min) return {};
  return fail_field(ErrorCode::secret_length, "secret",
                    std::to_string(secret.size()) + " bytes, must be at least " + std::to_string(min));
}

std::string_view view_of(const Signature& signature) {
  return {reinterpret_cast<const char*>(signature.data()), signature.size()};
}

struct Parts {
  std::string_view header, payload, signature, signed_text;
};

Result<Parts> split(std::string_view text) {
  if (text.empty()) return refused("", "there is no token");
  if (text.size() > jwt_size_max) return refused("", std::to_string(text.size()) + " bytes, a token has at most 8192");
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos)
    return refused("", "not three parts with points between");
  return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1),
               text.substr(0, second)};
}

Result<JsonView> read_object(std::string_view part, std::string field, Scratch& out) {
  if (decode_base64(part, Alphabet::url, out).failed) return refused(std::move(field), "is not base64url");
  auto in = JsonView::check(out.view());
  if (!in || in->kind() != JsonKind::object) return refused(std::move(field), "is not a JSON object");
  return *in;
}

Result<void> check_header(std::string_view part, std::string_view algorithm) {
  if (part == usual_header && algorithm == "HS256") return {};
  Scratch text;
  auto in = read_object(part, "header", text);
  if (!in) return unexpected(std::move(in).error());
  if (in->get<std::string>("alg").value_or("") != algorithm) return refused("header.alg", "must be " + std::string(algorithm));
  if (in->has("crit")) return refused("header.crit", "asks for extensions that are not known here");
  return {};
}

Result<bool> fits(std::string_view given, std::string_view signed_text, const HmacKey& key) {
  const auto wanted = key.sign(signed_text);
  if (!wanted) return fail(ErrorCode::internal, "libcrypto could not sign");
  return equal_constant_time(given, view_of(*wanted));
}

// RFC 7519 allows fractions of a second; they are dropped.
Result<UnixTime> read_instant(const JsonEntry& member) {
  auto seconds = member.value.get<double>();
  if (!seconds) return refused(member.key, "must be a number");
  if (!(*seconds >= 0 && *seconds <= static_cast<double>(unix_seconds_max))) return refused(member.key, "must be Unix seconds");
  return UnixTime(std::chrono::seconds(static_cast<std::int64_t>(std::floor(*seconds))));
}

struct Times {
  std::optional<UnixTime> expires{}, issued_at{}, not_before{};
};

// Where the member belongs if it is an instant, else null.
std::optional<UnixTime>* place_of(std::string_view key, Times& times) {
  if (key == "exp") return &times.expires;
  if (key == "iat") return &times.issued_at;
  return key == "nbf" ? &times.not_before : nullptr;
}

Result<void> check_times(const Times& times, std::chrono::seconds leeway, UnixTime now) {
  if (!times.expires) return refused("exp", "is missing");
  if (now >= *times.expires + leeway) return fail_field(ErrorCode::expired, "exp", "the token has ended");
  if (times.not_before && now + leeway < *times.not_before)
    return fail_field(ErrorCode::not_yet_valid, "nbf", "lies in the future");
  if (times.issued_at && now + leeway < *times.issued_at)
    return fail_field(ErrorCode::not_yet_valid, "iat", "lies in the future");
  return {};
}

bool take_user(std::string_view claim, JwtClaims& claims) {
  const auto at = std::find_if(claims.texts.begin(), claims.texts.end(), [&](const auto& text) { return text.first == claim; });
  if (at == claims.texts.end() || at->second.empty()) return false;
  claims.user = UserId(std::string_view(at->second));
  claims.texts.erase(at);
  return true;
}

Result<JwtClaims> read_jwt(JsonView in, std::chrono::seconds leeway, UnixTime now) {
  JwtClaims claims;
  Times times;
  for (const JsonEntry& member : in.members()) {
    if (auto* place = place_of(member.key, times)) {
      auto instant = read_instant(member);
      if (!instant) return unexpected(std::move(instant).error());
      *place = *instant;
    } else if (member.value.kind() == JsonKind::string) {
      if (auto text = member.value.get<std::string>()) claims.texts.emplace_back(member.key, *std::move(text));
    }
  }
  if (auto good = check_times(times, leeway, now); !good) return unexpected(std::move(good).error());
  if (!take_user("sub", claims) && !take_user("_id", claims)) return refused("sub", "names no user, nor does _id");
  claims.expires = *times.expires;
  claims.issued_at = times.issued_at;
  return claims;
}

Result<void> check_texts(const JwtRequest& request) {
  for (std::size_t i = 0; i < request.texts.size(); ++i) {
    const std::string& key = request.texts[i].first;
    const std::string& value = request.texts[i].second;
    const std::string field = "texts." + std::to_string(i);
    const bool ours = key == "iat" || key == "nbf" || key == "exp" || key == request.user_claim;
    const bool twice = std::any_of(request.texts.begin(), request.texts.begin() + static_cast<std::ptrdiff_t>(i),
                                   [&](const auto& earlier) { return earlier.first == key; });
    if (ours || twice || key.empty())
      return fail_field(ErrorCode::invalid_argument, field, "a name that is empty, taken or reserved");
    if (!is_utf8(key) || !is_utf8(value)) return fail_field(ErrorCode::invalid_argument, field, "is not UTF-8");
  }
  return {};
}

Result<void> check(const JwtRequest& request) {
  if (request.user.empty()) return fail_field(ErrorCode::invalid_argument, "user", "is empty");
  if (!is_utf8(request.user.view())) return fail_field(ErrorCode::invalid_argument, "user", "is not UTF-8");
  if (request.user_claim != "sub" && request.user_claim != "_id")
    return fail_field(ErrorCode::invalid_argument, "user_claim", "must be sub or _id");
  if (request.lifetime <= std::chrono::seconds(0) || request.lifetime > lifetime_max)
    return fail_field(ErrorCode::out_of_range, "lifetime", "must be 1 s to 3650 days");
  return check_texts(request);
}

void append_jwt_claims(const JwtRequest& request, std::int64_t issued_at, Scratch& out) {
  out.append('{');
  const auto member = [&](std::string_view key, std::string_view value) {
    append_json_string(key, out);
    out.append(':');
    append_json_string(value, out);
    out.append(',');
  };
  member(request.user_claim, request.user.view());
  for (const auto& [key, value] : request.texts) member(key, value);
  out.append(R"("iat":)");
  append_number(issued_at, out);
  out.append(R"(,"exp":)");
  append_number(issued_at + request.lifetime.count(), out);
  out.append('}');
}

}  // namespace

const std::string* JwtClaims::text(std::string_view name) const {
  for (const auto& [key, value] : texts) {
    if (key == name) return &value;
  }
  return nullptr;
}

// One of the two keys is there.
struct JwtVerifier::Impl {
  std::string_view algorithm;
  std::unique_ptr<HmacKey> secret;
  std::unique_ptr<PublicKey> key;
  JwtOptions options;

  static Result<JwtVerifier> with(KeyKind kind, std::string_view pem, const JwtOptions& options) {
    auto key = PublicKey::of(kind, pem);
    if (!key) return unexpected(std::move(key).error());
    return JwtVerifier(std::unique_ptr<Impl>(new Impl{name(kind), nullptr, *std::move(key), options}));
  }
  Result<void> check_signature(const Parts& parts) const {
    Scratch given;
    if (decode_base64(parts.signature, Alphabet::url, given).failed) return refused("signature", "is not base64url");
    auto good = secret ? fits(given.view(), parts.signed_text, *secret) : key->fits(given.view(), parts.signed_text);
    if (!good) return unexpected(std::move(good).error());
    if (!*good) return refused("signature", "does not fit: another key, or changed");
    return {};
  }
};

JwtVerifier::JwtVerifier(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JwtVerifier::JwtVerifier(JwtVerifier&&) noexcept = default;
JwtVerifier& JwtVerifier::operator=(JwtVerifier&&) noexcept = default;
JwtVerifier::~JwtVerifier() = default;

Result<JwtVerifier> JwtVerifier::hs256(Secret secret, JwtOptions options) {
  if (auto good = check_secret(secret, options); !good) return unexpected(std::move(good).error());
  return JwtVerifier(std::unique_ptr<Impl>(new Impl{"HS256", std::make_unique<HmacKey>(std::move(secret)), nullptr, options}));
}
Result<JwtVerifier> JwtVerifier::rs256(std::string_view pem, JwtOptions options) {
  return Impl::with(KeyKind::rs256, pem, options);
}
Result<JwtVerifier> JwtVerifier::es256(std::string_view pem, JwtOptions options) {
  return Impl::with(KeyKind::es256, pem, options);
}
Result<JwtVerifier> JwtVerifier::eddsa(std::string_view pem, JwtOptions options) {
  return Impl::with(KeyKind::eddsa, pem, options);
}

Result<JwtClaims> JwtVerifier::verify(std::string_view text, UnixTime now) const {
  auto parts = split(text);
  if (!parts) return unexpected(std::move(parts).error());
  if (auto good = check_header(parts->header, impl_->algorithm); !good) return unexpected(std::move(good).error());
  if (auto good = impl_->check_signature(*parts); !good) return unexpected(std::move(good).error());
  Scratch payload;
  auto in = read_object(parts->payload, "payload", payload);
  if (!in) return unexpected(std::move(in).error());
  return read_jwt(*in, impl_->options.leeway, now);
}

struct JwtMinter::Impl {
  HmacKey key;
};

JwtMinter::JwtMinter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JwtMinter::JwtMinter(JwtMinter&&) noexcept = default;
JwtMinter& JwtMinter::operator=(JwtMinter&&) noexcept = default;
JwtMinter::~JwtMinter() = default;

Result<JwtMinter> JwtMinter::hs256(Secret secret, JwtOptions options) {
  if (auto good = check_secret(secret, options); !good) return unexpected(std::move(good).error());
  return JwtMinter(std::unique_ptr<Impl>(new Impl{HmacKey(std::move(secret))}));
}

Result<std::string> JwtMinter::mint(const JwtRequest& request, UnixTime now) const {
  const std::int64_t issued_at = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (issued_at < 0 || issued_at > unix_seconds_max - lifetime_max.count())
    return fail_field(ErrorCode::out_of_range, "now", "must be Unix seconds up to the year 9999");
  if (auto good = check(request); !good) return unexpected(std::move(good).error());
  Scratch claims;
  append_jwt_claims(request, issued_at, claims);
  std::string token;
  token.reserve(usual_header.size() + base64_size(claims.size()) + 48);
  token.append(usual_header).push_back('.');
  encode_base64(claims.view(), Alphabet::url, token);
  const auto signature = impl_->key.sign(token);
  if (!signature) return fail(ErrorCode::internal, "libcrypto could not sign");
  token.push_back('.');
  encode_base64(view_of(*signature), Alphabet::url, token);
  if (token.size() > jwt_size_max) return fail_field(ErrorCode::out_of_range, "texts", "make a token of more than 8192 bytes");
  return token;
}

}  // namespace zegocall
