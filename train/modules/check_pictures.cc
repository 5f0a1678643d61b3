#include "train/modules/check_pictures.h"

#include "util/error.h"
#include "weights/tensor.h"

namespace limner::train {

void check_pictures(const torch::Tensor& x, int64_t step, const char* network) {
  if (x.dim() == 4 && x.size(1) == 3 && x.size(2) % step == 0 &&
      x.size(3) % step == 0) {
    return;
  }
  fail(
      "{} got an input of shape {}, expected [B, 3, h, w] with sides that {} "
      "divides",
      network, to_string(x.sizes().vec()), step);
}

}  // namespace limner::train
