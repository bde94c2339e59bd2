// Ids are types: a RoomId where a UserId is wanted does not compile. Texts of up to 30 bytes (every id that we make
// has 24) are stored inline, longer ones on the heap.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace zegocall {

/// A short text that lives inside its owner. Value type; thread-compatible.
class InlineText {
 public:
  static constexpr std::size_t inline_max = 30;

  InlineText() noexcept { set_inline({}); }
  explicit InlineText(std::string_view text) { assign(text); }
  InlineText(const InlineText& other) { assign(other.view()); }
  InlineText(InlineText&& other) noexcept { steal(other); }
  InlineText& operator=(const InlineText& other) {
    if (this != &other) *this = InlineText(other);
    return *this;
  }
  InlineText& operator=(InlineText&& other) noexcept {
    if (this != &other) release(), steal(other);
    return *this;
  }
  ~InlineText() { release(); }

  std::string_view view() const noexcept {
    if (tag_ != on_heap) return {bytes_, tag_};
    Heap heap;
    std::memcpy(&heap, bytes_, sizeof heap);
    return {heap.data, heap.size};
  }

 private:
  struct Heap {
    char* data;
    std::size_t size;
  };
  static constexpr unsigned char on_heap = 255;

  void set_inline(std::string_view text) noexcept {
    if (!text.empty()) std::memcpy(bytes_, text.data(), text.size());
    tag_ = static_cast<unsigned char>(text.size());
  }
  void assign(std::string_view text) {
    if (text.size() <= inline_max) return set_inline(text);
    Heap heap{new char[text.size()], text.size()};
    std::memcpy(heap.data, text.data(), text.size());
    std::memcpy(bytes_, &heap, sizeof heap);
    tag_ = on_heap;
  }
  void steal(InlineText& other) noexcept {
    std::memcpy(bytes_, other.bytes_, sizeof bytes_);
    tag_ = std::exchange(other.tag_, static_cast<unsigned char>(0));
  }
  void release() noexcept {
    if (tag_ == on_heap) delete[] view().data();
  }

  char bytes_[inline_max + 1] = {};
  unsigned char tag_ = 0;
};

/// An opaque name of something. Compared byte by byte; its shape is checked where it enters (token ids by the
/// provider's client rules, call ids by the store), not here.
template <class Tag>
class Id {
 public:
  Id() = default;
  explicit Id(std::string_view text) : text_(text) {}
  template <std::size_t N>
  Id(const char (&literal)[N]) : text_(std::string_view(literal, N - 1)) {}

  std::string_view view() const noexcept { return text_.view(); }
  std::string str() const { return std::string(view()); }
  bool empty() const noexcept { return view().empty(); }

  friend bool operator==(const Id& a, const Id& b) noexcept { return a.view() == b.view(); }
  friend std::strong_ordering operator<=>(const Id& a, const Id& b) noexcept { return a.view() <=> b.view(); }

 private:
  InlineText text_;
};

using UserId = Id<struct UserTag>;              ///< a person, as the host knows them
using DeviceId = Id<struct DeviceTag>;          ///< one tab or phone of a person; empty = not known ("unbound")
using CallId = Id<struct CallTag>;              ///< one call
using RoomId = Id<struct RoomTag>;              ///< a media room at the provider
using StreamId = Id<struct StreamTag>;          ///< a media stream at the provider
using CommandId = Id<struct CommandTag>;        ///< one request; seen again from the same user it gets its first answer
using GroupId = Id<struct GroupTag>;            ///< a group of sockets (Socket.IO calls it a room)
using ConnectionId = Id<struct ConnectionTag>;  ///< one Socket.IO connection to one namespace

/// A device that has no name of its own but that of its connection: it comes back as another one. While such a device's
/// leg is in grace, any other session device of the same person takes it over.
inline DeviceId session_device(const ConnectionId& connection) {
  return DeviceId(std::string("session:").append(connection.view()));
}
inline bool is_session_device(const DeviceId& device) { return device.view().substr(0, 8) == "session:"; }

/// A number that is its own type.
template <class Tag, class N>
struct Number {
  N value = 0;
  constexpr Number() = default;
  constexpr explicit Number(N v) : value(v) {}
  // NOLINTNEXTLINE(modernize-use-nullptr): a false positive of clang-tidy 14
  friend constexpr auto operator<=>(const Number&, const Number&) = default;
};
using AppId = Number<struct AppTag, std::uint32_t>;        ///< the provider's project number, never 0
using Version = Number<struct VersionTag, std::uint64_t>;  ///< how many events a call has had

}  // namespace zegocall

template <class Tag>
struct std::hash<zegocall::Id<Tag>> {
  std::size_t operator()(const zegocall::Id<Tag>& id) const noexcept { return std::hash<std::string_view>{}(id.view()); }
};
