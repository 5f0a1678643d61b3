// Pieces of CSS text: names, strings, brackets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace limner {

bool is_css_space(char c);

// ASCII letters.
std::string lower_case(std::string_view text);

// `text` with each comment replaced by a space, and without <!-- and -->.
std::string without_comments(std::string_view text);

// The pieces of `text` between `mark`s that stand outside of brackets and
// strings.
std::vector<std::string_view> css_split(std::string_view text, char mark);

class CssScanner {
 public:
  explicit CssScanner(std::string_view text) : text_(text) {}

  bool done() const { return at_ >= text_.size(); }
  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void skip() { ++at_; }
  // Whether there were any.
  bool skip_spaces();
  // Up to the next space.
  std::string_view word();
  // An identifier, escapes resolved; empty when there is none.
  std::string name();
  // A string in quotes, or an identifier.
  std::string value();
  // Up to the next "{" or ";" outside of brackets and strings.
  std::string_view until_block();
  // From an opening bracket: what is inside; goes on after the closing one, or
  // to the end when it is missing.
  std::string_view bracketed();

 private:
  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace limner
