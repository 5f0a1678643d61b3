// Writes what torch.save(tensor) would.
#include <string>
#include <vector>

#include "weights/torch_file.h"
#include "weights/zip_writer.h"

namespace limner {
namespace {

// The text of a pickle, protocol 2.
class PickleWriter {
 public:
  void op(char code) { out_ += code; }
  void text(const std::string& value) {
    op('X');
    put_little_endian(value.size(), 4, &out_);
    out_ += value;
  }
  void global(const std::string& module, const std::string& name) {
    out_ += 'c' + module + '\n' + name + '\n';
  }
  void integer(int64_t value) {
    op('\x8a');  // LONG1, two's complement
    op(8);
    put_little_endian(static_cast<uint64_t>(value), 8, &out_);
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
  zip.add(root + "data/0", values.data(), values.size() * sizeof(float));
  zip.add(root + "version", "3\n", 2);
  zip.commit();
}

}  // namespace limner
