// The names under which a server may be asked.
#pragma once

#include <string>
#include <vector>

namespace limner::server {

// A page whose name was pointed at this machine (DNS rebinding) is of the
// server's own site to a browser; what gives it away is its name in the header
// Host. Served are localhost, any address in numbers, which no page can have
// pointed elsewhere, and the names that were given.
class HostNames {
 public:
  explicit HostNames(std::vector<std::string> names);

  // host: the header's value, "name", "name:port" or "[address]:port".
  bool serves(const std::string& host) const;

 private:
  std::vector<std::string> names_;  // small letters
};

}  // namespace limner::server
