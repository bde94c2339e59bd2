// What the parts of ring_server share. Every function here is wiring and words; the rules are the library's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zegocall/gateway.hpp"
#include "zegocall/hub.hpp"
#include "zegocall/service.hpp"
#include "zegocall/service/people.hpp"

namespace zegocall {
class Housekeeping;
class Rooms;
}  // namespace zegocall

namespace ring {

/// What the page's RTCPeerConnection is given.
struct IceConfig {
  std::vector<std::string> stun{};
  std::vector<std::string> turn{};
  std::string turn_user{};
  std::string turn_password{};
};

/// The use cases, and what the words need besides. Lives as long as the hub.
struct Ring {
  zegocall::AccountService& accounts;
  zegocall::ChatService& chats;
  zegocall::CallService& calls;
  zegocall::PeopleService& people;
  zegocall::Housekeeping& housekeeping;
  zegocall::Gateway* gateway = nullptr;
  zegocall::Rooms* rooms = nullptr;
  zegocall::Audience everyone{};  ///< every socket, once the hub is open
  IceConfig ice{};
  bool secure_cookies = false;
  std::uint32_t logins_per_minute = 0;                  ///< of one address; 0: no limit
  std::optional<zegocall::JsonView> status_metadata{};  ///< of the status update that is being handled; service thread
};

// ---- the envelope (envelope.cpp) ------------------------------------------------------------------------------------

/// {statusCode, data, message, success: true}
zegocall::HttpResponse ok(int status, std::string_view message, const zegocall::JsonInput& data);
/// {success: false, message, errors, data}
zegocall::HttpResponse refuse(int status, std::string_view message, const zegocall::JsonInput& data = nullptr,
                              const zegocall::JsonInput& errors = zegocall::JsonArray{});
/// {code, field, detail, retryAfterSeconds}: the failure as the library names it, what is not known left out. Beside the
/// contract: who does not know it sees what they saw before.
zegocall::Json reason_json(const zegocall::Error& error);
/// The same of any failure, with its `reason`, for Router::on_error.
zegocall::HttpResponse refusal_of(const zegocall::Error& error);
/// A failure as a sentence: "receiverId is required".
std::string words(const zegocall::Error& error);
/// page=1, limit=20 of a query.
zegocall::Result<zegocall::PageRequest> page_of(const zegocall::HttpRequest& request);
/// {currentPage, totalPages, <total_name>, hasNextPage, hasPrevPage}
zegocall::Json pagination(zegocall::PageRequest page, std::uint64_t total, std::string_view total_name);

// ---- shapes (shapes.cpp) --------------------------------------------------------------------------------------------

/// {_id, username, fullName, profileImageUrl}
zegocall::Json card(const zegocall::AccountRecord& account);
/// The same by id; a person whose account is gone has empty names.
zegocall::Json card(const Ring& ring, const zegocall::UserId& user);
zegocall::Json chat_json(const Ring& ring, const zegocall::ChatRecord& chat);
/// The call object of the contract.
zegocall::JsonObject call_json(const Ring& ring, const zegocall::CallView& call);
std::string_view call_type(zegocall::Media media);
std::string_view status_of(const zegocall::CallView& call);
std::string end_reason_of(const zegocall::CallView& call);
std::int64_t duration_of(const zegocall::CallView& call);
/// Caller first.
zegocall::Json participants_json(const Ring& ring, const zegocall::CallView& call);
zegocall::JsonObject zego_room_json(const Ring& ring, const zegocall::CallView& call);
/// True for the reasons that a client may give for an end.
bool is_end_reason(std::string_view reason);

// ---- who asks (identify.cpp) ----------------------------------------------------------------------------------------

/// forbidden for pages of origins that are not on the list; what has no Origin is no page.
zegocall::Result<void> check_origin(const zegocall::HttpRequest& request);
/// Service thread, as the other: whose account is gone is nobody any more.
zegocall::Result<zegocall::Identity> identify(const Ring& ring, const zegocall::HttpRequest& request);
/// unauthenticated for whose account is gone: they were let in, and erased before their command came to its turn.
zegocall::Result<void> may_act(const Ring& ring, const zegocall::UserId& user);
/// Refusals begin with "Authentication error": the front end looks for that.
zegocall::Result<zegocall::Identity> identify(const Ring& ring, const zegocall::Handshake& handshake);

// ---- route families and words ---------------------------------------------------------------------------------------

void add_account_routes(zegocall::Router& http, Ring& ring);
void add_chat_routes(zegocall::Router& http, Ring& ring);
void add_call_routes(zegocall::Router& http, Ring& ring);
void add_call_list_routes(zegocall::Router& http, Ring& ring);
void add_token_routes(zegocall::Router& http, Ring& ring);
void add_room_routes(zegocall::Router& http, Ring& ring);
void add_people_routes(zegocall::Router& http, Ring& ring);
void add_page_routes(zegocall::Router& http, Ring& ring);
void add_room_events(zegocall::Namespace& ns, Ring& ring);
/// Every event of a room, as `room_event`; service thread.
std::vector<zegocall::Say> room_sayings(Ring& ring);
void add_chat_events(zegocall::Namespace& ns, Ring& ring);
void add_call_events(zegocall::Namespace& ns, Ring& ring);
/// Tells those who share a chat that a person's first device came or the last one went: user_online, user_offline.
void tell_presence(Ring& ring, const zegocall::UserId& user, bool online, zegocall::Now now);
zegocall::Dialect dialect(Ring& ring);

/// The call of a route's :callId, if the asker takes part in it; else the contract's 400, 404 or 403.
zegocall::Result<zegocall::CallView> call_of(const Ring& ring, const zegocall::HttpRequest& request);
/// The command id of a request that carries an Idempotency-Key; others are not remembered.
zegocall::CommandId command_id_of(const zegocall::HttpRequest& request);
/// `connecting` or `active`, from a route or a socket: the others are told, active joins both.
zegocall::Result<zegocall::CallView> update_status(Ring& ring, const zegocall::CallView& call, const zegocall::Actor& by,
                                                   std::string_view status, std::optional<zegocall::JsonView> metadata,
                                                   zegocall::Now now);

}  // namespace ring
