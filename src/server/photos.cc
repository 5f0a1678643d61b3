#include "server/photos.h"

#include <utility>

#include "image/codec.h"
#include "image/resize.h"
#include "server/errors.h"
#include "sketch/mask_sketch.h"
#include "util/sha256.h"

namespace limner::server {
namespace {

constexpr int kShownQuality = 90;

std::shared_ptr<const std::string> as_jpeg(const Image& photo) {
  const std::vector<unsigned char> bytes =
      encode(photo, ImageFormat::kJpeg, kShownQuality);
  return std::make_shared<const std::string>(bytes.begin(), bytes.end());
}

}  // namespace

PhotoReader::PhotoReader(FaceMaker maker, const Limits& limits)
    : maker_(std::move(maker)),
      kept_(limits.cache_entries, limits.cache_bytes / 4),
      lane_({limits.queue, limits.wait_seconds}) {
  if (!has_parser()) return;
  maker_.finder();
  maker_.parser();
}

PhotoParser& PhotoReader::parser() {
  if (!has_parser()) {
    throw HttpError(422, "this server has no face parser, which reads photos");
  }
  return maker_.parser();
}

AlignedPhoto PhotoReader::read(std::string_view file, bool align) {
  Image photo =
      blaming(400, [&] { return decode_rgb(bytes_of(file), "the photo"); });
  return blaming(422, [&] {
    PhotoOptions options;
    options.align = align;
    options.face = kLargestFace;
    options.lenient = true;
    options.way_out = "crop it to a square around one";
    return maker_.align(std::move(photo), "", options);
  });
}

PhotoReader::Kept PhotoReader::keep(std::string_view file, bool align,
                                    const WorkLane::Asker& asker) {
  Sha256 sum;
  sum.update(file.data(), file.size());
  // The same photo, but taken as it is, gives other looks.
  if (!align) sum.update("as it is", 8);
  const std::string id = sum.hex().substr(0, kPhotoIdDigits);
  const auto said = [&](const Appearance& looks) {
    return Kept{id, looks.aligned, looks.frame};
  };
  if (const auto known = kept_.find(id)) return said(*known);
  auto looks = std::make_shared<Appearance>();
  lane_.run(asker, [&] {
    const AlignedPhoto photo = read(file, align);
    looks->aligned = photo.aligned;
    looks->frame = photo.frame;
    // The first thing that the photo encoder would do; it halves what it gets.
    const int side = 2 * maker_.config().input_side;
    looks->photo = resize(photo.image, side, side, Filter::kBilinear);
  });
  looks->jpeg = as_jpeg(looks->photo);
  // The codes come later; they are small beside the photo.
  kept_.put(id, looks, 2 * looks->photo.pixels.size());
  return said(*looks);
}

std::shared_ptr<Appearance> PhotoReader::find(const std::string& id) {
  auto looks = kept_.find(id);
  if (!looks) {
    throw HttpError(404,
                    "the appearance is not known (any more): send the photo "
                    "to /api/appearance again");
  }
  return looks;
}

Image PhotoReader::parse(std::string_view file, bool align,
                         const WorkLane::Asker& asker) {
  Image mask;
  lane_.run(asker, [&] {
    PhotoParser& network = parser();
    const AlignedPhoto photo = read(file, align);
    mask = blaming(422, [&] { return network.parse(photo.image); });
  });
  return mask;
}

Drawing PhotoReader::sketch(std::string_view file, bool align, double detail,
                            const WorkLane::Asker& asker) {
  Drawing drawing;
  lane_.run(asker, [&] {
    PhotoParser& network = parser();
    const AlignedPhoto photo = read(file, align);
    blaming(422, [&] {
      SketchOptions options;
      options.detail = static_cast<float>(detail);
      drawing = sketch_of(network.parse(photo.image), &photo.image, options);
      if (drawing.strokes.empty()) fail("the photo has no borders to draw");
    });
  });
  return drawing;
}

}  // namespace limner::server
