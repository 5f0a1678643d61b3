#include "outcome.h"
#include "sketch/drawing_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  limner::Drawing drawing;
  bool read = false;
  limner::allow_errors([&] {
    drawing = limner::read_drawing_json(limner::text_of(data, size), "fuzz");
    read = true;
  });
  if (!read) return 0;
  const limner::Drawing again =
      limner::read_drawing_json(limner::write_drawing_json(drawing), "again");
  limner::expect(again.strokes.size() == drawing.strokes.size());
  return 0;
}
