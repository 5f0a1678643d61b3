// The pickle machine alone, which zip archives hide from the fuzzer.
#include "outcome.h"
#include "weights/pickle.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  limner::allow_errors([&] {
    limner::pickle::Arena arena("fuzz", size_t{1} << 20);
    size_t used = 0;
    const limner::pickle::Value* value =
        limner::pickle::load(&arena, limner::Bytes(data, size), &used);
    limner::expect(value != nullptr && used <= size);
    if (value->kind == limner::pickle::Kind::kDict) {
      limner::pickle::find(*value, "state_dict");
    }
  });
  return 0;
}
