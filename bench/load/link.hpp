// One Socket.IO connection of a load client, over WebSocket or long-polling, with as little of the protocol as the load needs:
// text packets, the main namespace, pings answered.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "channel.hpp"

namespace load {

struct Target {
  int port = 0;
  bool polling = false;
  int source = 0;  ///< see Channel::connect
};

class Link {
 public:
  virtual ~Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  virtual void connect(const Target& target) = 0;
  /// One Engine.IO packet. It leaves at the end of the turn.
  virtual void send(std::string_view packet) = 0;
  /// Says goodbye as the transport does, then closes.
  virtual void leave() = 0;
  /// Closes without a word.
  virtual void drop() = 0;
  bool joined() const { return joined_; }

 protected:
  Link() = default;
  /// The main namespace was joined.
  virtual void on_joined() = 0;
  /// A Socket.IO packet, with the 4 of Engine.IO before it.
  virtual void on_packet(std::string_view packet) = 0;
  /// The server, or the network, ended the connection.
  virtual void on_lost() = 0;

  /// One Engine.IO packet from the server.
  void take(std::string_view packet);
  std::string sid_{};
  bool joined_ = false;
};

/// WebSocket from the start.
class WebSocketLink : public Link {
 public:
  explicit WebSocketLink(Loop& loop) : channel_(loop, *this) {}
  void connect(const Target& target) override;
  void send(std::string_view packet) override;
  void leave() override;
  void drop() override { channel_.close(); }

 private:
  struct Pipe final : Channel {
    Pipe(Loop& loop, WebSocketLink& owner) : Channel(loop), owner_(owner) {}
    std::size_t on_bytes(char* data, std::size_t size) override { return owner_.on_bytes(data, size); }
    void on_gone() override { owner_.gone(); }
    WebSocketLink& owner_;
  };
  std::size_t on_bytes(char* data, std::size_t size);
  void gone();

  Pipe channel_;
  bool upgraded_ = false, leaving_ = false;
  std::uint32_t connects_ = 0;  ///< tells a callback that connected again
};

/// Long-polling: a GET that waits, and beside it one POST at a time.
class PollingLink : public Link {
 public:
  explicit PollingLink(Loop& loop) : get_(loop, *this), post_(loop, *this) {}
  void connect(const Target& target) override;
  void send(std::string_view packet) override;
  void leave() override;
  void drop() override;

 private:
  struct Pipe final : Channel {
    Pipe(Loop& loop, PollingLink& owner) : Channel(loop), owner_(owner) {}
    std::size_t on_bytes(char* data, std::size_t size) override { return owner_.on_bytes(*this, data, size); }
    void on_gone() override { owner_.on_gone(*this); }
    PollingLink& owner_;
    bool busy_ = false;  ///< an answer is due
  };
  std::size_t on_bytes(Pipe& pipe, char* data, std::size_t size);
  void on_gone(const Pipe& pipe);
  void on_answer(Pipe& pipe, int status, std::string_view body);
  void get();
  void post();

  Target target_{};
  Pipe get_, post_;
  std::string waiting_{};  ///< packets for the next POST
  bool leaving_ = false;
  std::uint32_t connects_ = 0;
};

/// The next `"KEY":"` in `packet`: what stands between it and the next quote.
std::string_view text_after(std::string_view packet, std::string_view marker);

}  // namespace load
