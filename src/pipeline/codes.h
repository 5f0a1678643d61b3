// Style codes: what the encoders make of a drawing and of a photo, kept apart
// from rendering so that they can be cached, mixed, saved and loaded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace limner {

// A table of style codes, row-major [rows, width] (the official model: width
// 512).
struct CodeTable {
  int rows = 0;
  int width = 0;
  std::vector<float> values;

  CodeTable() = default;
  CodeTable(int r, int w)
      : rows(r), width(w), values(static_cast<size_t>(r) * w) {}
  float* row(int i) { return values.data() + static_cast<size_t>(i) * width; }
  const float* row(int i) const {
    return values.data() + static_cast<size_t>(i) * width;
  }
};

// A drawing's codes: the mapped code of the W encoder, which shifts every
// style, and the W+ rows of the coarse styles.
struct SketchCodes {
  std::vector<float> w;  // [width]
  CodeTable fine;        // [split, width]
};

// Looks: the rows of the fine styles, from a photo (offsets to which the
// sketch's w and the model's mean code are added) or drawn at random (codes
// in their own right).
struct AppearanceCodes {
  CodeTable fine;        // [styles - split, width]
  bool relative = true;  // true: offsets (photo); false: absolute (random)
};

// Replaces rows of `codes` listed in `mask` (indices 0..rows-1) by
// alpha * other + (1 - alpha) * own. Throws Error on an index out of range,
// tables of different size, or alpha outside [0, 1].
void mix_codes(CodeTable& codes, const CodeTable& other,
               const std::vector<int>& mask, float alpha);

// Latents as files: `.pt` (one [rows, width] float32 tensor, read by
// torch.load) or `.safetensors` (tensor "latent"), told by the ending when
// writing and by content when reading. Atomic. read_latent throws Error on
// anything but a finite [rows, width] tensor.
void write_latent(const std::filesystem::path& path, const CodeTable& codes);
// check_latent_path throws Error for an ending that write_latent refuses.
void check_latent_path(const std::filesystem::path& path);
CodeTable read_latent(const std::filesystem::path& path);

// Codes of a sketch or of a photo as safetensors files.
void write_codes(const std::filesystem::path& path, const SketchCodes& codes);
void write_codes(const std::filesystem::path& path,
                 const AppearanceCodes& codes);
SketchCodes read_sketch_codes(const std::filesystem::path& path);
AppearanceCodes read_appearance_codes(const std::filesystem::path& path);

}  // namespace limner
