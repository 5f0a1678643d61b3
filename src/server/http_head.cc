#include "server/http_head.h"

#include <algorithm>
#include <charconv>

#include "server/messages.h"

namespace limner::server {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

[[noreturn]] void refuse() {
  throw HttpError(400, "the request is no HTTP that can be read");
}

// A method or a header's name.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return kDigits.find(c) != kDigits.npos ||
           kLetters.find(c) != kLetters.npos || kMarks.find(c) != kMarks.npos;
  });
}

bool has_controls(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) {
    return (c < 0x20 && c != '\t') || c == 0x7f;
  });
}

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Takes what stands before `end` from the front of `text`, and `end` with it;
// all of it when there is none.
std::string_view take_until(std::string_view& text, std::string_view end) {
  const std::string_view part = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), part.size() + end.size()));
  return part;
}

// "%2F" as "/"; what is no such code stays. In a query "+" is a space.
std::string decoded(std::string_view text, bool in_query) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const char* from = text.data() + i + 1;
      const auto [stop, error] = std::from_chars(from, from + 2, byte, 16);
      if (error == std::errc() && stop == from + 2) {
        out += static_cast<char>(byte);
        i += 2;
        continue;
      }
    }
    out += in_query && text[i] == '+' ? ' ' : text[i];
  }
  return out;
}

void parse_target(std::string_view target, HttpHead& head) {
  if (target.size() > kLongestTarget) {
    throw HttpError(414, "the address is too long");
  }
  if (target.empty() || has_controls(target)) refuse();
  target = target.substr(0, target.find('#'));
  head.path = decoded(take_until(target, "?"), false);
  while (!target.empty()) {
    std::string_view value = take_until(target, "&");
    std::string name = decoded(take_until(value, "="), true);
    if (!name.empty()) {
      head.query.emplace(std::move(name), decoded(value, true));
    }
  }
}

void parse_header(std::string_view line, HttpHead& head) {
  const size_t colon = line.find(':');
  if (colon == line.npos || !is_token(line.substr(0, colon)) ||
      has_controls(line)) {
    refuse();
  }
  head.headers.emplace_back(
      in_small_letters(std::string(line.substr(0, colon))),
      std::string(trimmed(line.substr(colon + 1))));
}

}  // namespace

std::string in_small_letters(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

size_t HttpHead::count(std::string_view name) const {
  return static_cast<size_t>(
      std::count_if(headers.begin(), headers.end(),
                    [&](const auto& one) { return one.first == name; }));
}

std::string HttpHead::first(std::string_view name) const {
  for (const auto& [own, value] : headers) {
    if (own == name) return value;
  }
  return "";
}

std::string HttpHead::last(std::string_view name) const {
  std::string found;
  for (const auto& [own, value] : headers) {
    if (own == name) found = value;
  }
  return found;
}

bool HttpHead::keep_alive() const {
  const std::string wish = in_small_letters(last("connection"));
  return is_1_1 ? wish.find("close") == wish.npos
                : wish.find("keep-alive") != wish.npos;
}

HttpHead parse_head(std::string_view text) {
  HttpHead head;
  std::string_view line = take_until(text, "\r\n");
  head.method = take_until(line, " ");
  if (!is_token(head.method)) refuse();
  const size_t space = line.rfind(' ');
  if (space == line.npos) refuse();
  const std::string_view version = line.substr(space + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") refuse();
  head.is_1_1 = version == "HTTP/1.1";
  const std::string_view target = line.substr(0, space);
  if (target.find(' ') != target.npos) refuse();
  parse_target(target, head);
  while (!(line = take_until(text, "\r\n")).empty()) parse_header(line, head);
  return head;
}

BodyLength body_length(const HttpHead& head) {
  BodyLength body;
  const size_t lengths = head.count("content-length");
  const size_t codings = head.count("transfer-encoding");
  if (lengths + codings > 1) {
    throw HttpError(400, "the body's length is given more than once");
  }
  if (codings == 1) {
    if (in_small_letters(head.first("transfer-encoding")) != "chunked") {
      throw HttpError(400, "Transfer-Encoding must be chunked");
    }
    body.chunked = true;
  }
  if (lengths == 1) {
    const std::string length = head.first("content-length");
    const char* end = length.data() + length.size();
    size_t bytes = 0;
    const auto [stop, error] = std::from_chars(length.data(), end, bytes);
    if (error != std::errc() || stop != end) {
      throw HttpError(400, "Content-Length is no length");
    }
    body.bytes = bytes;
  }
  return body;
}

}  // namespace limner::server
