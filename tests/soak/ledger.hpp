// What became of each message of a soak: said once, acknowledged at most once, delivered at most once, and delivered if
// acknowledged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace soak {

class Ledger {
 public:
  /// The number of a new message.
  std::uint64_t say() {
    marks_.push_back(0);
    return marks_.size() - 1;
  }
  void acknowledged(std::uint64_t number) { mark(number, acknowledged_bit, "acknowledged"); }
  void delivered(std::uint64_t number) { mark(number, delivered_bit, "delivered"); }
  /// A message that nobody else gets: its answer is all there is.
  void answered(std::uint64_t number) {
    mark(number, acknowledged_bit, "answered");
    if (number < marks_.size()) marks_[number] |= delivered_bit;
  }

  std::uint64_t said() const { return marks_.size(); }
  std::uint64_t acknowledged_count() const { return count(acknowledged_bit, acknowledged_bit); }
  /// Acknowledged and not delivered, so far.
  std::uint64_t lost() const { return count(acknowledged_bit | delivered_bit, acknowledged_bit); }
  /// Acknowledged, answered or delivered again, or never said.
  std::uint64_t doubled() const { return doubled_; }
  /// What was doubled first, or came without having been said.
  const std::string& complaint() const { return complaint_; }

 private:
  static constexpr std::uint8_t acknowledged_bit = 1, delivered_bit = 2;

  void mark(std::uint64_t number, std::uint8_t bit, const char* what) {
    const bool known = number < marks_.size();
    if (known && (marks_[number] & bit) == 0) return void(marks_[number] |= bit);
    ++doubled_;
    if (complaint_.empty())
      complaint_ = "message " + std::to_string(number) + (known ? " was " + std::string(what) + " twice" : " was never said");
  }
  std::uint64_t count(std::uint8_t of, std::uint8_t wanted) const {
    std::uint64_t out = 0;
    for (const std::uint8_t each : marks_) out += (each & of) == wanted ? 1u : 0u;
    return out;
  }

  std::vector<std::uint8_t> marks_{};
  std::uint64_t doubled_ = 0;
  std::string complaint_{};
};

}  // namespace soak
