#include "outcome.h"
#include "sketch/quickdraw.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using Third = limner::QuickDrawOptions::Third;
  const std::string_view text = limner::text_of(data, size);
  for (const Third third : {Third::kTime, Third::kParts}) {
    limner::allow_errors([&] { limner::read_ndjson(text, {third, false}); });
    std::vector<limner::QuickDrawing> drawings;
    limner::allow_errors([&] {
      std::vector<std::string> broken;
      drawings = limner::read_ndjson(text, {third, true}, &broken);
    });
    for (const limner::QuickDrawing& drawing : drawings) {
      const auto again =
          limner::read_quickdraw(limner::write_quickdraw(drawing));
      limner::expect(again.drawing.strokes.size() ==
                     drawing.drawing.strokes.size());
      limner::expect(again.key_id == drawing.key_id);
    }
  }
  return 0;
}
