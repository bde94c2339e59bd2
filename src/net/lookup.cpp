#include "net/lookup.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace zegocall::net_detail {

struct Lookup::Shared {
  std::mutex mutex;
  Loop* loop;  // guarded by mutex; null when nobody waits any more
  Done done;   // loop thread only
};

namespace {

Result<std::vector<std::string>> addresses_of(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* first = nullptr;
  const int bad = getaddrinfo(host.c_str(), nullptr, &hints, &first);
  if (bad != 0) return fail(ErrorCode::unreachable, "the name " + host + " has no address: " + gai_strerror(bad));
  std::vector<std::string> out;
  for (const addrinfo* each = first; each; each = each->ai_next) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* bytes = each->ai_family == AF_INET6
                            ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(each->ai_addr)->sin6_addr)
                            : &reinterpret_cast<const sockaddr_in*>(each->ai_addr)->sin_addr;
    if (inet_ntop(each->ai_family, bytes, text.data(), text.size())) out.emplace_back(text.data());
  }
  freeaddrinfo(first);
  return out;
}

bool is_numeric(const std::string& host) {
  std::array<unsigned char, 16> bytes{};
  return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

}  // namespace

Lookup::Lookup(Loop& loop, std::string host, Done done) : shared_(std::make_shared<Shared>()) {
  shared_->loop = &loop;
  shared_->done = std::move(done);
  const auto tell = [](const std::shared_ptr<Shared>& shared, Result<std::vector<std::string>> found) {
    const std::scoped_lock lock(shared->mutex);
    if (!shared->loop) return;
    shared->loop->post([shared, found = std::move(found)] {
      if (const Done waiting = std::exchange(shared->done, nullptr)) waiting(found);  // which may end the Lookup
    });
  };
  if (is_numeric(host)) {
    tell(shared_, std::vector<std::string>{host});
    return;
  }
  try {
    std::thread([shared = shared_, host = std::move(host), tell] { tell(shared, addresses_of(host)); }).detach();
  } catch (const std::system_error&) {
    tell(shared_, fail(ErrorCode::unreachable, "no thread to look the name up"));
  }
}

Lookup::~Lookup() {
  const std::scoped_lock lock(shared_->mutex);
  shared_->loop = nullptr;
  shared_->done = nullptr;
}

}  // namespace zegocall::net_detail
