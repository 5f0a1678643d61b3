// The whole model: sketch and photo encoders, mapping and synthesis, under the
// names of the published checkpoints; loaded from any of them and saved so
// that `limner` runs it.
#pragma once

#include <filesystem>
#include <string>

#include "model/config.h"
#include "train/modules/encoder.h"
#include "train/modules/generator.h"
#include "weights/checkpoint.h"

namespace limner::train {

struct FaceConfig {
  EncoderConfig sketch_coarse;  // style 0
  EncoderConfig sketch_fine;    // styles [0, split)
  EncoderConfig face_fine;      // styles [split, styles)
  GeneratorConfig generator;
  int split = 8;
  bool add_latent_avg = true;
  bool keep_strokes = false;  // see ModelConfig
};

// The published model for pictures of `size` px with every width over
// `divisor` (1: the official one). `split` is 8, or less where there are too
// few styles for that. Throws Error on sizes that make no model.
FaceConfig official_config(int size, int divisor);

// What a model's weights and options say. Throws Error.
FaceConfig read_face_config(const Checkpoint& checkpoint);

class FaceModelImpl : public torch::nn::Module {
 public:
  // Throws Error when the parts do not fit together.
  explicit FaceModelImpl(const FaceConfig& config);

  const FaceConfig& face_config() const { return config_; }
  // The same as limner's inference knows it.
  ModelConfig config() const;

  // x: one-hot strokes [B, labels, side, side] -> the code that the W encoder
  // and the mapping network make of it [B, width], and the rows of the W+
  // encoder [B, split, width].
  torch::Tensor sketch_w(const torch::Tensor& x);
  torch::Tensor sketch_rows(const torch::Tensor& x);
  // y: photo in [-1, 1], [B, 3, side, side] -> [B, styles - split, width], or
  // only the first `rows`.
  torch::Tensor photo_rows(const torch::Tensor& y, size_t rows = 0);

  // Codes for the generator [B, styles, width]: structure of the sketch x,
  // looks of the photo y, or of the random z: [B, width].
  torch::Tensor codes(const torch::Tensor& x, const torch::Tensor& y);
  torch::Tensor random_codes(const torch::Tensor& x, const torch::Tensor& z);

  // Both in one batch, the drawings read once: the first drawings of x meet
  // the photos y, the others the random z. `styles`: how many codes to compute,
  // more than the split index; 0: all.
  torch::Tensor mixed_codes(const torch::Tensor& x, const torch::Tensor& y,
                            const torch::Tensor& z, int styles = 0);

  Encoder sketch_coarse{nullptr}, sketch_fine{nullptr}, face_fine{nullptr};
  Generator decoder{nullptr};
  torch::Tensor latent_avg;  // [styles, width], a buffer

 private:
  FaceConfig config_;
};
TORCH_MODULE(FaceModel);

// Builds the model that the file holds (official .pt, converted or saved
// .safetensors). Throws Error.
FaceModel load_face_model(const std::filesystem::path& path);

// Writes all weights as float32 safetensors that `limner` loads, atomically.
// `source` (a JSON object) says in the metadata where the model comes from.
// Returns the file's SHA-256 in hex. Throws Error when it cannot be written.
std::string save_face_model(const FaceModel& model,
                            const std::filesystem::path& path,
                            const nlohmann::json& source);

}  // namespace limner::train
