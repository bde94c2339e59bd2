// Accounts and chats.
#include <string>

#include "store/rules.hpp"
#include "store/sqlite/impl.hpp"

namespace zegocall {

using namespace store_detail;
using sqlite_detail::Connection;
using sqlite_detail::Query;

namespace {

#define ZC_ACCOUNT_COLUMNS "id, name, email, display_name, picture_url, password_hash, created_at"

template <class... Values>
Result<std::vector<AccountRecord>> account_rows(Connection& db, const char* sql, const Values&... values) {
  std::vector<AccountRecord> found;
  Query rows(db, sql, values...);
  for (;;) {
    auto row = rows.step();
    if (!row) return unexpected(std::move(row).error());
    if (!*row) return found;
    found.push_back({rows.id<UserId>(0), std::string(rows.text(1)), std::string(rows.text(2)), std::string(rows.text(3)),
                     std::string(rows.text(4)), std::string(rows.text(5)), rows.time(6)});
  }
}

template <class T>
Result<std::optional<T>> first_of_list(Result<std::vector<T>> list) {
  if (!list) return unexpected(std::move(list).error());
  if (list->empty()) return std::optional<T>{};
  return std::optional<T>(std::move(list->front()));
}

/// already_exists with this field if the query finds a row.
template <class... Values>
Result<void> absent(Connection& db, const char* field, const char* sql, const Values&... values) {
  Query row(db, sql, values...);
  auto there = row.step();
  if (!there) return unexpected(std::move(there).error());
  if (*there) return taken(field);
  return {};
}

}  // namespace

Result<void> SqliteStore::add_account(const AccountRecord& account) {
  if (auto fine = impl_->writable(); !fine) return fine;
  if (auto fine = check(account); !fine) return fine;
  auto& db = impl_->db();
  const std::string name_key = ascii_lower(account.name);
  const std::optional<std::string> email_key =
      account.email.empty() ? std::nullopt : std::optional<std::string>(ascii_lower(account.email));
  return absent(db, "id", "SELECT 1 FROM accounts WHERE id = ?1", account.id)
      .and_then([&] { return absent(db, "name", "SELECT 1 FROM accounts WHERE name_key = ?1", name_key); })
      .and_then([&] { return absent(db, "email", "SELECT 1 FROM accounts WHERE email_key = ?1", email_key); })
      .and_then([&] {
        return db.run(
            "INSERT INTO accounts (id, name, name_key, email, email_key, display_name, picture_url, password_hash, created_at) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            account.id, account.name, name_key, account.email, email_key, account.display_name, account.picture_url,
            account.password_hash, account.created_at);
      });
}

Result<std::optional<AccountRecord>> SqliteStore::account(const UserId& id) {
  return first_of_list(account_rows(impl_->db(), "SELECT " ZC_ACCOUNT_COLUMNS " FROM accounts WHERE id = ?1", id));
}

Result<std::optional<AccountRecord>> SqliteStore::account_by_login(std::string_view name_or_email) {
  const std::string key = ascii_lower(name_or_email);
  auto by_name = first_of_list(account_rows(impl_->db(), "SELECT " ZC_ACCOUNT_COLUMNS " FROM accounts WHERE name_key = ?1", key));
  if (!by_name || *by_name) return by_name;
  return first_of_list(account_rows(impl_->db(), "SELECT " ZC_ACCOUNT_COLUMNS " FROM accounts WHERE email_key = ?1", key));
}

Result<std::vector<AccountRecord>> SqliteStore::accounts(std::uint32_t most) {
  return account_rows(impl_->db(),
                      "SELECT " ZC_ACCOUNT_COLUMNS " FROM (SELECT * FROM accounts ORDER BY number DESC LIMIT ?1) ORDER BY number",
                      most);
}

Result<void> SqliteStore::add_chat(const ChatRecord& chat) {
  if (auto fine = impl_->writable(); !fine) return fine;
  if (auto fine = check(chat); !fine) return fine;
  auto& db = impl_->db();
  const std::string key = members_key(chat.members);
  // Nothing but the disk can fail after these two looks, and that loses the transaction: no savepoint is needed.
  auto added =
      absent(db, "id", "SELECT 1 FROM chats WHERE id = ?1", chat.id)
          .and_then([&] { return absent(db, "members", "SELECT 1 FROM chats WHERE members_key = ?1", key); })
          .and_then([&] {
            return db.run("INSERT INTO chats (id, members_key, created_at) VALUES (?1, ?2, ?3)", chat.id, key, chat.created_at);
          });
  for (const UserId& user : chat.members) {
    if (!added) return added;
    added = db.run("INSERT INTO chat_members (chat_id, user_id, created_at) VALUES (?1, ?2, ?3)", chat.id, user, chat.created_at);
  }
  return added;
}

Result<ChatRecord> SqliteStore::Impl::chat_row(Query& row) {
  ChatRecord chat{std::string(row.text(0)), {}, row.time(1)};
  Query members(db(), "SELECT user_id FROM chat_members WHERE chat_id = ?1 ORDER BY user_id", chat.id);
  for (;;) {
    auto member = members.step();
    if (!member) return unexpected(std::move(member).error());
    if (!*member) return chat;
    chat.members.push_back(members.id<UserId>(0));
  }
}

Result<std::optional<ChatRecord>> SqliteStore::chat(std::string_view id) {
  Query row(impl_->db(), "SELECT id, created_at FROM chats WHERE id = ?1", id);
  auto there = row.step();
  if (!there) return unexpected(std::move(there).error());
  if (!*there) return std::optional<ChatRecord>{};
  return impl_->chat_row(row);
}

Result<std::optional<ChatRecord>> SqliteStore::chat_of(const std::vector<UserId>& members) {
  Query row(impl_->db(), "SELECT id, created_at FROM chats WHERE members_key = ?1", members_key(members));
  auto there = row.step();
  if (!there) return unexpected(std::move(there).error());
  if (!*there) return std::optional<ChatRecord>{};
  return impl_->chat_row(row);
}

Result<Page<ChatRecord>> SqliteStore::chats_of(const UserId& user, PageRequest page) {
  if (auto fine = check(page); !fine) return unexpected(std::move(fine).error());
  Page<ChatRecord> found;
  {
    Query count(impl_->db(), "SELECT count(*) FROM chat_members WHERE user_id = ?1", user);
    auto row = count.step();
    if (!row) return unexpected(std::move(row).error());
    found.total = static_cast<std::uint64_t>(count.integer(0));
  }
  Query rows(impl_->db(),
             "SELECT chat_id, created_at FROM chat_members WHERE user_id = ?1 ORDER BY created_at DESC, chat_id DESC "
             "LIMIT ?2 OFFSET ?3",
             user, page.size, first_of(page));
  for (;;) {
    auto row = rows.step();
    if (!row) return unexpected(std::move(row).error());
    if (!*row) return found;
    auto chat = impl_->chat_row(rows);
    if (!chat) return unexpected(std::move(chat).error());
    found.items.push_back(std::move(*chat));
  }
}

}  // namespace zegocall
