#include "sketch/svg_read.h"
#include "sketch/svg_write.h"
#include "there_and_back.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [drawing, again] =
      limner::there_and_back(data, size, limner::read_svg, limner::write_svg);
  for (size_t i = 0; i < again.strokes.size(); ++i) {
    limner::expect(again.strokes[i].label == drawing.strokes[i].label);
    limner::expect(again.strokes[i].points.size() ==
                   drawing.strokes[i].points.size());
  }
  return 0;
}
