#include "app/faces.h"

#include <algorithm>

#include "app/console.h"
#include "image/codec.h"
#include "image/resize.h"
#include "sketch/labels.h"
#include "util/error.h"
#include "util/parallel.h"

namespace limner::app {

Precision precision_of(const Common& common) {
  if (common.precision == "exact") return Precision::kExact;
  if (common.precision == "bf16") return Precision::kBf16;
  return Precision::kFast;
}

Engine open_engine(const Common& common, EngineOptions options) {
  if (common.model.empty()) {
    throw UsageError("no model given: name its file, or set LIMNER_MODEL");
  }
  set_threads(static_cast<int>(common.threads));
  options.precision = precision_of(common);
  return Engine(common.model, options);
}

Faces::Faces(Engine engine, ReadPhoto read)
    : engine_(std::move(engine)), read_(std::move(read)) {
  if (!read_) read_ = read_rgb;
}

Image Faces::labels(const std::filesystem::path& drawing) const {
  return read_labels(drawing, config().labels);
}

const Image& Faces::picture(const std::filesystem::path& photo) {
  if (last_picture_path_ != photo) {
    last_picture_ = read_(photo);
    last_picture_path_ = photo;
  }
  return last_picture_;
}

const AppearanceCodes& Faces::photo(const std::filesystem::path& photo) {
  if (last_photo_ != photo) {
    last_ = engine_.embed_photo(picture(photo));
    last_photo_ = photo;
    last_seed_.reset();
  }
  return last_;
}

const AppearanceCodes& Faces::random(uint64_t seed) {
  if (last_seed_ != seed) {
    last_ = engine_.random_appearance(seed);
    last_seed_ = seed;
    last_photo_.clear();
  }
  return last_;
}

Option faithful_option(double* faithful) {
  return real(
      "--faithful", "X", faithful, 0.0, 1.0,
      "how closely the drawing is followed: 1 where its lines lie, less "
      "for quick or clumsy ones");
}

void tell_faithful(double faithful, const ModelConfig& config, bool quiet) {
  if (faithful == 1 || config.faithfulness || quiet) return;
  say("--faithful {}: this model does not use it\n", faithful);
}

std::vector<Pair> paired(const std::filesystem::path& drawings,
                         const std::filesystem::path& photos,
                         SketchFiles files) {
  Pairing pairing = find_pairs(drawings, photos, files);
  for (const auto& file : pairing.unpaired) {
    complain("warning: {} has no partner of the same name: left out",
             file.string());
  }
  return pairing.pairs;
}

uint64_t seed_for(int64_t seed, const std::string& name,
                  const std::string& purpose) {
  // FNV-1a over all three, ended by bytes that names cannot hold.
  uint64_t hash = 14695981039346656037ULL;
  const auto add = [&hash](uint64_t byte) {
    hash = (hash ^ byte) * 1099511628211ULL;
  };
  for (int i = 0; i < 8; ++i) add(static_cast<uint64_t>(seed) >> (8 * i) & 255);
  for (const std::string& text : {name, purpose}) {
    for (const char c : text) add(static_cast<unsigned char>(c));
    add(0);
  }
  return hash;
}

void check_mask(const std::vector<int>& mask, const ModelConfig& config,
                const std::string& option) {
  for (const int code : mask) {
    if (code >= config.styles) {
      fail("{} lists code {}, but this model has codes 0 to {}", option, code,
           config.styles - 1);
    }
  }
}

Image square(const Image& image, int side) {
  if (image.width == side && image.height == side) return image;
  return resize(image, side, side, Filter::kBicubic);
}

Image side_by_side(const std::vector<Image>& pictures) {
  int width = 0;
  for (const Image& picture : pictures) width += picture.width;
  const int height = pictures.front().height;
  Image strip(width, height, 3);
  for (int y = 0; y < height; ++y) {
    uint8_t* out = strip.row(y);
    for (const Image& picture : pictures) {
      out = std::copy_n(picture.row(y), size_t{3} * picture.width, out);
    }
  }
  return strip;
}

Image grid_of(const std::vector<Image>& pictures, int most) {
  constexpr int kGap = 8;
  const int count = static_cast<int>(pictures.size());
  const int columns = std::min(most, count);
  const int rows = (count + columns - 1) / columns;
  const int width = pictures.front().width, height = pictures.front().height;
  Image grid(columns * (width + kGap) - kGap, rows * (height + kGap) - kGap, 3);
  std::fill(grid.pixels.begin(), grid.pixels.end(), uint8_t{255});
  for (int i = 0; i < count; ++i) {
    const int left = i % columns * (width + kGap);
    const int top = i / columns * (height + kGap);
    for (int y = 0; y < height; ++y) {
      std::copy_n(pictures[i].row(y), size_t{3} * width,
                  grid.row(top + y) + size_t{3} * left);
    }
  }
  return grid;
}

}  // namespace limner::app
