// Writes what torch.save(tensor) would: a zip archive of stored members, each
// value aligned to 64 bytes.
#include <zlib.h>

#include <ctime>
#include <limits>
#include <utility>

#include "util/error.h"
#include "util/files.h"
#include "weights/torch_file.h"

namespace limner {
namespace {

constexpr uint16_t kVersionNeeded = 20;  // of the zip format: 2.0
// 1980-01-01, the first day that zip knows: the same tensor gives the same
// file.
constexpr uint32_t kNoDate = 0x00210000;
constexpr size_t kAlignment = 64;
// The tag that torch gives its padding field.
constexpr uint16_t kPaddingTag = 0x4246;

void put(std::string* out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) {
    *out += static_cast<char>(value >> (8 * i));
  }
}

// A zip archive of stored members. All sizes stay below 4 GiB.
class ZipWriter {
 public:
  explicit ZipWriter(const std::filesystem::path& path) : file_(path) {}

  void add(const std::string& name, const void* data, size_t size) {
    const auto* bytes = static_cast<const Bytef*>(data);
    const uint64_t crc = ::crc32_z(::crc32_z(0, nullptr, 0), bytes, size);
    std::string shared;  // what the local and the directory header share
    put(&shared, kVersionNeeded, 2);
    put(&shared, 0, 2);  // flags
    put(&shared, 0, 2);  // stored
    put(&shared, kNoDate, 4);
    put(&shared, crc, 4);
    put(&shared, size, 4);
    put(&shared, size, 4);
    put(&shared, name.size(), 2);

    const size_t unpadded = at_ + 30 + name.size() + 4;
    const size_t padding = (kAlignment - unpadded % kAlignment) % kAlignment;
    std::string local;
    put(&local, 0x04034b50, 4);
    local += shared;
    put(&local, 4 + padding, 2);
    local += name;
    put(&local, kPaddingTag, 2);
    put(&local, padding, 2);
    local.append(padding, 'Z');

    put(&directory_, 0x02014b50, 4);
    put(&directory_, kVersionNeeded, 2);  // made by
    directory_ += shared;
    put(&directory_, 0, 2);  // extra
    put(&directory_, 0, 2);  // comment
    put(&directory_, 0, 2);  // disk
    put(&directory_, 0, 2);  // internal attributes
    put(&directory_, 0, 4);  // external attributes
    put(&directory_, at_, 4);
    directory_ += name;
    ++count_;

    write(local.data(), local.size());
    write(data, size);
  }

  void commit() {
    std::string end;
    put(&end, 0x06054b50, 4);
    put(&end, 0, 2);  // this disk
    put(&end, 0, 2);  // the directory's disk
    put(&end, count_, 2);
    put(&end, count_, 2);
    put(&end, directory_.size(), 4);
    put(&end, at_, 4);
    put(&end, 0, 2);  // comment
    write(directory_.data(), directory_.size());
    write(end.data(), end.size());
    file_.commit();
  }

 private:
  void write(const void* data, size_t size) {
    file_.write(data, size);
    at_ += size;
  }

  AtomicFile file_;
  std::string directory_;
  size_t at_ = 0;
  uint16_t count_ = 0;
};

// The text of a pickle, protocol 2.
class PickleWriter {
 public:
  void op(char code) { out_ += code; }
  void text(const std::string& value) {
    op('X');
    put(&out_, value.size(), 4);
    out_ += value;
  }
  void global(const std::string& module, const std::string& name) {
    out_ += 'c' + module + '\n' + name + '\n';
  }
  void integer(int64_t value) {
    op('\x8a');  // LONG1, two's complement
    op(8);
    put(&out_, static_cast<uint64_t>(value), 8);
  }
  void tuple(const std::vector<int64_t>& values) {
    op('(');
    for (const int64_t value : values) integer(value);
    op('t');
  }
  const std::string& result() const { return out_; }

 private:
  std::string out_ = "\x80\x02";
};

}  // namespace

void write_torch_tensor(const std::filesystem::path& path,
                        const Tensor& tensor) {
  const std::vector<float> values = tensor.to_f32();
  const size_t bytes = values.size() * sizeof(float);
  constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max() - (1 << 16);
  if (bytes > kMost) {
    fail("{}: a tensor of {} bytes, at most {} can be written",
         printable(path.string()), bytes, kMost);
  }
  PickleWriter pickle;
  pickle.global("torch._utils", "_rebuild_tensor_v2");
  pickle.op('(');
  pickle.op('(');
  pickle.text("storage");
  pickle.global("torch", "FloatStorage");
  pickle.text("0");
  pickle.text("cpu");
  pickle.integer(static_cast<int64_t>(values.size()));
  pickle.op('t');
  pickle.op('Q');  // the storage by its persistent id
  pickle.integer(0);
  pickle.tuple(tensor.shape);
  pickle.tuple(contiguous_strides(tensor.shape));
  pickle.op('\x89');  // requires_grad: False
  pickle.global("collections", "OrderedDict");
  pickle.op(')');
  pickle.op('R');
  pickle.op('t');
  pickle.op('R');
  pickle.op('.');

  const std::string root = "archive/";
  ZipWriter zip(path);
  zip.add(root + "data.pkl", pickle.result().data(), pickle.result().size());
  zip.add(root + "byteorder", "little", 6);
  zip.add(root + "data/0", values.data(), bytes);
  zip.add(root + "version", "3\n", 2);
  zip.commit();
}

}  // namespace limner
