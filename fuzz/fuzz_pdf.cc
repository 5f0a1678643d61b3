// Pages of PDF files, to the strokes on them.
#include <string>
#include <vector>

#include "outcome.h"
#include "sketch/drawing_limits.h"
#include "sketch/pdf.h"
#include "sketch/svg_read.h"

// What poppler and its libraries lose in damaged files is not limner's.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libpoppler\nleak:libcairo\nleak:libfontconfig\nleak:libglib\n";
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const limner::Bytes file(data, size);
  if (!limner::is_pdf(file)) return 0;
  limner::allow_errors([&] {
    std::vector<std::string> notes;
    const std::string svg = limner::svg_of_pdf(file, 0, notes);
    limner::expect(svg.size() <= limner::kMaxDrawingFile);
    limner::read_svg(svg, "fuzz");
  });
  return 0;
}
