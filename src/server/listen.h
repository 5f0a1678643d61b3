// A socket that clients connect to.
#pragma once

#include <string>

namespace limner::server {

struct Listening {
  int socket = -1;
  int port = 0;
};

// Listens on an address or a name; port 0 takes any that is free. The socket
// does not block and is closed by exec(). Throws Error when the address is
// taken or makes no sense.
Listening listen_on(const std::string& host, int port);

}  // namespace limner::server
