#include "outcome.h"
#include "sketch/svg_read.h"
#include "sketch/svg_write.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  limner::Drawing drawing;
  bool read = false;
  limner::allow_errors([&] {
    drawing = limner::read_svg(limner::text_of(data, size), "fuzz");
    read = true;
  });
  if (!read) return 0;
  // What was read can be written, and is read back: no Error any more.
  const limner::Drawing again =
      limner::read_svg(limner::write_svg(drawing), "again");
  limner::expect(again.strokes.size() == drawing.strokes.size());
  for (size_t i = 0; i < again.strokes.size(); ++i) {
    limner::expect(again.strokes[i].label == drawing.strokes[i].label);
    limner::expect(again.strokes[i].points.size() ==
                   drawing.strokes[i].points.size());
  }
  return 0;
}
