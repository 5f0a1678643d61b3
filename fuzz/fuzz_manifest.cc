// The list of a folder of faces.
#include "data/dataset.h"
#include "made_file.h"
#include "outcome.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static limner::MadeFile file("manifest.csv");
  file.fill(data, size);
  for (const char* split : {"train", "val"}) {
    limner::allow_errors([&] {
      const auto faces = limner::open_dataset(file.folder(), split);
      limner::expect(faces->size() > 0);
      // There are no pictures: each is refused, whatever it is called.
      limner::allow_errors([&] { faces->load(0); });
    });
  }
  return 0;
}
