#include "server/host_names.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "server/http_head.h"

namespace limner::server {
namespace {

bool is_address(int family, const std::string& text) {
  in6_addr room{};
  return ::inet_pton(family, text.c_str(), &room) == 1;
}

// Cuts off ":8080". False when what is there is no port.
bool cut_port(std::string_view& host) {
  const size_t colon = host.rfind(':');
  if (colon == host.npos || host.back() == ']') return true;
  const std::string_view port = host.substr(colon + 1);
  host = host.substr(0, colon);
  return port.find_first_not_of("0123456789") == port.npos;
}

}  // namespace

HostNames::HostNames(std::vector<std::string> names)
    : names_(std::move(names)) {
  names_.emplace_back("localhost");
  for (std::string& name : names_) name = in_small_letters(name);
}

bool HostNames::serves(const std::string& host) const {
  std::string_view rest = host;
  if (!cut_port(rest) || rest.empty()) return false;
  if (rest.front() == '[' && rest.back() == ']') {
    return is_address(AF_INET6, std::string(rest.substr(1, rest.size() - 2)));
  }
  if (rest.back() == '.') rest.remove_suffix(1);
  const std::string name = in_small_letters(std::string(rest));
  return is_address(AF_INET, name) ||
         std::find(names_.begin(), names_.end(), name) != names_.end();
}

}  // namespace limner::server
