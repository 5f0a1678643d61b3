#include "util/json_text.h"

#include <nlohmann/json.hpp>

#include "util/error.h"

namespace limner {
namespace {

// Looks over the text before any memory is taken for it. Brackets inside of
// strings do not count; text that is no JSON is for the parser to refuse.
void check_shape(std::string_view text, int64_t max_marks) {
  int depth = 0;
  int64_t marks = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      quoted = c != '"';
      continue;
    }
    switch (c) {
      case '"':
        quoted = true;
        break;
      case '[':
      case '{':
        ++marks;
        if (++depth > kMaxJsonDepth) {
          fail("more than {} arrays inside each other, at character {}",
               kMaxJsonDepth, i);
        }
        break;
      case ']':
      case '}':
        --depth;
        break;
      case ',':
      case ':':
        ++marks;
        break;
      default:
        break;
    }
  }
  if (marks > max_marks) {
    fail("{} commas and brackets, at most {} are accepted", marks, max_marks);
  }
}

}  // namespace

nlohmann::json parse_json(std::string_view text, int64_t max_marks) {
  check_shape(text, max_marks);
  try {
    return nlohmann::json::parse(text.begin(), text.end());
  } catch (const nlohmann::json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, ...": the first
    // word says nothing to a user.
    std::string why = error.what();
    const size_t end = why.find("] ");
    if (end != why.npos) why.erase(0, end + 2);
    fail("is no JSON that can be read: {}", printable(why));
  }
}

std::string json_kind(const nlohmann::json& value) {
  const std::string kind = value.type_name();
  if (kind == "null") return kind;
  const bool vowel = kind[0] == 'a' || kind[0] == 'o';
  return (vowel ? "an " : "a ") + kind;
}

}  // namespace limner
