// HTTP/1.1 on a connection: one request, one response.
#pragma once

#include <functional>

#include "server/connection.h"
#include "server/host_names.h"
#include "server/http_body.h"
#include "server/http_options.h"

namespace limner::server {

// Reads requests, has them answered and writes the responses. Ranges and
// compression are not done: answers in ranges can be many times the file, and
// compressing takes longer than it saves on the way to a neighbour (a proxy
// compresses for the others). Thread-safe.
class HttpExchange {
 public:
  HttpExchange(const HttpOptions& options, HttpHandler handler);

  // What a connection is waited for.
  enum class Stage { kReading, kWorking, kWriting };

  // Serves one request, of which a byte is there. `tell` hears each stage as it
  // begins. last: no other follows. Returns whether the connection can take
  // another one.
  bool serve(Connection& connection, bool last,
             const std::function<void(Stage)>& tell);

  // The response to a connection that is not served, and the count of it.
  std::string turned_away();

 private:
  friend class HttpTurn;

  const HttpOptions options_;
  const HttpHandler handler_;
  const HostNames names_;
  BodyBudget bodies_;
};

}  // namespace limner::server
