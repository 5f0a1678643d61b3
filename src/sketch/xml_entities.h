// Entities that an XML file defines for itself, as old programs write them:
// <!ENTITY st0 "fill:none;stroke:#000000;">, and style="&st0;".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace limner {

// An entity that would become longer, or whose text leads over more entities,
// stays as it is written.
constexpr size_t kMaxEntity = 1 << 16;
constexpr int kMaxEntityDepth = 8;

// `text` with the entities of its own DOCTYPE replaced, line by line as it was;
// empty when it defines none. Entities of other files are never opened. Throws
// Error for a text that would become longer than kMaxDrawingFile.
std::string expand_entities(std::string_view text);

}  // namespace limner
