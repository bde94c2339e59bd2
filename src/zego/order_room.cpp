#include "zego/order_room.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace zegocall::zego_detail {
namespace {

constexpr std::size_t logins_max = 64;  // of one user that ended out of order
constexpr std::size_t past_max = 16;    // sessions of one room

}  // namespace

const Login* RoomUser::present() const {
  const Login* last = nullptr;
  const Login* unnamed = nullptr;
  for (const Login& login : logins_) {
    if (login.id.empty())
      unnamed = &login;
    else if (last == nullptr || std::tie(login.in, login.id) > std::tie(last->in, last->id))
      last = &login;
  }
  const auto in = [this](const Login* login) { return login != nullptr && login->present() && login->in > absent; };
  if (in(last)) return last;
  return in(unnamed) ? unnamed : nullptr;
}

Login& RoomUser::login(std::string_view id) {
  const auto known = std::find_if(logins_.begin(), logins_.end(), [&](const Login& l) { return l.id == id; });
  if (known != logins_.end()) return *known;
  forget_outdone();
  if (logins_.size() == logins_max)
    logins_.erase(std::min_element(logins_.begin(), logins_.end(),
                                   [](const Login& a, const Login& b) { return std::max(a.in, a.out) < std::max(b.in, b.out); }));
  logins_.push_back({.id = std::string(id)});
  return logins_.back();
}

// A login that was over before another began says nothing any more: whatever is still told of it, the other one is later, or
// it counts with or without its old end.
void RoomUser::forget_outdone() {
  UnixTime last{};
  for (const Login& login : logins_) {
    if (!login.id.empty()) last = std::max(last, login.in);
  }
  std::erase_if(logins_, [last](const Login& login) { return !login.id.empty() && login.in < last && login.out <= last; });
}

// A logout holds for its login up to the later of the two times that it names: the machines that stamp them differ.
void RoomUser::join(const RoomFact& fact) {
  Login& named = login(fact.login_id);
  if (fact.kind == RoomFact::Kind::login) {
    named.in = std::max(named.in, fact.at);
    return;
  }
  const UnixTime out = std::max(fact.at, fact.logged_in);
  named.in = std::max(named.in, fact.logged_in);
  if (out > named.out) named.out = out, named.reason = static_cast<LogoutReason>(fact.reason);
  for (Login& unnamed : logins_) {
    if (unnamed.id.empty()) unnamed.out = std::max(unnamed.out, out);
  }
}

void RoomUser::learn(bool there, UnixTime asked) {
  if (!there) {
    absent = std::max(absent, asked);
    for (Login& known : logins_) {
      if (known.in <= asked && known.out < asked) known.out = asked, known.reason.reset();
    }
    return;
  }
  if (present() != nullptr) return;
  const Login* const out = last_out();
  if (out != nullptr && out->out > asked) return;
  login("").in = asked;
}

const Login* RoomUser::last_out() const {
  const auto last =
      std::max_element(logins_.begin(), logins_.end(), [](const Login& a, const Login& b) { return a.out < b.out; });
  return last == logins_.end() || last->out == UnixTime{} ? nullptr : &*last;
}

void RoomStream::join(const RoomFact& fact) {
  if (fact.kind == RoomFact::Kind::publish) {
    if (published && *published >= fact.sequence) return;
    published = fact.sequence, user = fact.user, at = fact.at;
  } else if (!closed || *closed < fact.sequence) {
    closed = fact.sequence, closed_at = fact.at, reason = static_cast<StreamCloseReason>(fact.reason);
  }
}

void RoomStream::learn(const PublishedStream* there, UnixTime asked) {
  if (there == nullptr) {
    if (!present() || at > asked) return;
    closed = published, closed_at = asked, reason.reset();
    return;
  }
  if (present() || (closed && (closed_at > asked || *closed == std::numeric_limits<std::uint64_t>::max()))) return;
  published = closed ? *closed + 1 : 0, user = there->user, at = there->at;
}

bool OrderedRoom::is_past(RoomSessionId session_id) const {
  return std::find(past.begin(), past.end(), session_id) != past.end();
}

void OrderedRoom::remember_past(RoomSessionId session_id) {
  if (session_id.value == 0 || is_past(session_id)) return;
  if (past.size() == past_max) past.pop_front();
  past.push_back(session_id);
}

}  // namespace zegocall::zego_detail
