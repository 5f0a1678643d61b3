#include "server/listen.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "util/error.h"

namespace limner::server {
namespace {

constexpr int kBacklog = 256;

// -1 with errno when it cannot be done.
int listen_at(const addrinfo& at) {
  const int socket =
      ::socket(at.ai_family, at.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  const int on = 1;
  // Not SO_REUSEPORT, with which two servers would share a port unnoticed.
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket, at.ai_addr, at.ai_addrlen) == 0 &&
      ::listen(socket, kBacklog) == 0) {
    return socket;
  }
  const int error = errno;
  ::close(socket);
  errno = error;
  return -1;
}

int port_of(int socket) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size);
  return ntohs(own.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(own).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(own).sin_port);
}

}  // namespace

Listening listen_on(const std::string& host, int port) {
  addrinfo wish{};
  wish.ai_socktype = SOCK_STREAM;
  wish.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  int error = 0;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wish,
                    &found) == 0) {
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(found,
                                                             ::freeaddrinfo);
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
      const int socket = listen_at(*one);
      if (socket >= 0) return {socket, port_of(socket)};
      error = errno;
    }
  }
  fail("cannot listen on {} port {}: {}", printable(host), port,
       error == 0 ? "no such address" : std::strerror(error));
}

}  // namespace limner::server
