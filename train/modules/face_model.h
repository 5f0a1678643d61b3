// The whole model: sketch and photo encoders, mapping and synthesis, under the
// names of the published checkpoints; loaded from any of them and saved so
// that `limner` runs it.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "model/config.h"
#include "model/layout.h"
#include "train/modules/encoder.h"
#include "train/modules/generator.h"
#include "weights/safetensors.h"

namespace limner::train {

struct FaceCodes {
  torch::Tensor styles;             // [B, styles, width]
  std::vector<torch::Tensor> maps;  // as Generator reads them; may be empty
};

class FaceModelImpl : public torch::nn::Module {
 public:
  // Throws Error when the parts do not fit together.
  explicit FaceModelImpl(const FaceConfig& config);

  const FaceConfig& face_config() const { return config_; }
  // The same as limner's inference knows it.
  ModelConfig config() const;

  // x: one-hot strokes [B, labels fold^2, side, side], after them the plane of
  // a model with faithfulness -> the code that the W encoder
  // and the mapping network make of it [B, width], and the rows of the W+
  // encoder [B, split, width].
  torch::Tensor sketch_w(const torch::Tensor& x);
  // `maps`, if given, gets the structure maps for the generator's resolutions
  // (undefined: none there).
  torch::Tensor sketch_rows(const torch::Tensor& x,
                            std::vector<torch::Tensor>* maps = nullptr);
  // y: photo in [-1, 1], [B, 3, side, side] -> [B, styles - split, width], or
  // only the first `rows`.
  torch::Tensor photo_rows(const torch::Tensor& y, size_t rows = 0);

  // What the generator reads: structure of the sketch x, looks of the photo y,
  // or of the random z: [B, width].
  FaceCodes codes(const torch::Tensor& x, const torch::Tensor& y);
  FaceCodes random_codes(const torch::Tensor& x, const torch::Tensor& z);

  // Both in one batch, the drawings read once: the first drawings of x meet
  // the photos y, the others the random z: [B, width] for the mapping network,
  // or looks as photo_rows() gives them, [B, at least the rows wanted, width].
  // `styles`: how many codes to compute, more than the split index; 0: all.
  FaceCodes mixed_codes(const torch::Tensor& x, const torch::Tensor& y,
                        const torch::Tensor& z, int styles = 0);

  // RGB [B, 3, side, side].
  torch::Tensor render(const FaceCodes& codes,
                       const SynthesisOptions& options = {}) {
    return decoder(codes.styles, options, codes.maps);
  }

  Encoder sketch_coarse{nullptr}, sketch_fine{nullptr}, face_fine{nullptr};
  Generator decoder{nullptr};
  // 1x1 convolutions, named by resolution: "0" at 4 px, "1" at 8 px, ...; null
  // in a model without structure maps.
  std::shared_ptr<torch::nn::Module> structure;
  torch::Tensor latent_avg;  // [styles, width], a buffer

 private:
  FaceConfig config_;
  std::vector<torch::nn::Conv2d> to_structure_;  // null: none there
};
TORCH_MODULE(FaceModel);

// Builds the model that the file holds (official .pt, converted or saved
// .safetensors). Throws Error.
FaceModel load_face_model(const std::filesystem::path& path);

// Writes all weights as float32 safetensors that `limner` loads, atomically.
// `source` (a JSON object) says in the metadata where the model comes from;
// `looks` are the tensors of its random looks (model/looks.h) or none. Returns
// the file's SHA-256 in hex. Throws Error when it cannot be written.
std::string save_face_model(const FaceModel& model,
                            const std::filesystem::path& path,
                            const nlohmann::json& source,
                            const std::vector<NamedTensor>& looks = {});

}  // namespace limner::train
