#include "server/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace limner::server {
namespace {

Connection::Clock::time_point after(double seconds) {
  return Connection::Clock::now() +
         std::chrono::duration_cast<Connection::Clock::duration>(
             std::chrono::duration<double>(seconds));
}

}  // namespace

Connection::Connection(int socket) : socket_(socket) {
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(socket_, reinterpret_cast<sockaddr*>(&peer), &size) != 0) {
    return;
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (peer.ss_family == AF_INET) {
    const auto& four = reinterpret_cast<const sockaddr_in&>(peer);
    ::inet_ntop(AF_INET, &four.sin_addr, text.data(), text.size());
  } else if (peer.ss_family == AF_INET6) {
    const auto& six = reinterpret_cast<const sockaddr_in6&>(peer);
    ::inet_ntop(AF_INET6, &six.sin6_addr, text.data(), text.size());
  }
  address_ = text.data();
}

Connection::~Connection() { ::close(socket_); }

// What is there already counts also when the time is over.
bool Connection::wait(short events, Clock::time_point until) const {
  while (true) {
    constexpr int64_t kLongest = 60'000;
    const int64_t left = std::clamp<int64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(until -
                                                              Clock::now())
                .count() +
            1,
        0, kLongest);
    pollfd one{socket_, events, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
    if (Clock::now() >= until) return false;
  }
}

long Connection::receive(char* to, size_t size) {
  while (true) {
    if (left_ == 0 || !wait(POLLIN, read_until_)) return -1;
    const ssize_t got =
        ::recv(socket_, to, std::min(size, left_), MSG_DONTWAIT);
    if (got > 0) left_ -= static_cast<size_t>(got);
    if (got >= 0) return got;
    if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) return -1;
  }
}

bool Connection::await_request(double seconds) {
  if (!buffered().empty()) return true;
  return wait(POLLIN, after(seconds));
}

bool Connection::fill() {
  constexpr size_t kPart = size_t{16} << 10;
  early_.erase(0, early_at_);
  early_at_ = 0;
  const size_t before = early_.size();
  early_.resize(before + kPart);
  const long got = receive(early_.data() + before, kPart);
  early_.resize(before + static_cast<size_t>(std::max(got, 0L)));
  return got > 0;
}

Connection::Got Connection::read_head(double seconds, size_t max_bytes) {
  read_until_ = after(seconds);
  left_ = max_bytes;
  size_t from = 0;  // before it no line ends
  while (true) {
    const std::string_view text = buffered();
    for (size_t at = text.find('\n', from); at != text.npos;
         at = text.find('\n', at + 1)) {
      if (at == 0 || text[at - 1] != '\r') return Got::kBareNewline;
      if (at < 3 || text[at - 2] != '\n') continue;
      if (at + 1 > kMaxHead) return Got::kTooLarge;
      head_ = text.substr(0, at + 1);
      take(at + 1);
      return Got::kHead;
    }
    if (text.size() > kMaxHead) return Got::kTooLarge;
    from = text.size();
    if (!fill()) return Clock::now() >= read_until_ ? Got::kLate : Got::kClosed;
  }
}

void Connection::start_response(double seconds) {
  write_until_ = after(seconds);
}

bool Connection::write(std::string_view text) {
  while (!text.empty()) {
    if (!wait(POLLOUT, write_until_)) return false;
    const ssize_t sent =
        ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      text.remove_prefix(static_cast<size_t>(sent));
    } else if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) {
      return false;
    }
  }
  return true;
}

bool Connection::gone() const {
  char byte = 0;
  const ssize_t got = ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got > 0) return false;
  return got == 0 ||
         (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

void Connection::linger() {
  constexpr double kSeconds = 1;
  ::shutdown(socket_, SHUT_WR);
  read_until_ = after(kSeconds);
  left_ = size_t{1} << 20;
  std::array<char, 4096> part;
  while (receive(part.data(), part.size()) > 0) {
  }
}

}  // namespace limner::server
