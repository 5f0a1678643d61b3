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

  enum class Got { kHead, kClosed, kLate, kTooLarge, kBareNewline };

  explicit Connection(int socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Waits for the first byte of a request.
  bool await_request(double seconds);

  // Reads request line and headers up to the blank line that ends them, at
  // most kMaxHead bytes, within `seconds`, which count for the body too. Lines
  // end in \r\n: where a \n alone is an end to some and none to others, headers
  // hide from one of them.
  Got read_head(double seconds, size_t max_bytes);

  // The head that was read, to the blank line and with it.
  const std::string& head() const { return head_; }

  // What came behind the head and was not taken yet.
  std::string_view buffered() const {
    return std::string_view(early_).substr(early_at_);
  }
  void take(size_t count) { early_at_ += count; }
  // Waits for more of it. False when there is none, the client is too slow or
  // sends more than `max_bytes` in all.
  bool fill();

  // Writes all, within `seconds` from start_response() on. False when the
  // client does not take it.
  bool write(std::string_view text);
  void start_response(double seconds);

  // Whether the client has closed its side and all that it sent was read.
  bool gone() const;

  // Sends what is written to its end before closing, as far as the client
  // goes along: unread data would make the system throw it away.
  void linger();

  const std::string& address() const { return address_; }

  static constexpr size_t kMaxHead = size_t{32} << 10;

 private:
  bool wait(short events, Clock::time_point until) const;
  long receive(char* to, size_t size);

  int socket_;
  std::string address_;
  std::string head_;
  std::string early_;  // what came behind the head, from early_at_
  size_t early_at_ = 0;
  size_t left_ = 0;  // bytes that this request may still have
  Clock::time_point read_until_, write_until_;
};

}  // namespace limner::server
