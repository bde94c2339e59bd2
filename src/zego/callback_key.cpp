#include "zego/callback_key.hpp"

#include <initializer_list>
#include <string>

#include "zego/digest.hpp"

namespace zegocall::zego_detail {
namespace {

/// Texts with their lengths in front, so that no two lists of texts are the same bytes.
class Parts {
 public:
  Parts& add(std::string_view text) {
    bytes_ += std::to_string(text.size());
    bytes_ += ':';
    bytes_ += text;
    return *this;
  }
  Parts& add(std::uint64_t number) { return add(std::string_view(std::to_string(number))); }
  Parts& add(UnixTime time) { return add(std::string_view(std::to_string(time.time_since_epoch().count()))); }
  template <class Tag>
  Parts& add(const Id<Tag>& id) {
    return add(id.view());
  }
  Parts& add(const std::vector<UserId>& users) {
    for (const UserId& user : users) add(user);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// An event that has no time of its own counts as another one when the callback was made at another second: to handle one
// twice is better than to lose one.
struct KeyParts {
  Parts p;

  void operator()(const RoomCreated& e) { p.add(e.room).add(e.session.value); }
  void operator()(const RoomClosed& e) { p.add(e.room).add(e.session.value); }
  void operator()(const RoomLoggedIn& e) { p.add(e.room).add(e.session.value).add(e.user).add(e.login_id).add(e.at); }
  void operator()(const RoomLoggedOut& e) { p.add(e.room).add(e.session.value).add(e.user).add(e.login_id).add(e.at); }
  void stream(const StreamFacts& s) { p.add(s.room).add(s.session.value).add(s.stream).add(s.stream_sid).add(s.sequence); }
  void operator()(const StreamCreated& e) { stream(e.stream), p.add(e.at); }
  void operator()(const StreamClosed& e) { stream(e.stream), p.add(e.at); }
  void operator()(const MixStarted& e) { p.add(e.mix.task_id).add(e.mix.sequence).add(e.head.sent); }
  void operator()(const MixStopped& e) { p.add(e.mix.task_id).add(e.mix.sequence).add(e.head.sent); }
  void operator()(const TranscodeStarted& e) { p.add(e.task_id).add(e.sequence).add(e.status).add(e.head.sent); }
  void operator()(const TranscodeStopped& e) { p.add(e.task_id).add(e.sequence).add(e.head.sent); }
  void operator()(const Recorded& e) { p.add(e.stream).add(e.begin).add(e.end).add(e.replay_url); }
  void operator()(const FileJobEnded& e) { p.add(e.task_id).add(e.head.rest.text()); }
  void operator()(const ModerationResult& e) { p.add(e.task_id).add(e.result_id).add(e.detail.text()).add(e.head.sent); }
  void operator()(const ModerationStatus& e) { p.add(e.task_id).add(std::to_string(e.status)).add(e.head.sent); }
  void operator()(const ZimCallCreated& e) { p.add(e.call); }
  void operator()(const ZimCallAccepted& e) { p.add(e.call).add(e.user).add(e.head.sent); }
  void operator()(const ZimCallRejected& e) { p.add(e.call).add(e.user).add(e.head.sent); }
  void operator()(const ZimCallCancelled& e) { p.add(e.call).add(e.head.sent).add(e.users); }
  void operator()(const ZimCallTimedOut& e) { p.add(e.call).add(e.head.sent).add(e.users); }
  void operator()(const ZimCallInvited& e) { p.add(e.call).add(e.at).add(e.users); }
  void operator()(const ZimUserAction& e) {
    p.add(e.user).add(std::to_string(static_cast<int>(e.action))).add(e.head.sent).add(e.head.rest.text());
  }
  void operator()(const UnknownEvent& e) { p.add(e.head.sent).add(e.head.rest.text()); }
};

}  // namespace

void set_key(ProviderEvent& event) {
  CallbackHead& head = std::visit([](auto& typed) -> CallbackHead& { return typed.head; }, event);
  KeyParts parts;
  parts.p.add(std::uint64_t{head.app.value});
  std::visit(parts, event);
  // 128 bits of it: keys are compared among callbacks of one's own provider.
  head.key = head.event + ":" + hex_digest("SHA256", {parts.p.bytes()}).value_or("").substr(0, 32);
}

}  // namespace zegocall::zego_detail
