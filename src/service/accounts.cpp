#include <algorithm>
#include <cctype>
#include <utility>

#include "base/utf8.hpp"
#include "service/transaction.hpp"
#include "zegocall/service.hpp"

namespace zegocall {
namespace {

constexpr std::size_t name_max = 100, email_max = 254, password_min = 8, password_max = 512;
constexpr std::string_view use_access = "access", use_refresh = "refresh";

using base_detail::characters;

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Result<void> check_name(std::string_view name) {
  if (name.empty()) return fail_field(ErrorCode::missing_field, "name", "is required");
  if (characters(name) > name_max) return fail_field(ErrorCode::out_of_range, "name", "at most 100 characters");
  if (has_control(name) || name.find_first_of(" @") != name.npos)
    return fail_field(ErrorCode::invalid_argument, "name", "no spaces, @ or control characters");
  return {};
}

Result<void> check_email(std::string_view email) {
  if (email.empty()) return {};
  if (email.size() > email_max) return fail_field(ErrorCode::out_of_range, "email", "at most 254 bytes");
  const auto at = email.find('@');
  const bool whole = at != email.npos && at > 0 && at + 1 < email.size() && email.find('@', at + 1) == email.npos;
  if (!whole || has_control(email) || email.find(' ') != email.npos)
    return fail_field(ErrorCode::invalid_argument, "email", "is not an e-mail address");
  return {};
}

Result<void> check_password(const Secret& password) {
  if (password.empty()) return fail_field(ErrorCode::missing_field, "password", "is required");
  if (characters(password.reveal()) < password_min)
    return fail_field(ErrorCode::out_of_range, "password", "at least 8 characters");
  if (password.size() > password_max) return fail_field(ErrorCode::out_of_range, "password", "at most 512 bytes");
  return {};
}

Result<void> check_display_name(std::string_view name) {
  if (characters(name) > name_max) return fail_field(ErrorCode::out_of_range, "display_name", "at most 100 characters");
  if (has_control(name)) return fail_field(ErrorCode::invalid_argument, "display_name", "no control characters");
  return {};
}

Unexpected in_field(Error error, std::string field) {
  error.field = std::move(field);
  return unexpected(std::move(error));
}

}  // namespace

AccountService::AccountService(Store& store, PasswordHasher& hasher, ByteSource& bytes, Keys keys, AccountOptions options)
    : store_(&store), hasher_(&hasher), bytes_(&bytes), keys_(std::move(keys)), options_(options) {}

Result<AccountService> AccountService::open(Store& store, PasswordHasher& hasher, ByteSource& bytes, Secret access,
                                            Secret refresh, AccountOptions options) {
  const JwtOptions jwt{.leeway = options.leeway, .secret_bytes_min = options.secret_bytes_min};
  auto access_check = JwtVerifier::hs256(access.clone(), jwt);
  auto access_minter = JwtMinter::hs256(std::move(access), jwt);
  if (!access_check || !access_minter) return in_field(access_check ? access_minter.error() : access_check.error(), "access");
  auto refresh_check = JwtVerifier::hs256(refresh.clone(), jwt);
  auto refresh_minter = JwtMinter::hs256(std::move(refresh), jwt);
  if (!refresh_check || !refresh_minter)
    return in_field(refresh_check ? refresh_minter.error() : refresh_check.error(), "refresh");
  return AccountService(
      store, hasher, bytes,
      Keys{*std::move(access_minter), *std::move(refresh_minter), *std::move(access_check), *std::move(refresh_check)}, options);
}

Result<NewAccount> AccountService::prepare(const Registration& given) const {
  for (const Result<void>& checked :
       {check_name(given.name), check_email(given.email), check_display_name(given.display_name), check_password(given.password)})
    if (!checked) return unexpected(checked.error());
  auto hash = hasher_->hash(given.password);
  if (!hash) return unexpected(hash.error());
  return NewAccount{given.name, given.email, given.display_name.empty() ? given.name : given.display_name, *std::move(hash)};
}

Result<AccountRecord> AccountService::add(const NewAccount& account, Now now) {
  AccountRecord record{.id = make_id<UserId>(now.wall, *bytes_),
                       .name = account.name,
                       .email = account.email,
                       .display_name = account.display_name,
                       .picture_url = {},
                       .password_hash = account.password_hash,
                       .created_at = now.wall};
  auto added = service_detail::in_transaction(*store_, [&] { return store_->add_account(record); });
  if (!added) return unexpected(added.error());
  return record;
}

Result<AccountRecord> AccountService::by_login(std::string_view name_or_email) {
  auto found = store_->account_by_login(name_or_email);
  if (!found) return unexpected(found.error());
  if (!*found) return fail(ErrorCode::not_found, "no such account");
  return **std::move(found);
}

bool AccountService::fits(const AccountRecord& account, const Secret& password) const {
  return password.size() <= password_max && hasher_->verify(password, account.password_hash);
}

Result<Session> AccountService::sign_in(const AccountRecord& account, Now now) const {
  const auto request = [&](std::string_view use, std::chrono::seconds lifetime) {
    return JwtRequest{
        .user = account.id,
        .lifetime = lifetime,
        .user_claim = "_id",
        .texts = {
            {"email", account.email}, {"username", account.name}, {"fullName", account.display_name}, {"use", std::string(use)}}};
  };
  auto access = keys_.access.mint(request(use_access, options_.access_lifetime), now.wall);
  if (!access) return unexpected(access.error());
  auto refresh = keys_.refresh.mint(request(use_refresh, options_.refresh_lifetime), now.wall);
  if (!refresh) return unexpected(refresh.error());
  return Session{account, *std::move(access), *std::move(refresh), now.wall + options_.access_lifetime,
                 now.wall + options_.refresh_lifetime};
}

Result<Session> AccountService::refresh(std::string_view refresh_token, Now now) {
  auto claims = keys_.refresh_check.verify(refresh_token, now.wall);
  if (!claims) return unexpected(claims.error());
  const std::string* use = claims->text("use");
  if (!use || *use != use_refresh) return fail_field(ErrorCode::unauthenticated, "use", "not a refresh token");
  auto account = find(claims->user);
  if (!account) return unexpected(account.error());
  return sign_in(*account, now);
}

Result<JwtClaims> AccountService::verify(std::string_view access_token, UnixTime now) const {
  auto claims = keys_.access_check.verify(access_token, now);
  if (!claims) return claims;
  // A token of an existing system says nothing about its use; only ours that says "refresh" is not for this door.
  const std::string* use = claims->text("use");
  if (use && *use != use_access) return fail_field(ErrorCode::unauthenticated, "use", "not an access token");
  return claims;
}

Result<JwtClaims> AccountService::authenticate(std::string_view access_token, UnixTime now) {
  auto claims = verify(access_token, now);
  if (!claims) return claims;
  auto account = find(claims->user);
  if (account) return claims;
  if (account.error().code != ErrorCode::not_found) return unexpected(std::move(account).error());
  return fail_field(ErrorCode::unauthenticated, "user", "there is no such account");
}

Result<AccountRecord> AccountService::find(const UserId& user) {
  auto found = store_->account(user);
  if (!found) return unexpected(found.error());
  if (!*found) return fail(ErrorCode::not_found, "no such account");
  return **std::move(found);
}

Result<std::vector<AccountRecord>> AccountService::list(std::uint32_t most) { return store_->accounts(most); }

}  // namespace zegocall
