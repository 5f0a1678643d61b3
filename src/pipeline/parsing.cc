#include "pipeline/parsing.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "data/parts.h"
#include "image/resize.h"
#include "model/parser.h"
#include "nn/feature_map.h"
#include "pipeline/network_file.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr int kLargestSide = 2048;
// A face in its frame has more skin than this, and more of eyes, nose and
// mouth together.
constexpr double kMinSkin = 0.01;
constexpr double kMinFeatures = 0.002;

constexpr std::array<int, 6> kFeatures = {kNose,  kLeftEye,  kRightEye,
                                          kMouth, kUpperLip, kLowerLip};

// [side,side,3] -> planar [3, side, side] in [-1, 1], mirrored on request.
std::vector<float> planes_of(const Image& photo, bool mirror) {
  const size_t area = photo.pixels.size() / 3;
  std::vector<float> planes(photo.pixels.size());
  for (int y = 0; y < photo.height; ++y) {
    for (int x = 0; x < photo.width; ++x) {
      const int from = mirror ? photo.width - 1 - x : x;
      for (int c = 0; c < 3; ++c) {
        planes[c * area + static_cast<size_t>(y) * photo.width + x] =
            static_cast<float>(photo.row(y)[3 * from + c]) / 127.5F - 1.0F;
      }
    }
  }
  return planes;
}

}  // namespace

struct PhotoParser::Parts {
  explicit Parts(std::shared_ptr<const Parser> network)
      : shared(std::move(network)), parser(*shared) {}

  std::shared_ptr<const Parser> shared;
  const Parser& parser;
  Workspace workspace;

  // The picture as the parser reads it, [side,side,3]. Throws Error.
  Image fitted(const Image& picture) const {
    if (picture.channels != 3 || picture.width != picture.height) {
      fail(
          "the photo has {} x {} pixels, expected a square one: crop it around "
          "the face",
          picture.width, picture.height);
    }
    return resize(picture, parser.side(), parser.side(), Filter::kBilinear);
  }
};

PhotoParser::PhotoParser(const std::filesystem::path& path)
    : PhotoParser(read_checkpoint(path)) {}

PhotoParser::PhotoParser(const Checkpoint& checkpoint) {
  const NetworkFile file(checkpoint, "parser");
  file.whole("classes", Parser::kClasses, Parser::kClasses);
  parts_ = std::make_unique<Parts>(std::make_shared<const Parser>(
      file.tensors(), "", file.whole("side", 1, kLargestSide)));
}
PhotoParser::PhotoParser(std::unique_ptr<Parts> parts)
    : parts_(std::move(parts)) {}
PhotoParser::~PhotoParser() = default;
PhotoParser::PhotoParser(PhotoParser&&) noexcept = default;
PhotoParser& PhotoParser::operator=(PhotoParser&&) noexcept = default;

PhotoParser PhotoParser::sharing() const {
  return PhotoParser(std::make_unique<Parts>(parts_->shared));
}

int PhotoParser::side() const { return parts_->parser.side(); }

Image PhotoParser::label(const Image& picture) {
  const int side = parts_->parser.side();
  const Image small = parts_->fitted(picture);
  std::vector<float> sum =
      parts_->parser.run(planes_of(small, false), parts_->workspace);
  const std::vector<float> other =
      parts_->parser.run(planes_of(small, true), parts_->workspace);

  Image mask(side, side, 1);
  const size_t area = static_cast<size_t>(side) * side;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const size_t at = static_cast<size_t>(y) * side + x;
      const size_t across = static_cast<size_t>(y) * side + (side - 1 - x);
      int best = 0;
      float max = 0;
      for (int k = 0; k < Parser::kClasses; ++k) {
        const float logit =
            sum[k * area + at] +
            other[static_cast<size_t>(mirrored_part(k)) * area + across];
        if (k == 0 || logit > max) {
          best = k;
          max = logit;
        }
      }
      mask.row(y)[x] = static_cast<uint8_t>(best);
    }
  }
  return mask;
}

Image PhotoParser::parse(const Image& photo) {
  Image mask = label(photo);
  std::array<size_t, Parser::kClasses> counts{};
  for (const uint8_t part : mask.pixels) ++counts[part];
  size_t features = 0;
  for (const int part : kFeatures) features += counts[part];
  const auto pixels = static_cast<double>(mask.pixels.size());
  if (static_cast<double>(counts[kSkin]) < kMinSkin * pixels ||
      static_cast<double>(features) < kMinFeatures * pixels) {
    fail("no face was found in the photo; it should fill the frame, upright");
  }
  return mask;
}

std::vector<float> PhotoParser::features(const Image& picture) {
  return parts_->parser.features(planes_of(parts_->fitted(picture), false),
                                 parts_->workspace);
}

}  // namespace limner
