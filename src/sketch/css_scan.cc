#include "sketch/css_scan.h"

#include <algorithm>
#include <cstdint>

namespace limner {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The place after a string that opens at `at`.
size_t after_string(std::string_view text, size_t at) {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      return at + 1;
    }
  }
  return text.size();
}

// From `at` to the first place outside of strings and inner brackets where
// stop(c), or to the end.
template <typename Stop>
size_t find_outside(std::string_view text, size_t at, const Stop& stop) {
  int64_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (depth == 0 && stop(c)) return at;
    if (c == '"' || c == '\'') {
      at = after_string(text, at);
      continue;
    }
    if (c == '\\') ++at;
    if (c == '(' || c == '[' || c == '{') ++depth;
    if ((c == ')' || c == ']' || c == '}') && depth > 0) --depth;
    ++at;
  }
  return text.size();
}

void append_utf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 63));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  } else if (code < 0x110000) {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 63));
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  }
}

}  // namespace

bool is_css_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string without_comments(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    if (text.substr(at, 2) == "/*") {
      const size_t end = text.find("*/", at + 2);
      out += ' ';
      at = end == text.npos ? text.size() : end + 2;
    } else if (text.substr(at, 4) == "<!--") {
      at += 4;
    } else if (text.substr(at, 3) == "-->") {
      at += 3;
    } else if (text[at] == '"' || text[at] == '\'') {
      const size_t end = after_string(text, at);
      out.append(text.substr(at, end - at));
      at = end;
    } else {
      out += text[at++];
    }
  }
  return out;
}

std::vector<std::string_view> css_split(std::string_view text, char mark) {
  std::vector<std::string_view> out;
  for (size_t at = 0; at <= text.size();) {
    const size_t end =
        find_outside(text, at, [mark](char c) { return c == mark; });
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

bool CssScanner::skip_spaces() {
  const size_t from = at_;
  while (!done() && is_css_space(text_[at_])) ++at_;
  return at_ > from;
}

std::string_view CssScanner::word() {
  const size_t from = at_;
  while (!done() && !is_css_space(text_[at_])) ++at_;
  return text_.substr(from, at_ - from);
}

std::string CssScanner::name() {
  std::string out;
  while (!done()) {
    if (is_name_character(text_[at_])) {
      out += text_[at_++];
    } else if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
      ++at_;
      if (hex_digit(text_[at_]) < 0) {
        out += text_[at_++];
        continue;
      }
      uint32_t code = 0;
      for (int i = 0; i < 6 && hex_digit(peek()) >= 0; ++i) {
        code = code * 16 + static_cast<uint32_t>(hex_digit(text_[at_++]));
      }
      if (is_css_space(peek())) ++at_;
      append_utf8(out, code);
    } else {
      break;
    }
  }
  return out;
}

std::string CssScanner::value() {
  if (peek() != '"' && peek() != '\'') return name();
  const size_t end = after_string(text_, at_);
  std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
  if (!inside.empty() && inside.back() == text_[at_]) inside.remove_suffix(1);
  at_ = end;
  return std::string(inside);
}

std::string_view CssScanner::until_block() {
  const size_t from = at_;
  // A "{" opens a bracket, so it is looked for before brackets are counted.
  at_ = find_outside(text_, at_, [](char c) { return c == '{' || c == ';'; });
  return text_.substr(from, at_ - from);
}

std::string_view CssScanner::bracketed() {
  const size_t from = std::min(at_ + 1, text_.size());
  at_ = find_outside(text_, from,
                     [](char c) { return c == '}' || c == ')' || c == ']'; });
  const std::string_view inside = text_.substr(from, at_ - from);
  if (!done()) ++at_;
  return inside;
}

}  // namespace limner
