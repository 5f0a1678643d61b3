// Event files for TensorBoard: TFRecord frames around protocol buffers, both
// written by hand (the few fields that scalars and pictures need).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "image/image.h"
#include "train/run/append_file.h"
#include "util/span.h"

namespace limner::train {

// CRC-32C (Castagnoli), as TFRecord frames have it.
uint32_t crc32c(Bytes bytes);

class EventFile {
 public:
  // Creates a file of its own in `folder`. What earlier files say of steps
  // from `step` on no longer counts. Throws Error when it cannot.
  EventFile(const std::filesystem::path& folder, int64_t step);

  // Appends; throws Error on a full disk, the file is as before then.
  void scalars(int64_t step, const std::map<std::string, double>& values);
  void picture(int64_t step, const std::string& tag, const Image& image);

 private:
  void write(const std::string& event);

  std::unique_ptr<AppendFile> file_;
};

}  // namespace limner::train
