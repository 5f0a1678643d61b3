// The tree of an SVG file: names, ids, lines, style sheets.
#pragma once

#include <cstdint>
#include <pugixml.hpp>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sketch/svg_paint.h"

namespace limner {

// Marks (< and =) in a file, each of which may take 64 bytes of memory while
// it is read. A drawing of kMaxDrawingStrokes strokes has a million.
constexpr int64_t kMaxSvgMarks = 4'000'000;

class SvgFile {
 public:
  // `text` has to outlive the file. Throws Error for what is no SVG.
  explicit SvgFile(std::string_view text);
  SvgFile(const SvgFile&) = delete;
  SvgFile& operator=(const SvgFile&) = delete;

  pugi::xml_node root() const { return root_; }
  // An element's name without the prefix of SVG's namespace; empty for text and
  // elements of other namespaces.
  std::string_view name_of(pugi::xml_node node) const;
  // The first element of this id.
  pugi::xml_node find(std::string_view id);
  // The attribute href, whatever its prefix.
  static std::string_view href_of(pugi::xml_node node);
  // What it names in this file.
  pugi::xml_node target_of(pugi::xml_node node);
  // "<path> on line 3", as messages have it.
  std::string place_of(pugi::xml_node node) const;
  SvgStyles& styles() { return styles_; }

 private:
  int64_t line_at(ptrdiff_t offset) const;

  std::string expanded_;  // with its entities, where it has some
  std::string_view text_;
  pugi::xml_document document_;
  pugi::xml_node root_;
  std::set<std::string, std::less<>> prefixes_ = {"", "svg"};
  std::unordered_map<std::string_view, pugi::xml_node> ids_;
  bool indexed_ = false;
  SvgStyles styles_;
};

}  // namespace limner
