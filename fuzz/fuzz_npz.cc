// NumPy archives.
#include "made_file.h"
#include "outcome.h"
#include "weights/npz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static limner::MadeFile file("fuzz.npz");
  file.fill(data, size);
  limner::allow_errors([&] {
    const limner::TensorMap arrays = limner::read_npz(file.path());
    for (const auto& [name, tensor] : arrays.tensors) {
      if (tensor.count() > 0 && tensor.count() < 1 << 16) tensor.to_f32();
    }
  });
  return 0;
}
