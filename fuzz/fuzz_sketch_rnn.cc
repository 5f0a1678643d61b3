// sketch-rnn's archives. What is no zip becomes the array train.npy of one: it
// is the pickle in it that is worth making up.
#include <string>

#include "outcome.h"
#include "sketch/drawing_limits.h"
#include "sketch/sketch_rnn.h"

namespace {

std::string low_bytes(size_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

// A zip of one stored member.
std::string zip_of(const std::string& name, std::string_view content) {
  const std::string sizes = std::string(4, '\0') +
                            low_bytes(content.size(), 4) +
                            low_bytes(content.size(), 4) +
                            low_bytes(name.size(), 2) + std::string(2, '\0');
  std::string out = "PK\x03\x04" + std::string(10, '\0') + sizes + name;
  out += content;
  const size_t begin = out.size();
  out += "PK\x01\x02" + std::string(12, '\0') + sizes + std::string(14, '\0') +
         name;
  return out + "PK\x05\x06" + std::string(4, '\0') + low_bytes(1, 2) +
         low_bytes(1, 2) + low_bytes(out.size() - begin, 4) +
         low_bytes(begin, 4) + std::string(2, '\0');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string file(limner::text_of(data, size));
  if (file.compare(0, 2, "PK") != 0) file = zip_of("train.npy", file);
  const limner::Bytes bytes = limner::bytes_of(file);
  if (!limner::is_sketch_rnn(bytes)) return 0;
  for (const int64_t index : {0, 1}) {
    limner::allow_errors([&] {
      const limner::Drawing drawing = limner::read_sketch_rnn(bytes, index);
      limner::expect(!drawing.strokes.empty());
      limner::check_drawing(drawing);
    });
  }
  return 0;
}
