#include "server/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace limner::server {
namespace {

Connection::Clock::time_point after(double seconds) {
  return Connection::Clock::now() +
         std::chrono::duration_cast<Connection::Clock::duration>(
             std::chrono::duration<double>(seconds));
}

// Whatever the case of the letters.
bool begins_with(std::string_view line, std::string_view name) {
  return line.size() >= name.size() &&
         ::strncasecmp(line.data(), name.data(), name.size()) == 0;
}

// Calls visit(line) for each line, with what ends it.
template <typename Visit>
void for_each_line(std::string_view head, const Visit& visit) {
  while (!head.empty()) {
    const size_t end = std::min(head.find('\n'), head.size() - 1) + 1;
    visit(head.substr(0, end));
    head.remove_prefix(end);
  }
}

// Left out of a head: "Range", whose answers can be many times the file, and
// "Accept-Encoding", since compressing takes longer than it saves on the way
// to a neighbour (a proxy compresses for the others).
bool is_dropped(std::string_view line) {
  for (const std::string_view name :
       {std::string_view("range:"), std::string_view("accept-encoding:")}) {
    if (begins_with(line, name)) return true;
  }
  return false;
}

std::string without_dropped(std::string_view head) {
  std::string out;
  out.reserve(head.size());
  for_each_line(head, [&](std::string_view line) {
    if (!is_dropped(line)) out += line;
  });
  return out;
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
    port_ = ntohs(four.sin_port);
  } else if (peer.ss_family == AF_INET6) {
    const auto& six = reinterpret_cast<const sockaddr_in6&>(peer);
    ::inet_ntop(AF_INET6, &six.sin6_addr, text.data(), text.size());
    port_ = ntohs(six.sin6_port);
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
  if (early_at_ < early_.size()) return true;
  return wait(POLLIN, after(seconds));
}

Connection::Got Connection::read_head(double seconds, size_t most_bytes) {
  read_until_ = after(seconds);
  left_ = most_bytes;
  std::string all = early_.substr(early_at_);
  early_.clear();
  early_at_ = 0;
  size_t end = all.npos;
  size_t from = 0;  // before it there is no end
  while (true) {
    // Lines may end in \n alone.
    for (size_t at = all.find('\n', from); at != all.npos;
         at = all.find('\n', at + 1)) {
      if (all.compare(at + 1, 1, "\n") == 0) end = at + 2;
      if (all.compare(at + 1, 2, "\r\n") == 0) end = at + 3;
      if (end != all.npos) break;
    }
    if (end != all.npos && end <= kMostHead) break;
    if (all.size() > kMostHead) return Got::kTooLarge;
    from = all.size() < 3 ? 0 : all.size() - 3;
    std::array<char, 4096> part;
    const long got = receive(part.data(), part.size());
    if (got == 0) return Got::kClosed;
    if (got < 0) {
      return Clock::now() >= read_until_ ? Got::kLate : Got::kClosed;
    }
    all.append(part.data(), static_cast<size_t>(got));
  }
  head_ = without_dropped(std::string_view(all).substr(0, end));
  head_at_ = 0;
  early_ = all.substr(end);
  return Got::kHead;
}

std::string Connection::last_header(std::string_view name) const {
  std::string_view value;
  for_each_line(head_, [&](std::string_view line) {
    if (begins_with(line, name) && line.substr(name.size(), 1) == ":") {
      value = line.substr(name.size() + 1);
    }
  });
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = value.find_first_not_of(kSpace);
  if (first == value.npos) return "";
  return std::string(
      value.substr(first, value.find_last_not_of(kSpace) - first + 1));
}

long Connection::read(char* to, size_t size) {
  for (auto [text, at] :
       {std::pair(&head_, &head_at_), std::pair(&early_, &early_at_)}) {
    if (*at >= text->size()) continue;
    const size_t count = std::min(size, text->size() - *at);
    std::memcpy(to, text->data() + *at, count);
    *at += count;
    return static_cast<long>(count);
  }
  return receive(to, size);
}

void Connection::start_response(double seconds) {
  write_until_ = after(seconds);
}

long Connection::write(const char* from, size_t size) {
  size_t done = 0;
  while (done < size) {
    if (!wait(POLLOUT, write_until_)) return -1;
    const ssize_t sent =
        ::send(socket_, from + done, size - done, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      done += static_cast<size_t>(sent);
    } else if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) {
      return -1;
    }
  }
  return static_cast<long>(size);
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
