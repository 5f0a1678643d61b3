#include "sketch/svg_file.h"

#include <algorithm>

#include "sketch/css.h"
#include "sketch/svg_text.h"
#include "sketch/xml_entities.h"
#include "util/error.h"

namespace limner {
namespace {

std::string_view prefix_of(std::string_view name) {
  const size_t colon = name.rfind(':');
  return colon == name.npos ? "" : name.substr(0, colon);
}

}  // namespace

SvgFile::SvgFile(std::string_view text)
    : expanded_(expand_entities(text)),
      text_(expanded_.empty() ? text : std::string_view(expanded_)) {
  const auto marks = std::count_if(text_.begin(), text_.end(),
                                   [](char c) { return c == '<' || c == '='; });
  if (marks > kMaxSvgMarks) {
    fail("{} elements and attributes, at most {} are accepted", marks,
         kMaxSvgMarks);
  }
  const pugi::xml_parse_result result =
      document_.load_buffer(text_.data(), text_.size());
  if (!result) {
    fail("is no SVG that can be read: {} (line {})", result.description(),
         line_at(result.offset));
  }
  root_ = document_.document_element();
  if (local_name_of(root_.name()) != "svg") {
    fail("is no SVG: the root element is <{}>, expected <svg>",
         shown(root_.name()));
  }
  prefixes_.emplace(prefix_of(root_.name()));
  for (const pugi::xml_attribute attribute : root_.attributes()) {
    const std::string_view name = attribute.name();
    if (prefix_of(name) == "xmlns" &&
        std::string_view(attribute.value()) == "http://www.w3.org/2000/svg") {
      prefixes_.emplace(local_name_of(name));
    }
  }
  styles_.read(root_);
}

std::string_view SvgFile::name_of(pugi::xml_node node) const {
  if (node.type() != pugi::node_element) return {};
  const std::string_view name = node.name();
  if (prefixes_.count(prefix_of(name)) == 0) return {};
  return local_name_of(name);
}

pugi::xml_node SvgFile::find(std::string_view id) {
  if (!indexed_) {
    indexed_ = true;
    for (pugi::xml_node node = root_; node;) {
      const std::string_view own = node.attribute("id").value();
      if (!own.empty()) ids_.emplace(own, node);  // the first one counts
      if (node.first_child()) {
        node = node.first_child();
        continue;
      }
      while (node != root_ && !node.next_sibling()) node = node.parent();
      node = node == root_ ? pugi::xml_node() : node.next_sibling();
    }
  }
  const auto found = ids_.find(id);
  return found == ids_.end() ? pugi::xml_node() : found->second;
}

std::string_view SvgFile::href_of(pugi::xml_node node) {
  std::string_view target;
  for (const pugi::xml_attribute attribute : node.attributes()) {
    if (local_name_of(attribute.name()) != "href") continue;
    target = trimmed(attribute.value());
    // The one without a prefix goes before xlink's.
    if (std::string_view(attribute.name()) == "href" && !target.empty()) break;
  }
  return target;
}

pugi::xml_node SvgFile::target_of(pugi::xml_node node) {
  const std::string_view target = href_of(node);
  if (target.size() < 2 || target[0] != '#') return {};
  return find(target.substr(1));
}

std::string SvgFile::place_of(pugi::xml_node node) const {
  return fmt::format("<{}> on line {}", shown(node.name()),
                     line_at(node.offset_debug()));
}

int64_t SvgFile::line_at(ptrdiff_t offset) const {
  const auto end = std::min(
      text_.size(), static_cast<size_t>(std::max<ptrdiff_t>(offset, 0)));
  return 1 + std::count(text_.begin(), text_.begin() + end, '\n');
}

}  // namespace limner
