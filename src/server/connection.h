// A socket of a client that may be slow, silent or hostile.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace limner::server {

// Reads and writes within time limits and keeps what came too early. Closes
// the socket in the end. Not thread-safe.
class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  enum class Got { kHead, kClosed, kLate, kTooLarge };

  explicit Connection(int socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Waits for the first byte of a request.
  bool await_request(double seconds);

  // Reads request line and headers up to the blank line that ends them, at
  // most kMostHead bytes, within `seconds`, which count for the body too.
  // Headers that cost more than they help are left out of it: ranges and
  // compression.
  Got read_head(double seconds, size_t most_bytes);

  // The value of the last header of this name (in small letters) in the head
  // that was read, without spaces around it; "" when there is none.
  std::string last_header(std::string_view name) const;

  // The next bytes: first the head, then the body. -1 when there are none, the
  // client is too slow or sends more than `most_bytes` in all.
  long read(char* to, size_t size);

  // Writes all or -1. The time for a response starts with its first byte.
  long write(const char* from, size_t size);
  void start_response(double seconds);

  // Whether the client has closed its side and all that it sent was read.
  bool gone() const;

  // Sends what is written to its end before closing, as far as the client
  // goes along: unread data would make the system throw it away.
  void linger();

  int socket() const { return socket_; }
  const std::string& address() const { return address_; }
  int port() const { return port_; }

  static constexpr size_t kMostHead = size_t{32} << 10;

 private:
  bool wait(short events, Clock::time_point until) const;
  long receive(char* to, size_t size);

  int socket_;
  std::string address_;
  int port_ = 0;
  std::string head_;  // what is left of the head, from head_at_
  size_t head_at_ = 0;
  std::string early_;  // what came with the head and belongs behind it
  size_t early_at_ = 0;
  size_t left_ = 0;  // bytes that this request may still have
  Clock::time_point read_until_, write_until_;
};

}  // namespace limner::server
