// Weight files: both containers of torch.save, and safetensors.
#include "made_file.h"
#include "outcome.h"
#include "weights/checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static limner::MadeFile file("fuzz.pt");
  file.fill(data, size);
  limner::allow_errors([&] {
    const limner::Checkpoint checkpoint = limner::read_checkpoint(file.path());
    // Every value can be read: the last byte of each tensor, too.
    for (const auto& [name, tensor] : checkpoint.tensors.tensors) {
      limner::expect(tensor.count() >= 0);
      if (tensor.count() > 0 && tensor.count() < 1 << 16) tensor.to_f32();
    }
  });
  return 0;
}
