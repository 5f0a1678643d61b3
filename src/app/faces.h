// What generate, inference and mix share: an engine that remembers the last
// appearance, and the reading of inputs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/options.h"
#include "app/photos.h"
#include "image/image.h"
#include "pipeline/engine.h"
#include "pipeline/pairs.h"

namespace limner::app {

// Applies --threads and loads the model with --precision.
Engine open_engine(const Common& common, EngineOptions options = {});
// What --precision asked for.
Precision precision_of(const Common& common);

// An engine and the codes of the last photo or seed: the photo is encoded
// once when it serves many drawings.
class Faces {
 public:
  // read: how photos are read; read_rgb() unless given.
  explicit Faces(Engine engine, ReadPhoto read = {});

  Engine& engine() { return engine_; }
  const ModelConfig& config() const { return engine_.config(); }

  // A drawing's label image, checked against the model's classes.
  Image labels(const std::filesystem::path& drawing) const;

  // A photo as it was read; the last one is kept.
  const Image& picture(const std::filesystem::path& photo);

  const AppearanceCodes& photo(const std::filesystem::path& photo);
  const AppearanceCodes& random(uint64_t seed);

 private:
  Engine engine_;
  ReadPhoto read_;
  std::filesystem::path last_picture_path_;
  Image last_picture_;
  std::filesystem::path last_photo_;
  std::optional<uint64_t> last_seed_;
  AppearanceCodes last_;
};

// --faithful.
Option faithful_option(double* faithful);

// Says that --faithful, other than 1, is nothing that this model reads.
void tell_faithful(double faithful, const ModelConfig& config, bool quiet);

// find_pairs(), with unpaired files named as warnings on standard error.
std::vector<Pair> paired(const std::filesystem::path& drawings,
                         const std::filesystem::path& photos,
                         SketchFiles files = SketchFiles::kPictures);

// A seed for one picture, from the seed of the run, the picture's name and
// what it is for: it does not depend on which other pictures there are.
uint64_t seed_for(int64_t seed, const std::string& name,
                  const std::string& purpose);

// Throws Error when `mask` lists a code that the model does not have;
// `option` names the option that gave it.
void check_mask(const std::vector<int>& mask, const ModelConfig& config,
                const std::string& option);

// `image`, bicubic to side x side unless it has that size.
Image square(const Image& image, int side);

// Pictures of one height side by side.
Image side_by_side(const std::vector<Image>& pictures);

// RGB pictures of one size in rows of at most `most`, with white between.
Image grid_of(const std::vector<Image>& pictures, int most);

}  // namespace limner::app
