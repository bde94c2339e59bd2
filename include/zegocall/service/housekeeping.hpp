// What must not be kept for ever: old calls, and people who want to be forgotten.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "zegocall/base/random.hpp"
#include "zegocall/base/time.hpp"
#include "zegocall/store/store.hpp"

namespace zegocall {

struct HousekeepingOptions {
  std::optional<std::chrono::milliseconds> calls_kept{};      ///< after their end; 1 h to 100 years; nothing: for ever
  std::chrono::milliseconds every{std::chrono::minutes(10)};  ///< how often it looks; 1 s to 24 h
  std::uint32_t at_once = 100;                                ///< calls, and join codes, deleted in one turn; 1 to 10,000
};

/// What became of a person.
struct Erased {
  UserId instead{};         ///< stands now where they stood; says nothing about them
  std::uint64_t calls = 0;  ///< that they were in or are named in
};

/// Driven by the service thread; put it behind the gateway in Wiring::driven.
class Housekeeping final : public Driven {
 public:
  /// `store` and `bytes` must outlive it. out_of_range with the option's name.
  static Result<Housekeeping> open(Store& store, ByteSource& bytes, HousekeepingOptions options = {});

  /// Takes a person out of everything that is stored: their account, settings, lists and texts go, in calls, chats and lists
  /// of others an id that says nothing takes their place; those stay readable. What leaves the file for good leaves it with
  /// the next scrub(): by itself after this group's commit, for a call outside of a group by the caller. The host's own
  /// texts (topics, metadata, attributes) are emptied where the id stands in them as a word; notes of others are not searched.
  /// Errors: invalid_state (field "user": sits in a live call), invalid_argument, store_unavailable.
  Result<Erased> erase(const UserId& user, Now now);
  /// Overwrites what was deleted; see Store::scrub. Blocks for as long as it takes to write the store anew.
  Result<void> scrub();
  /// Calls deleted because of their age, since the start of this process.
  std::uint64_t calls_forgotten() const { return forgotten_; }
  /// Join codes deleted because nobody can use them any more, likewise. That happens with every set of options.
  std::uint64_t codes_forgotten() const { return codes_forgotten_; }

  std::optional<UnixTime> deadline() override;
  void on_deadline(Now now) override;
  Result<void> commit_group() override;
  void abandon_group() override { scrub_wanted_ = false; }

 private:
  Housekeeping(Store& store, ByteSource& bytes, HousekeepingOptions options)
      : store_(&store), bytes_(&bytes), options_(options) {}
  Store* store_;
  ByteSource* bytes_;
  HousekeepingOptions options_;
  UnixTime next_{};
  std::uint64_t forgotten_ = 0;
  std::uint64_t codes_forgotten_ = 0;
  bool scrub_wanted_ = false;
};

}  // namespace zegocall
