// torch.save before 1.6: five pickles (magic number, protocol, the writer's
// machine, the object, the keys of its storages), then for each key the number
// of values as int64 and the raw values.
#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "util/error.h"
#include "weights/torch_reader.h"
#include "weights/torch_values.h"

namespace limner {
namespace {

// 0x1950a86a20f9469cfc6c, as a pickle's LONG1 of 10 bytes.
constexpr std::string_view kMagic =
    "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr size_t kNumberAt = 2;
// PROTO and, from protocol 4 on, FRAME come before.
constexpr size_t kLatestMagic = 16;
constexpr int64_t kProtocol = 1001;

class LegacyReader {
 public:
  explicit LegacyReader(const MappedFile& file)
      : file_(file),
        shown_(printable(file.path().string())),
        rest_(file.bytes()),
        arena_(shown_, 2 * file.bytes().size()) {}

  Checkpoint run() {
    const pickle::Value* magic = next_pickle();
    if (magic->kind != pickle::Kind::kBigInt ||
        magic->text != kMagic.substr(kNumberAt)) {
      fail("{}: damaged: expected the magic number of torch.save", shown_);
    }
    const pickle::Value* protocol = next_pickle();
    if (protocol->kind != pickle::Kind::kInt ||
        protocol->integer != kProtocol) {
      fail("{}: damaged: expected protocol {} of the old torch.save format",
           shown_, kProtocol);
    }
    const pickle::Value* machine = next_pickle();
    const pickle::Value* little = pickle::find(*machine, "little_endian");
    if (little == nullptr || little->kind != pickle::Kind::kBool) {
      fail("{}: damaged: the file does not tell its byte order", shown_);
    }
    if (little->integer == 0) {
      fail("{}: big-endian, only little-endian files are supported", shown_);
    }
    pickle::Value* root = next_pickle();
    find_sizes();
    read_storages(*next_pickle());

    const FindStorage find_storage = [this](const pickle::Value& storage) {
      const auto found = blobs_.find(storage.text);
      if (found == blobs_.end()) {
        fail("{}: storage '{}' is missing", shown_,
             printable(std::string(storage.text)));
      }
      return found->second;
    };
    Checkpoint checkpoint =
        flatten(arena_, root, find_storage, file_.bytes().size());
    checkpoint.tensors.source = file_.path().string();
    checkpoint.container = "torch legacy";
    return checkpoint;
  }

 private:
  struct Size {
    int64_t count;  // values
    uint64_t bytes;
  };

  pickle::Value* next_pickle() {
    size_t used = 0;
    pickle::Value* value = pickle::load(&arena_, rest_, &used);
    rest_ = rest_.subspan(used, rest_.size() - used);
    return value;
  }

  // The sizes of all storages, as the object's pickle tells them.
  void find_sizes() {
    for (const pickle::Value* storage : arena_.storages()) {
      const Size size = {storage->items[0]->integer,
                         storage_bytes(arena_, *storage)};
      const auto [at, is_new] = sizes_.emplace(storage->text, size);
      if (!is_new &&
          (at->second.count != size.count || at->second.bytes != size.bytes)) {
        fail("{}: damaged: two sizes for storage '{}'", shown_,
             printable(std::string(storage->text)));
      }
    }
  }

  void read_storages(const pickle::Value& keys) {
    if (keys.kind != pickle::Kind::kList) {
      fail("{}: damaged: the keys of the storages are no list", shown_);
    }
    for (const pickle::Value* key : keys.items) {
      const auto found = sizes_.find(key->text);
      if (key->kind != pickle::Kind::kString || found == sizes_.end()) {
        fail("{}: damaged: storage '{}' belongs to no weight", shown_,
             printable(std::string(key->text)));
      }
      const Size& size = found->second;
      if (rest_.size() < 8 || size.bytes > rest_.size() - 8) {
        fail("{}: truncated: storage '{}' of {} bytes ends past the file",
             shown_, printable(std::string(key->text)), size.bytes);
      }
      if (read_u64(rest_.data()) != static_cast<uint64_t>(size.count)) {
        fail("{}: damaged: storage '{}' has {} values, expected {}", shown_,
             printable(std::string(key->text)), read_u64(rest_.data()),
             size.count);
      }
      const Blob blob = mapped_blob(file_, rest_.subspan(8, size.bytes));
      if (!blobs_.emplace(key->text, blob).second) {
        fail("{}: damaged: storage '{}' comes twice", shown_,
             printable(std::string(key->text)));
      }
      const size_t length = 8 + size.bytes;
      rest_ = rest_.subspan(length, rest_.size() - length);
    }
  }

  MappedFile file_;
  std::string shown_;
  Bytes rest_;
  pickle::Arena arena_;
  std::map<std::string_view, Size> sizes_;
  std::map<std::string_view, Blob> blobs_;
};

}  // namespace

bool looks_like_torch_legacy(Bytes bytes) {
  const std::string_view start(
      reinterpret_cast<const char*>(bytes.data()),
      std::min(bytes.size(), kLatestMagic + kMagic.size()));
  return !start.empty() && start[0] == '\x80' &&
         start.find(kMagic) != std::string_view::npos;
}

Checkpoint read_torch_legacy(const MappedFile& file) {
  return LegacyReader(file).run();
}

}  // namespace limner
