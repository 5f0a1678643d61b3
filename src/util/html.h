// Pieces of self-contained HTML pages.
#pragma once

#include <string>

namespace limner {

// `text` as it may stand between tags and within quoted attributes.
std::string html_escaped(const std::string& text);

}  // namespace limner
