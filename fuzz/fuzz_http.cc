// Bytes as a client sends them, through a real socket to a server whose answers
// are short. The server must go on serving.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <string>
#include <thread>

#include "outcome.h"
#include "server/http_server.h"

namespace {

using limner::server::HttpHandler;
using limner::server::HttpOptions;
using limner::server::HttpServer;
using limner::server::Request;
using limner::server::Response;

class Served {
 public:
  Served() : server_(options(), handler()) {
    thread_ = std::thread([this] { server_.run(); });
  }
  ~Served() {
    server_.stop();
    thread_.join();
  }
  int port() const { return server_.port(); }

 private:
  static HttpOptions options() {
    HttpOptions options;
    options.body_bytes = 1 << 12;
    options.read_seconds = 2;
    options.write_seconds = 2;
    options.idle_seconds = 2;
    return options;
  }
  static HttpHandler handler() {
    HttpHandler handler;
    handler.refuse = [](const Request&) { return std::nullopt; };
    handler.handle = [](const Request& request) {
      limner::expect(request.body.size() <= 1 << 12);
      Response response;
      response.content_type = "text/plain";
      response.body = std::make_shared<const std::string>("well\n");
      return response;
    };
    return handler;
  }

  HttpServer server_;
  std::thread thread_;
};

int connected(int port) {
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  limner::expect(client >= 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  limner::expect(::connect(client, reinterpret_cast<sockaddr*>(&address),
                           sizeof address) == 0);
  const timeval patience = {10, 0};
  ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return client;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto ignored = std::signal(SIGPIPE, SIG_IGN);
  static Served served;
  (void)ignored;
  const int client = connected(served.port());
  while (size > 0) {
    const ssize_t sent = ::send(client, data, size, 0);
    if (sent <= 0) break;
    data += sent;
    size -= static_cast<size_t>(sent);
  }
  ::shutdown(client, SHUT_WR);
  std::string answer;
  char part[4096];
  ssize_t got = 0;
  while ((got = ::recv(client, part, sizeof part, 0)) > 0) {
    answer.append(part, static_cast<size_t>(got));
  }
  ::close(client);
  limner::expect(answer.empty() || answer.compare(0, 5, "HTTP/") == 0);
  return 0;
}
