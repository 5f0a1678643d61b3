// Style codes: what the encoders make of a drawing and of a photo, kept apart
// from rendering so that they can be cached, mixed, saved and loaded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "model/structure.h"

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
  std::vector<float> w;            // [width]
  CodeTable fine;                  // [split, width]
  std::vector<StructureMap> maps;  // none in a model without
};

// Looks: the rows of the fine styles, from a photo (offsets to which the
// sketch's w and the model's mean code are added) or drawn at random (codes
// in their own right).
struct AppearanceCodes {
  CodeTable fine;        // [styles - split, width]
  bool relative = true;  // true: offsets (photo); false: absolute (random)
};

// All that the renderer reads.
struct FaceCodes {
  CodeTable styles;                // [styles, width]
  std::vector<StructureMap> maps;  // of the drawing; may be missing
};

// Replaces rows of `codes` listed in `mask` (indices 0..rows-1) by
// alpha * other + (1 - alpha) * own. Throws Error on an index out of range,
// tables or maps of different size, or alpha outside [0, 1]. The structure map
// that the convolution of a row reads is mixed with the row where both have
// one.
void mix_codes(FaceCodes& codes, const FaceCodes& other,
               const std::vector<int>& mask, float alpha);

// Latents as files: `.pt` (one [rows, width] float32 tensor, read by
// torch.load) or `.safetensors` (tensor "latent", and "structure.0", ... for
// structure maps), told by the ending when writing and by content when
// reading. Atomic. A `.pt` file holds no structure maps: write_latent throws
// Error rather than leave them out. read_latent throws Error on anything but
// finite tensors of these shapes.
void write_latent(const std::filesystem::path& path, const FaceCodes& codes);
// check_latent_path throws Error for an ending that write_latent refuses.
void check_latent_path(const std::filesystem::path& path);
FaceCodes read_latent(const std::filesystem::path& path);

// Codes of a sketch or of a photo as safetensors files.
void write_codes(const std::filesystem::path& path, const SketchCodes& codes);
void write_codes(const std::filesystem::path& path,
                 const AppearanceCodes& codes);
SketchCodes read_sketch_codes(const std::filesystem::path& path);
AppearanceCodes read_appearance_codes(const std::filesystem::path& path);

}  // namespace limner
