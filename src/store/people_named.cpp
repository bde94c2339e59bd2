#include "store/people_named.hpp"

#include <algorithm>

#include "store/rules.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/call/decide.hpp"

namespace zegocall::store_detail {

std::vector<UserId> people_named_beside(const CallChange::Part& part) {
  std::vector<UserId> named;
  for (const CallEvent& event : part.events) {
    each_person(event.body, [&](const UserId& user) {
      if (!user.empty() && !knows_of(part.after, user)) named.push_back(user);
    });
    const auto* updated = std::get_if<RoomUpdated>(&event.body);
    if (updated && updated->host && !updated->host->empty()) named.push_back(*updated->host);
    if (updated && updated->member) named.push_back(updated->member->user);
  }
  std::sort(named.begin(), named.end());
  named.erase(std::unique(named.begin(), named.end()), named.end());
  return named;
}

namespace {

template <class Record>
void rename(Record& record, const UserId& user, const UserId& instead) {
  each_person(record, [&](UserId& one) {
    if (one == user) one = instead;
  });
}

}  // namespace

namespace {

bool is_part_of_a_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || (c & 0x80) != 0;
}

/// True if the id stands in the text as a word of its own.
bool carries(std::string_view text, std::string_view id) {
  for (std::size_t at = text.find(id); at != text.npos && !id.empty(); at = text.find(id, at + 1)) {
    const std::size_t end = at + id.size();
    if ((at == 0 || !is_part_of_a_word(text[at - 1])) && (end == text.size() || !is_part_of_a_word(text[end]))) return true;
  }
  return false;
}

/// Texts of the host's own, which nothing but a person's id makes a matter of that person.
void clear_if_named(std::string& text, const UserId& user) {
  if (carries(text, user.view())) text.clear();
}
void clear_texts(RoomView& room, const UserId& user) {
  clear_if_named(room.metadata, user);
  for (Attribute& attribute : room.attributes) clear_if_named(attribute.value, user);
}

/// Members and bans are looked up by user, so they are in the order of users whatever the ids have become.
void sort_people(RoomView& room) {
  const auto by_user = [](const auto& a, const auto& b) { return a.user < b.user; };
  std::sort(room.members.begin(), room.members.end(), by_user);
  std::sort(room.bans.begin(), room.bans.end(), by_user);
}

struct ClearTexts {
  const UserId& user;
  template <class Body>
  void operator()(Body&) const {}
  void operator()(CallCreated& e) const {
    clear_if_named(e.topic, user);
    if (e.room) clear_texts(*e.room, user);
  }
  void operator()(LegWaiting& e) const {
    if (e.user == user) e.note.clear();
  }
  void operator()(RoomUpdated& e) const {
    if (e.metadata) clear_if_named(*e.metadata, user);
    if (e.attribute) clear_if_named(e.attribute->value, user);
  }
};

}  // namespace

void rename_person(CallEvent& event, const UserId& user, const UserId& instead) {
  std::visit(
      [&](auto& body) {
        if constexpr (requires { body.by == user, body.note.clear(); })
          if (body.by == user) body.note.clear();
      },
      event.body);
  std::visit(ClearTexts{user}, event.body);
  rename(event.body, user, instead);
  if (auto* created = std::get_if<CallCreated>(&event.body); created && created->room) sort_people(*created->room);
}

void rename_person(CallView& call, const UserId& user, const UserId& instead) {
  if (call.ended_by == user) call.end_note.clear();
  clear_if_named(call.topic, user);
  if (call.room) clear_texts(*call.room, user);
  rename(call, user, instead);
  if (call.room) sort_people(*call.room);
  call.reindex();
}

std::string rename_in_text(std::string_view text, const UserId& user, const UserId& instead) {
  const std::string from(Json::of(user).text()), to(Json::of(instead).text());
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t found = text.find(from, at);
    out.append(text.substr(at, found == text.npos ? text.npos : found - at));
    if (found == text.npos) return out;
    out.append(to);
    at = found + from.size();
  }
}

}  // namespace zegocall::store_detail
