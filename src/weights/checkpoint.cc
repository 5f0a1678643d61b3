#include "weights/checkpoint.h"

#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "util/error.h"
#include "util/files.h"
#include "weights/safetensors.h"
#include "weights/torch_file.h"
#include "weights/zip_file.h"

namespace limner {
namespace {

bool looks_like_tar(Bytes bytes) {
  constexpr size_t kMagicAt = 257;
  return bytes.size() >= 512 &&
         std::memcmp(bytes.data() + kMagicAt, "ustar", 5) == 0;
}

}  // namespace

const nlohmann::json& Checkpoint::values() const {
  static const nlohmann::json none = nlohmann::json::object();
  return values_ ? *values_ : none;
}

void Checkpoint::set_values(nlohmann::json values) {
  values_ = std::make_shared<const nlohmann::json>(std::move(values));
}

std::string Checkpoint::text(const std::string& key) const {
  const auto found = values().find(key);
  return found != values().end() && found->is_string()
             ? found->get<std::string>()
             : "";
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  const MappedFile file(path);
  const Bytes bytes = file.bytes();
  if (looks_like_zip(bytes) || bytes[0] == 0x80) return read_torch(file);
  if (looks_like_safetensors(bytes)) return read_safetensors(file);
  if (looks_like_tar(bytes)) {
    fail(
        "{}: written by a torch.save older than 0.2; save it again with a "
        "newer PyTorch",
        printable(path.string()));
  }
  constexpr char kPointer[] = "version https://git-lfs";
  if (bytes.size() >= sizeof kPointer &&
      std::memcmp(bytes.data(), kPointer, sizeof kPointer - 1) == 0) {
    fail(
        "{}: is a Git LFS pointer, not the weights themselves; run: git lfs "
        "pull",
        printable(path.string()));
  }
  fail("{}: not a weight file (expected PyTorch .pt or .pth, or safetensors)",
       printable(path.string()));
}

}  // namespace limner
