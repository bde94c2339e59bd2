// Who is at the other end of an accepted connection, and how many connections each address has.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

struct sockaddr;

namespace zegocall::net_detail {

/// v4 in v6 is v4.
struct PeerAddress {
  std::array<unsigned char, 16> bytes{};  ///< in network order
  bool is_v6 = false;
  bool is_unix = false;

  static PeerAddress of(const sockaddr& from);
  /// Numeric, without port; "unix" of one that came by a file.
  std::string text() const;
};

/// Open connections by address, of all Listeners that share it; IPv6 by its /64. Any thread.
class AddressTally {
 public:
  /// One connection that is counted, until it is destroyed. Empty: none.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept = default;
    Place& operator=(Place&& other) noexcept;
    ~Place() { leave(); }

   private:
    friend class AddressTally;
    void leave();
    std::shared_ptr<AddressTally> tally_;
    std::map<std::array<unsigned char, 9>, std::size_t>::iterator at_{};
  };

  /// One more; false, and nothing is counted, if the address has `max` already.
  static bool enter(const std::shared_ptr<AddressTally>& tally, const PeerAddress& address, std::size_t max, Place& out);

 private:
  std::mutex mutex_;
  std::map<std::array<unsigned char, 9>, std::size_t> counts_;  // a tree: nobody can make its keys collide
};

}  // namespace zegocall::net_detail
