// One connected TCP socket inside libwebsockets, in its raw mode: bytes in, bytes out. What is queued during a turn of
// the loop leaves in one write at its end; only what the kernel did not take waits for the socket to be writable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/net.hpp"

struct lws;
struct lws_protocols;

namespace zegocall::net_detail {

class Transport {
 public:
  explicit Transport(Loop& loop);
  /// Closes the socket without a word to anybody.
  virtual ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// Takes over a connected, non-blocking socket, in any case: on failure it is closed.
  [[nodiscard]] bool adopt(int socket);
  /// Connects to a numeric address; on_connected or on_gone tells how it went. Not open afterwards: it failed at once, and
  /// nothing is told.
  void connect(const std::string& address, std::uint16_t port);
  bool is_open() const { return wsi_ != nullptr; }
  /// The errno that connect() ended with; 0 while there is none, or where it was given up.
  int connect_error() const { return connect_error_; }
  /// Lets go of the socket without a word to it, for another transport: a descriptor of the caller's, or -1 where there is
  /// no room for one (then nothing has changed). Not from inside a callback of libwebsockets.
  [[nodiscard]] int detach();
  /// What was queued and has not left; it is queued no longer.
  std::string take_unsent();

  /// Appends to what this turn sends.
  void queue(std::string_view bytes);
  /// Where queue() would put `bytes` more; for those who build frames in place. Marks the transport as having to write.
  std::string& out();
  /// Queued, and not yet taken by the kernel.
  std::size_t buffered() const { return out_.size() - out_at_; }
  /// Taken by the kernel, and not yet confirmed by the peer.
  std::size_t unconfirmed() const;
  /// Writes now; the loop calls it at the end of the turn.
  void flush();
  /// Lets what is queued leave, then says "no more" to the peer (a FIN). Reading goes on.
  void finish();
  /// Ends the connection at the end of this turn; on_gone follows.
  void doom();
  /// As doom, with a reset instead of a goodbye.
  void reset();
  void pause_reading(bool paused);
  /// Ends the connection for the peer, now, on a loop that does not run any more: libwebsockets closes the descriptor only
  /// when the loop is destroyed.
  void shut_down();

 protected:
  /// The bytes may be changed in place. Called by the loop, never out of a call into the transport; so are all three.
  virtual void on_bytes(char* data, std::size_t size) = 0;
  virtual void on_connected() {}
  /// The connection is gone; the transport may be destroyed in here.
  virtual void on_gone() = 0;
  /// Before a write: the last moment to add to out().
  virtual void on_flush() {}
  /// One write was made; `whole` is false if the kernel did not take all of it.
  virtual void on_written(std::size_t /*bytes*/, bool /*whole*/) {}
  /// For on_flush(): where out() puts, of a transport that is being written already.
  std::string& out_now() { return out_; }

 private:
  friend struct Loop::Impl;
  friend struct TransportCallbacks;
  static const lws_protocols* protocols();
  void kill();
  void finish_connecting();
  bool note_connect_error();
  void drained();

  Loop::Impl& loop_;
  lws* wsi_ = nullptr;
  std::string out_;
  std::size_t out_at_ = 0;
  int connect_error_ = 0;
  bool dirty_ = false;
  bool connecting_ = false;
  bool doomed_ = false;
  bool waits_writable_ = false;
  bool finishing_ = false;
};

}  // namespace zegocall::net_detail
