#include "sketch/css.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sketch/css_scan.h"
#include "sketch/drawing_limits.h"
#include "sketch/svg_text.h"

namespace limner {
namespace {

// Sheets inside @media inside @media ...
constexpr int kMaxMediaDepth = 8;

// Whether a drawing on a screen takes what stands under @media `query`.
bool is_for_screens(std::string_view query) {
  for (const std::string_view one : css_split(query, ',')) {
    const std::string kind = lower_case(trimmed(one));
    if (kind.empty() || kind == "all" || kind == "screen" ||
        kind == "only screen" || kind == "not print") {
      return true;
    }
  }
  return false;
}

bool has_word(std::string_view list, std::string_view word) {
  for (size_t at = list.find(word); at != list.npos;
       at = list.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || is_css_space(list[at - 1])) &&
        (end == list.size() || is_css_space(list[end]))) {
      return true;
    }
  }
  return false;
}

bool compares(std::string_view text, char how, std::string_view wanted) {
  if (how == '=') return text == wanted;
  if (wanted.empty()) return false;
  const size_t size = wanted.size();
  switch (how) {
    case '~':
      return has_word(text, wanted);
    case '|':
      return text.substr(0, size) == wanted &&
             (text.size() == size || text[size] == '-');
    case '^':
      return text.substr(0, size) == wanted;
    case '$':
      return text.size() >= size && text.substr(text.size() - size) == wanted;
    default:
      return text.find(wanted) != text.npos;
  }
}

}  // namespace

std::string_view local_name_of(std::string_view name) {
  const size_t colon = name.rfind(':');
  return colon == name.npos ? name : name.substr(colon + 1);
}

std::vector<CssDeclaration> css_declarations(std::string_view text) {
  std::string kept;
  if (text.find("/*") != text.npos) {
    kept = without_comments(text);
    text = kept;
  }
  std::vector<CssDeclaration> out;
  for (const std::string_view one : css_split(text, ';')) {
    const size_t colon = one.find(':');
    if (colon == one.npos) continue;
    CssDeclaration declaration;
    const std::string_view name = trimmed(one.substr(0, colon));
    declaration.name =
        name.substr(0, 2) == "--" ? std::string(name) : lower_case(name);
    std::string_view value = trimmed(one.substr(colon + 1));
    const size_t mark = value.rfind('!');
    if (mark != value.npos) {
      declaration.important =
          lower_case(trimmed(value.substr(mark + 1))) == "important";
      value = trimmed(value.substr(0, mark));
    }
    declaration.value = value;
    out.push_back(std::move(declaration));
  }
  return out;
}

// Reads one selector of the list before a block.
class StyleSheet::Parser {
 public:
  explicit Parser(std::string_view text, bool negated = false)
      : scan_(text), negated_(negated) {}

  Selector read() {
    Selector selector;
    scan_.skip_spaces();
    char above = '\0';
    while (!scan_.done()) {
      Compound compound = read_compound(selector.specificity);
      compound.above = above;
      selector.compounds.push_back(std::move(compound));
      above = read_combinator();
    }
    // From the right, each with how it hangs on the one to its left.
    std::reverse(selector.compounds.begin(), selector.compounds.end());
    if (selector.compounds.empty() ||
        selector.compounds.size() > kMaxCompounds) {
      selector.compounds.resize(1);
      selector.compounds[0].tests.emplace_back();  // fits nothing
    }
    return selector;
  }

 private:
  char read_combinator() {
    const bool spaces = scan_.skip_spaces();
    const char c = scan_.peek();
    if (c == '>' || c == '+' || c == '~') {
      scan_.skip();
      scan_.skip_spaces();
      return c;
    }
    return spaces ? ' ' : '\0';
  }

  Compound read_compound(uint32_t& specificity) {
    Compound compound;
    for (bool any = false; !scan_.done(); any = true) {
      const char c = scan_.peek();
      if (is_css_space(c) || c == '>' || c == '+' || c == '~') {
        // "> > a" has an element without a name.
        if (!any) compound.tests.emplace_back();
        if (!any) scan_.skip();
        break;
      }
      read_test(compound.tests, specificity);
    }
    return compound;
  }

  // Ids count most, then classes and what is like them, then elements.
  void read_test(std::vector<Test>& tests, uint32_t& specificity) {
    const char c = scan_.peek();
    Test test;
    if (c == '*') {
      scan_.skip();
      if (scan_.peek() == '|') scan_.skip();
      return;
    }
    if (c == '#') {
      scan_.skip();
      test.kind = Test::kId;
      test.name = scan_.name();
      specificity += 1 << 16;
    } else if (c == '.') {
      scan_.skip();
      test.kind = Test::kClass;
      test.name = scan_.name();
      specificity += 1 << 8;
    } else if (c == '[') {
      test = read_attribute();
      specificity += 1 << 8;
    } else if (c == ':') {
      test = read_pseudo(specificity);
    } else {
      test.kind = Test::kType;
      test.name = scan_.name();
      if (!test.name.empty() && scan_.peek() == '|') {
        // The name of a namespace; ours is understood.
        scan_.skip();
        test.name = scan_.name();
      }
      specificity += 1;
    }
    if (test.kind <= Test::kClass && test.name.empty()) {
      test.kind = Test::kNever;
      if (!scan_.done()) scan_.skip();
    }
    tests.push_back(std::move(test));
  }

  Test read_attribute() {
    Test test;
    CssScanner inside(scan_.bracketed());
    inside.skip_spaces();
    test.name = inside.name();
    if (inside.peek() == '|' && inside.peek(1) != '=') {
      inside.skip();
      test.name = inside.name();
    }
    inside.skip_spaces();
    test.kind = Test::kAttribute;
    if (inside.done()) return test;
    test.compare = inside.peek();
    inside.skip();
    if (test.compare != '=') {
      if (inside.peek() != '=') test.kind = Test::kNever;
      inside.skip();
    }
    inside.skip_spaces();
    test.value = inside.value();
    return test;
  }

  Test read_pseudo(uint32_t& specificity) {
    Test test;
    scan_.skip();
    const bool is_part = scan_.peek() == ':';
    if (is_part) scan_.skip();
    const std::string name = lower_case(scan_.name());
    std::string_view inside;
    if (scan_.peek() == '(') inside = scan_.bracketed();
    if (is_part) return test;
    if (name == "not") {
      std::vector<Test> negated;
      Parser parser(trimmed(inside), true);
      if (!negated_) parser.read_test(negated, specificity);
      if (!parser.scan_.done() || negated.size() != 1) return test;
      negated[0].negated = true;
      return negated[0];
    }
    specificity += 1 << 8;
    if (name == "root") test.kind = Test::kRoot;
    if (name == "first-child") test.kind = Test::kFirst;
    if (name == "last-child") test.kind = Test::kLast;
    return test;
  }

  CssScanner scan_;
  bool negated_;  // inside of :not()
};

void StyleSheet::add(std::string_view text) {
  add_rules(without_comments(text), 0);
}

void StyleSheet::add_rules(std::string_view text, int depth) {
  CssScanner scan(text);
  while (true) {
    scan.skip_spaces();
    if (scan.done()) return;
    const std::string_view front = trimmed(scan.until_block());
    if (scan.peek() != '{') {
      scan.skip();  // such as "@import url(a.css);"
      continue;
    }
    const std::string_view block = scan.bracketed();
    if (front.substr(0, 1) != "@") {
      add_rule(front, block);
    } else if (lower_case(front.substr(0, 6)) == "@media" &&
               depth < kMaxMediaDepth && is_for_screens(front.substr(6))) {
      add_rules(block, depth + 1);
    }
  }
}

void StyleSheet::add_rule(std::string_view selectors, std::string_view block) {
  blocks_.push_back(css_declarations(block));
  for (const std::string_view one : css_split(selectors, ',')) {
    if (selectors_.size() >= kMaxSelectors) {
      fail_limit("more than {} selectors in style sheets", kMaxSelectors);
    }
    selectors_.push_back(Parser(trimmed(one)).read());
    selectors_.back().block = static_cast<uint32_t>(blocks_.size() - 1);
    index(static_cast<uint32_t>(selectors_.size() - 1));
  }
}

void StyleSheet::index(uint32_t selector) {
  const Compound& last = selectors_[selector].compounds.front();
  const auto add = [&](Test::Kind kind, auto& map) {
    for (const Test& test : last.tests) {
      if (test.kind != kind || test.negated) continue;
      map[test.name].push_back(selector);
      return true;
    }
    return false;
  };
  if (add(Test::kId, by_id_) || add(Test::kClass, by_class_)) return;
  if (add(Test::kType, by_type_)) return;
  others_.push_back(selector);
}

void StyleSheet::charge(size_t steps) {
  tests_left_ -= static_cast<int64_t>(steps);
  if (tests_left_ < 0) {
    fail_limit("more than {} tests of selectors; simplify its style sheets",
               kMaxStyleTests);
  }
}

pugi::xml_node StyleSheet::beside(pugi::xml_node node, bool before) {
  do {
    charge(1);
    node = before ? node.previous_sibling() : node.next_sibling();
  } while (node && node.type() != pugi::node_element);
  return node;
}

pugi::xml_attribute StyleSheet::attribute(pugi::xml_node node,
                                          std::string_view name) {
  for (const pugi::xml_attribute one : node.attributes()) {
    charge(1);
    if (name != one.name()) continue;
    charge(std::strlen(one.value()) / 8);
    return one;
  }
  return {};
}

bool StyleSheet::fits(const Test& test, pugi::xml_node node) {
  switch (test.kind) {
    case Test::kType:
      return local_name_of(node.name()) == test.name;
    case Test::kId:
      return test.name == attribute(node, "id").value();
    case Test::kClass:
      return has_word(attribute(node, "class").value(), test.name);
    case Test::kAttribute: {
      const pugi::xml_attribute found = attribute(node, test.name);
      if (!found) return false;
      return test.compare == '\0' ||
             compares(found.value(), test.compare, test.value);
    }
    case Test::kRoot:
      return node.parent().type() == pugi::node_document;
    case Test::kFirst:
      return !beside(node, true);
    case Test::kLast:
      return !beside(node, false);
    case Test::kNever:
      break;
  }
  return false;
}

bool StyleSheet::fits(const Compound& compound, pugi::xml_node node) {
  charge(1 + compound.tests.size());
  return std::all_of(
      compound.tests.begin(), compound.tests.end(), [&](const Test& test) {
        return test.kind != Test::kNever && fits(test, node) != test.negated;
      });
}

// Whether `node` fits the compound `at` and what is left of it. Recursion is as
// deep as the selector is long, and its steps are counted.
bool StyleSheet::fits(const Selector& selector, size_t at,
                      pugi::xml_node node) {
  const Compound& compound = selector.compounds[at];
  if (node.type() != pugi::node_element || !fits(compound, node)) return false;
  if (at + 1 == selector.compounds.size()) return true;
  switch (compound.above) {
    case '>':
      return fits(selector, at + 1, node.parent());
    case '+':
      return fits(selector, at + 1, beside(node, true));
    case ' ':
      for (node = node.parent(); node; node = node.parent()) {
        if (fits(selector, at + 1, node)) return true;
      }
      return false;
    default:
      return false;  // "~" would look at all that stands before
  }
}

std::vector<const CssDeclaration*> StyleSheet::match(pugi::xml_node node) {
  std::vector<uint32_t> found;
  const auto look = [&](const std::vector<uint32_t>& candidates) {
    for (const uint32_t candidate : candidates) {
      if (fits(selectors_[candidate], 0, node)) found.push_back(candidate);
    }
  };
  const auto look_up = [&](const auto& map, std::string_view key) {
    if (map.empty()) return;
    const auto at = map.find(std::string(key));
    if (at != map.end()) look(at->second);
  };
  look(others_);
  look_up(by_type_, local_name_of(node.name()));
  if (!by_id_.empty()) look_up(by_id_, attribute(node, "id").value());
  if (!by_class_.empty()) {
    CssScanner words(attribute(node, "class").value());
    for (words.skip_spaces(); !words.done(); words.skip_spaces()) {
      look_up(by_class_, words.word());
    }
  }
  std::sort(found.begin(), found.end(), [this](uint32_t a, uint32_t b) {
    return std::pair(selectors_[a].specificity, a) <
           std::pair(selectors_[b].specificity, b);
  });
  std::vector<const CssDeclaration*> out;
  for (const bool important : {false, true}) {
    for (const uint32_t selector : found) {
      for (const CssDeclaration& one : blocks_[selectors_[selector].block]) {
        if (one.important == important) out.push_back(&one);
      }
    }
  }
  return out;
}

}  // namespace limner
