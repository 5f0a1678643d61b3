// Drawing + photo -> face. This is the header to include to embed limner.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "image/image.h"
#include "model/config.h"
#include "pipeline/codes.h"

namespace limner {

// How the heavy layers compute.
enum class Precision {
  // Winograd's algorithms and weights in 16 bits where they pay: the same
  // picture to the eye, off by at most 3e-3 (docs/performance.md). Weights that
  // the file stores in bfloat16 are used as under kBf16.
  kFast,
  // Direct sums of 32-bit floats.
  kExact,
  // As kFast, but the wide layers of the encoders in bfloat16, where the
  // processor multiplies such numbers: least memory, off by about 1e-2.
  kBf16,
};

struct EngineOptions {
  Precision precision = Precision::kFast;
  // Parts that will not be used need not be loaded.
  bool sketch_encoders = true;
  bool photo_encoder = true;
  bool renderer = true;
};

class Workspace;
struct FaceWeights;

// A loaded model. Loading reads only live weights. One Engine serves one
// thread at a time (layers run on all threads of util/parallel.h inside).
class Engine {
 public:
  // Opens the official .pt or a converted .safetensors file. Throws Error.
  explicit Engine(const std::filesystem::path& model,
                  const EngineOptions& options = {});
  // Of a file that is read already.
  explicit Engine(const FaceWeights& weights,
                  const EngineOptions& options = {});
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  // Another engine for another thread, with the same weights in memory. It
  // needs this one no longer.
  Engine sharing() const;

  const ModelConfig& config() const;

  // labels: one channel, values 0..config().labels, any size (reduced to the
  // encoders' input by nearest neighbour). faithfulness: 0 to 1, how closely
  // the lines are to be followed; a model without that input (see ModelConfig)
  // does not use it. Throws Error on other values.
  SketchCodes embed_sketch(const Image& labels, float faithfulness = 1.0F);

  // photo: RGB, any size (resized to 512x512 as Pillow's bilinear does, then
  // averaged to the encoders' input).
  AppearanceCodes embed_photo(const Image& photo);

  // Looks drawn at random, as the file's looks are spread (model/looks.h) or,
  // where it has none, by the mapping network; the same seed gives the same
  // looks anywhere.
  AppearanceCodes random_appearance(uint64_t seed);

  // What codes of a drawing's face are mixed with at random, no structure maps:
  // in the rows of the looks those of random_appearance(seed) for this drawing,
  // in the others mapping(z) of the seed.
  FaceCodes random_codes(const SketchCodes& sketch, uint64_t seed);

  // Joins both into what render() takes.
  FaceCodes combine(const SketchCodes& sketch,
                    const AppearanceCodes& appearance) const;

  // Renders RGB of config().size. With `stop_at` (a power of two from 8 to
  // size; 0: full size) the synthesis ends at that resolution: a preview,
  // much cheaper, close to the full picture reduced.
  Image render(const FaceCodes& codes, int stop_at = 0);

  // As render(), but the raw output: planar RGB [3, side, side], about
  // [-1, 1], not clamped.
  std::vector<float> render_raw(const FaceCodes& codes, int stop_at = 0);

 private:
  struct Parts;
  explicit Engine(std::shared_ptr<const Parts> parts);

  // mapping(z), z of the seed: [style_width].
  std::vector<float> mapped(uint64_t seed) const;

  std::shared_ptr<const Parts> parts_;  // not changed once it is loaded
  std::unique_ptr<Workspace> workspace_;
};

}  // namespace limner
