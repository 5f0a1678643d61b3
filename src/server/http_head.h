// The head of an HTTP/1.1 request: request line and headers (RFC 9112).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace limner::server {

struct HttpHead {
  std::string method;                        // as sent: "HEAD"
  std::string path;                          // decoded, without the query
  std::map<std::string, std::string> query;  // decoded; the first of a name
  bool is_1_1 = true;                        // else HTTP/1.0
  // Names in small letters, values without spaces around them, in order.
  std::vector<std::pair<std::string, std::string>> headers;

  size_t count(std::string_view name) const;
  // Its value, "" when it is not there. Of several the first or the last.
  std::string first(std::string_view name) const;
  std::string last(std::string_view name) const;

  // Whether the client wants to ask more on this connection.
  bool keep_alive() const;
};

// How long a request's body is, as its headers say.
struct BodyLength {
  bool chunked = false;
  std::optional<size_t> bytes;

  bool there() const { return chunked || bytes.value_or(0) > 0; }
};

// head: up to and with the blank line, lines ending in \r\n. Throws HttpError:
// 400 for what is no head, 414 for an address beyond kLongestTarget.
HttpHead parse_head(std::string_view head);
constexpr size_t kLongestTarget = 8192;

// Throws HttpError 400 for headers that make no sense.
BodyLength body_length(const HttpHead& head);

// Of ASCII.
std::string in_small_letters(std::string text);

}  // namespace limner::server
