#include "store/people_named.hpp"

#include <algorithm>

#include "store/rules.hpp"
#include "zegocall/base/json.hpp"

namespace zegocall::store_detail {

std::vector<UserId> people_named_beside(const CallChange::Part& part) {
  std::vector<UserId> named;
  for (const CallEvent& event : part.events)
    each_person(event.body, [&](const UserId& user) {
      if (!user.empty() && !part.after.has_member(user)) named.push_back(user);
    });
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

void rename_person(CallEvent& event, const UserId& user, const UserId& instead) {
  std::visit(
      [&](auto& body) {
        if constexpr (requires { body.by == user, body.note.clear(); })
          if (body.by == user) body.note.clear();
      },
      event.body);
  rename(event.body, user, instead);
}

void rename_person(CallView& call, const UserId& user, const UserId& instead) {
  if (call.ended_by == user) call.end_note.clear();
  rename(call, user, instead);
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
