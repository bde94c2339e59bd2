#include "net/http_link.hpp"

#include <utility>

#include "net/reply_reader.hpp"

namespace zegocall::net_detail {
namespace {

// The shortest keep-alive of common servers is 5 s (Node.js); a request must not cross its end.
constexpr std::chrono::milliseconds idle_max{3'000};

}  // namespace

class HttpLink::Impl final : public StreamHandler {
 public:
  Impl(Loop& loop, StreamTarget target, std::size_t body_bytes_max, HttpLink& link, HttpLinkHandler& handler)
      : loop_(loop),
        link_(link),
        handler_(handler),
        reply_(body_bytes_max),
        body_max_(body_bytes_max),
        stream_(loop, std::move(target), *this) {}

  void request(std::string text) {
    ZC_ASSERT(!busy_);
    busy_ = true;
    if (ready_)
      stream_.out().append(text);
    else
      first_ = std::move(text);
  }
  bool busy() const { return busy_; }
  bool reusable() const { return !busy_ && !over_ && ready_ && loop_.now().steady - idle_since_ < idle_max; }
  std::size_t buffered() const { return first_.size() + stream_.buffered(); }

 private:
  void on_ready() override {
    ready_ = true;
    stream_.out().append(std::exchange(first_, {}));
  }

  void on_bytes(char* data, std::size_t size) override {
    if (over_) return;
    if (!busy_) return end_with({ErrorCode::protocol, {}, "the server speaks before it is asked"});
    const auto used = reply_.feed({data, size});
    if (!used) return end_with(used.error());
    if (!reply_.done()) return;
    // What follows a whole reply belongs to nothing that was asked.
    over_ = *used < size || !reply_.keeps();
    tell();
    if (over_) stream_.doom();
  }

  void tell() {
    busy_ = false;
    served_ = true;
    idle_since_ = loop_.now().steady;
    ReplyReader reply(0);
    std::swap(reply, reply_);
    reply_ = ReplyReader(body_max_);
    handler_.on_reply(link_, reply.status(), reply.body());
  }

  void end_with(Error why) {
    over_ = true;
    why_ = std::move(why);
    stream_.doom();
  }

  void on_gone(const Error& why) override {
    over_ = true;
    if (busy_ && why_.detail.empty() && reply_.end()) tell();
    const bool unheard = busy_ && served_ && reply_.untouched();
    handler_.on_link_gone(link_, why_.detail.empty() ? why : why_, unheard);
  }

  Loop& loop_;
  HttpLink& link_;
  HttpLinkHandler& handler_;
  ReplyReader reply_;
  std::size_t body_max_;
  bool ready_ = false, busy_ = false, over_ = false, served_ = false;
  SteadyTime idle_since_{};
  Error why_{};
  std::string first_;
  Stream stream_;
};

HttpLink::HttpLink(Loop& loop, StreamTarget target, std::size_t body_bytes_max, HttpLinkHandler& handler)
    : impl_(std::make_unique<Impl>(loop, std::move(target), body_bytes_max, *this, handler)) {}
HttpLink::~HttpLink() = default;
void HttpLink::request(std::string text) { impl_->request(std::move(text)); }
bool HttpLink::busy() const { return impl_->busy(); }
bool HttpLink::reusable() const { return impl_->reusable(); }
std::size_t HttpLink::buffered() const { return impl_->buffered(); }

}  // namespace zegocall::net_detail
