// Whom something is said to.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "zegocall/base/ids.hpp"
#include "zegocall/base/json.hpp"
#include "zegocall/base/result.hpp"
#include "zegocall/net/ask.hpp"
#include "zegocall/net/http.hpp"

namespace zegocall {

namespace server_detail {
class Server;
struct AudienceAccess;
}  // namespace server_detail

struct DisconnectOptions {
  std::string reason{};        ///< for on_disconnect; the protocol has no room to tell the client. Empty: the original's words
  bool whole_session = false;  ///< all namespaces of the client, and its transport; it does not come back by itself
};

/// A connection as Audience::fetch found it.
struct Member {
  ConnectionId connection{};
  Identity identity{};
  std::vector<GroupId> groups{};  ///< with its user's; without its own
};

/// What one connection answered.
struct Answer {
  ConnectionId connection{};
  Args args{};
};

/// What came of a question to many.
struct Answers {
  Result<void> all{};          ///< or why somebody's answer is missing, see Audience::ask
  std::vector<Answer> came{};  ///< in the order in which they came, whatever `all` says
};

/// A set of connections of one namespace, and what can be done to it. A value: narrowing gives a new one. Any thread.
/// Inside a Run::service handler (and a Driven's deadline) everything here takes effect after the group's commit, and not
/// at all if that fails; on a loop at once; from any other thread soon. On a hub that has stopped, and of a namespace that it
/// does not have, there is nobody.
class Audience {
 public:
  /// Nobody.
  Audience() = default;

  /// Only members of the group; several to() and user() add up. A name that is a ConnectionId's text means that connection
  /// too, as with the original.
  Audience to(const GroupId& group) const;
  /// Only this connection, whoever is in a group that has its name.
  Audience to(const ConnectionId& connection) const;
  /// Only the connections that authenticated as this user: the group `user_<id>`, which they are in from the start and nobody
  /// else can join.
  Audience user(const UserId& user) const;
  /// Without the members of the group, whatever else says they are in.
  Audience except(const GroupId& group) const;
  Audience except(const ConnectionId& connection) const;
  /// What cannot be written at once to a connection is dropped for it, instead of queued.
  Audience droppable() const;
  /// Only connections to this hub, where several share a bus (HubOptions::bus). Without it emit, relay, ask, join, leave
  /// and disconnect reach all of them; fetch is of this hub always.
  Audience local() const;

  /// A name that Socket.IO keeps for itself ("connect", "connect_error", "disconnect", "disconnecting", "newListener",
  /// "removeListener") is logged as an error and not sent: it would end every stock client.
  void emit(std::string_view event, const Args& args = {}) const;
  /// As emit, of arguments that were received: the slice goes on as it is, not parsed and not printed again.
  void relay(std::string_view event, ArgsView args) const;
  /// Emits and collects one acknowledgement from each connection that is in the set now. `done` is called once, on a loop
  /// (Run::loop rules), with what came until then: when everybody has answered; when the time is over (`timeout`); when who
  /// has not answered went away, or a hub stops (`closed`). Hubs on a bus are asked with the rest: one that is killed counts
  /// as somebody who does not answer, once. A reserved name and a timeout that is not more than 0 are invalid_argument, and
  /// nobody is asked. What comes too late for a loop of a hub that stops is `closed` too, told on the thread that asks or stops.
  void ask(std::string_view event, const Args& args, AskOptions options, std::function<void(Answers)> done) const;
  /// The same for who needs all or nothing: every answer, or the error of Answers::all alone.
  void ask(std::string_view event, const Args& args, AskOptions options,
           std::function<void(Result<std::vector<Args>>)> done) const;
  /// invalid_argument with the field "group": of a name that is empty or begins with `user_`. limit_exceeded: of a name of more
  /// than 256 bytes, and then nobody joins; and of an Event::sender() on its own loop that is in groups_per_connection_max
  /// already. Elsewhere that is known too late: who is in so many is left out, counted (zegocall_hub_limit_groups_total) and
  /// logged. Joining again is fine.
  Result<void> join(const GroupId& group) const;
  void leave(const GroupId& group) const;
  /// Ends the connections, of which on_disconnect then hears options.reason.
  void disconnect(const DisconnectOptions& options = {}) const;
  /// Who is in the set now, of this process. `done` is called once, on a loop (Run::loop rules); if the hub stops before, as of
  /// ask(), with whom it has found until then.
  void fetch(std::function<void(std::vector<Member>)> done) const;

 private:
  friend struct server_detail::AudienceAccess;
  enum class Which : unsigned char { groups, one, all_but_one };
  std::weak_ptr<server_detail::Server> server_;
  std::uint16_t namespace_ = 0;
  std::shared_ptr<const std::string> space_;  // its name, if a pattern made it
  Which which_ = Which::groups;
  bool narrowed_ = false;  // to the groups below; an empty name among them is nobody's, not everybody's
  bool droppable_ = false;
  bool local_ = false;
  std::uint32_t loop_ = 0, index_ = 0, generation_ = 0;  // the one, a short cut
  GroupId group_;                                        // the first of those asked for: no allocation for one
  std::vector<GroupId> more_groups_, except_;
};

}  // namespace zegocall
