#include "weights/torch_file.h"

#include <algorithm>
#include <string_view>

#include "util/error.h"
#include "weights/torch_reader.h"
#include "weights/zip_file.h"

namespace limner {

Checkpoint read_torch(const MappedFile& file) {
  const Bytes bytes = file.bytes();
  if (looks_like_zip(bytes)) return read_torch_zip(file);
  if (looks_like_torch_legacy(bytes)) return read_torch_legacy(file);
  if (bytes[0] == 0x80) {
    const std::string_view front(reinterpret_cast<const char*>(bytes.data()),
                                 std::min<size_t>(bytes.size(), 4096));
    if (front.find("persistence") != front.npos ||
        front.find("dnnlib") != front.npos) {
      fail(
          "{}: a StyleGAN pickle of NVIDIA's, which holds Python code and no "
          "encoder of drawings; limner reads the models of its own "
          "(docs/getting-weights.md)",
          printable(file.path().string()));
    }
    fail("{}: a pickle that torch.save did not write",
         printable(file.path().string()));
  }
  fail("{}: not a PyTorch file", printable(file.path().string()));
}

}  // namespace limner
