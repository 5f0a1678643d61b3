// Style sheets: the part of CSS that drawings use (CSS Syntax 3, Selectors 3,
// Cascade 4), applied to the elements of an XML file.
#pragma once

#include <cstdint>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace limner {

struct CssDeclaration {
  std::string name;  // lower case, but for custom properties (--Name)
  std::string value;
  bool important = false;
};

// Declarations of a style attribute or of a block, in order and trimmed;
// comments and what is no declaration are left out.
std::vector<CssDeclaration> css_declarations(std::string_view text);

// Without a prefix such as "svg:".
std::string_view local_name_of(std::string_view name);

// Tests of selectors against elements, all elements together, that a drawing
// may ask for.
constexpr int64_t kMaxStyleTests = 50'000'000;
// Selectors of a drawing's style sheets, and elements named in one of them.
constexpr size_t kMaxSelectors = 100'000;
constexpr size_t kMaxCompounds = 32;

// Knows selectors of elements, classes, ids, attributes, "*", :root,
// :first-child, :last-child, :only-child and :not() of one of these, combined
// by descent, ">" and "+", and @media of screens. A selector with anything else
// (such as :hover) fits no element; other at-rules are passed over, and no
// other file is opened.
class StyleSheet {
 public:
  // Adds the rules of a style element after those that are there. Throws Error
  // for more than kMaxSelectors.
  void add(std::string_view text);

  bool empty() const { return selectors_.empty(); }

  // Declarations for `node`, the ones that win last: ordinary ones, then those
  // marked important, each by specificity and then by order. They live as long
  // as the sheet. Throws Error beyond kMaxStyleTests.
  std::vector<const CssDeclaration*> match(pugi::xml_node node);

 private:
  struct Test {
    enum Kind { kType, kId, kClass, kAttribute, kRoot, kFirst, kLast, kNever };
    Kind kind = kNever;
    std::string name;
    std::string value;
    char compare = '\0';  // of attributes: = ~ | ^ $ *, or none: it is there
    bool negated = false;
  };
  // Of one element; `above` says how it hangs on the next one to the left.
  struct Compound {
    std::vector<Test> tests;
    char above = '\0';
  };
  struct Selector {
    std::vector<Compound> compounds;  // from the right
    uint32_t specificity = 0;
    uint32_t block = 0;
  };
  class Parser;

  void add_rules(std::string_view text, int depth);
  void add_rule(std::string_view selectors, std::string_view block);
  void index(uint32_t selector);
  bool fits(const Selector& selector, size_t at, pugi::xml_node node);
  bool fits(const Compound& compound, pugi::xml_node node);
  bool fits(const Test& test, pugi::xml_node node);
  // Steps over what stands between elements are counted as tests, and so are
  // attributes and their length.
  void charge(size_t steps);
  pugi::xml_node beside(pugi::xml_node node, bool before);
  pugi::xml_attribute attribute(pugi::xml_node node, std::string_view name);

  std::vector<std::vector<CssDeclaration>> blocks_;
  std::vector<Selector> selectors_;
  // Selectors by what their rightmost part asks for first.
  std::unordered_map<std::string, std::vector<uint32_t>> by_id_;
  std::unordered_map<std::string, std::vector<uint32_t>> by_class_;
  std::unordered_map<std::string, std::vector<uint32_t>> by_type_;
  std::vector<uint32_t> others_;
  int64_t tests_left_ = kMaxStyleTests;
};

}  // namespace limner
