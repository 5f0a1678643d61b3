// Pieces of self-contained HTML pages.
#pragma once

#include <string>

#include "util/span.h"

namespace limner {

// `text` as it may stand between tags and within quoted attributes.
std::string html_escaped(const std::string& text);

// RFC 4648, section 4: with padding, without line breaks.
std::string base64(Bytes bytes);

}  // namespace limner
