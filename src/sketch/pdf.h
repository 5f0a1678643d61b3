// Pages of PDF files as SVG, so that their lines stay lines (poppler and
// cairo, which are loaded with the first such file).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "util/span.h"

namespace limner {

// Whether `data` starts as a PDF does (Illustrator's .ai files are PDFs, too).
bool is_pdf(Bytes data);

// Page `index`, counted from 0, as SVG text in points. `notes` gets that there
// are others, where none was asked for (index 0). Serves one thread at a time.
// Throws Error for a damaged file, one with a password, a page that there is
// not or that is not 1 to 14,400 points (200 inches) a side, for SVG of more
// than kMaxDrawingFile, and where the libraries are missing.
std::string svg_of_pdf(Bytes data, int64_t index,
                       std::vector<std::string>& notes);

// Throws Error: PDF is not taken here, and what to do instead.
[[noreturn]] void refuse_pdf();

}  // namespace limner
