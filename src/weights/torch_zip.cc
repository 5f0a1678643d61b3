// torch.save since 1.6: a zip archive that holds NAME/data.pkl and, for each
// storage K, its raw values as NAME/data/K.
#include <map>
#include <string_view>
#include <utility>

#include "util/error.h"
#include "weights/torch_reader.h"
#include "weights/torch_values.h"
#include "weights/zip_file.h"

namespace limner {
namespace {

// Far more than names and shapes of the largest checkpoints take.
constexpr uint64_t kLongestPickle = uint64_t{1} << 28;

// Returns what stands before "data.pkl", such as "archive/".
std::string find_prefix(const ZipFile& zip, const std::string& source) {
  const std::string kSuffix = "data.pkl";
  std::string prefix;
  int found = 0;
  for (const auto& [name, member] : zip.members()) {
    if (name.size() < kSuffix.size()) continue;
    const size_t length = name.size() - kSuffix.size();
    if (name.compare(length, std::string::npos, kSuffix) != 0) continue;
    // "NAME/data.pkl" or "data.pkl", not "NAME/other/data.pkl".
    if (length > 0 && name.find('/') != length - 1) continue;
    prefix = name.substr(0, length);
    ++found;
  }
  if (found == 0) {
    for (const auto& [name, member] : zip.members()) {
      for (const char* ending : {".pt", ".pth", ".ckpt", ".safetensors"}) {
        const std::string_view end = ending;
        if (name.size() > end.size() &&
            name.compare(name.size() - end.size(), end.size(), end) == 0) {
          fail(
              "{}: a zip with the weight file {} inside; unpack it and give "
              "that file",
              source, printable(name));
        }
      }
    }
  }
  if (found != 1) {
    fail("{}: a zip with {} data.pkl inside, expected a PyTorch file with one",
         source, found);
  }
  return prefix;
}

}  // namespace

Checkpoint read_torch_zip(const MappedFile& file) {
  const std::string source = file.path().string();
  const std::string shown = printable(source);
  ZipFile zip(file);
  const std::string prefix = find_prefix(zip, shown);
  if (zip.members().count(prefix + "constants.pkl") > 0) {
    fail("{}: a TorchScript archive, expected a state_dict (torch.save)",
         shown);
  }
  if (zip.members().count(prefix + "byteorder") > 0) {
    const Blob order = zip.open(prefix + "byteorder", false, 16);
    const std::string text(order.bytes.begin(), order.bytes.end());
    if (text != "little") {
      fail("{}: byte order '{}', only little-endian files are supported", shown,
           printable(text));
    }
  }

  const Blob code = zip.open(prefix + "data.pkl", false, kLongestPickle);
  pickle::Arena arena(shown, 2 * code.bytes.size());
  size_t used = 0;
  pickle::Value* root = pickle::load(&arena, code.bytes, &used);

  std::map<std::string_view, Blob> blobs;
  const FindStorage find_storage = [&](const pickle::Value& storage) {
    auto found = blobs.find(storage.text);
    if (found == blobs.end()) {
      const std::string name = prefix + "data/" + std::string(storage.text);
      Blob blob = zip.open(name, false, ~uint64_t{0});
      found = blobs.emplace(storage.text, std::move(blob)).first;
    }
    Blob blob = found->second;
    const uint64_t claimed = storage_bytes(arena, storage);
    if (claimed > blob.bytes.size()) {
      fail("{}: storage '{}' has {} bytes, expected {}", shown,
           printable(std::string(storage.text)), blob.bytes.size(), claimed);
    }
    blob.bytes = blob.bytes.first(claimed);
    return blob;
  };
  Checkpoint checkpoint =
      flatten(arena, root, find_storage, file.bytes().size());
  checkpoint.tensors.source = source;
  checkpoint.container = "torch zip";
  return checkpoint;
}

}  // namespace limner
