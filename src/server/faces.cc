#include "server/faces.h"

#include <cmath>
#include <type_traits>

#include "pipeline/drawings.h"
#include "server/errors.h"
#include "sketch/labels.h"
#include "sketch/rasterize.h"
#include "util/sha256.h"

namespace limner::server {
namespace {

// Drawings whose codes are kept, which may hold megabytes of maps.
constexpr size_t kKeptSketches = 64;
constexpr size_t kKeptSketchBytes = size_t{64} << 20;

template <typename Value>
void add(Sha256& sum, const Value& value) {
  static_assert(std::is_arithmetic_v<Value>);
  sum.update(&value, sizeof value);
}

// What two requests of the same drawing have in common.
std::string sketch_key(const GenerateRequest& request) {
  Sha256 sum;
  add(sum, static_cast<int>(request.frame));
  add(sum, request.faithful);
  if (!request.drawing) {
    sum.update(request.picture);
    return sum.hex();
  }
  add(sum, request.drawing->side);
  for (const Stroke& stroke : request.drawing->strokes) {
    add(sum, stroke.label);
    add(sum, stroke.confidence);
    add(sum, stroke.points.size());
    sum.update(stroke.points.data(), stroke.points.size() * sizeof(Point));
  }
  return sum.hex();
}

std::string face_key(const GenerateRequest& request,
                     const std::string& sketch) {
  std::string key =
      fmt::format("{} {} {} {}", sketch, request.size,
                  static_cast<int>(request.format), request.quality);
  for (const Look& look : request.looks) {
    key += look.seed ? fmt::format(" {}*{}", look.weight, *look.seed)
                     : fmt::format(" {}*{}", look.weight, look.id);
  }
  return key;
}

void add_scaled(CodeTable& to, const CodeTable& from, double scale) {
  for (size_t i = 0; i < to.values.size(); ++i) {
    to.values[i] += static_cast<float>(scale * from.values[i]);
  }
}

size_t bytes_of(const SketchCodes& codes) {
  size_t numbers = codes.w.size() + codes.fine.values.size();
  for (const StructureMap& map : codes.maps) numbers += map.values.size();
  return numbers * sizeof(float);
}

}  // namespace

FaceMaker::FaceMaker(Engine engine, const DrawingReader& drawings,
                     PhotoReader& photos, const Limits& limits)
    : engine_(std::move(engine)),
      drawings_(drawings),
      photos_(photos),
      limits_(limits),
      faces_(limits.cache_entries, limits.cache_bytes),
      sketches_(kKeptSketches, kKeptSketchBytes),
      lane_({limits.queue, limits.wait_seconds}) {
  // A first face takes several times as long as others: its layers are set up
  // on the way. This is it.
  const Image blank(kDrawnSide, kDrawnSide, 1);
  engine_.render(engine_.combine(engine_.embed_sketch(blank),
                                 engine_.random_appearance(0)));
}

void FaceMaker::check_size(int size) const {
  const int full = config().size;
  const bool power = (size & (size - 1)) == 0;
  if (size == 0 || (power && size >= 8 && size <= full)) return;
  throw HttpError(400, fmt::format("size is {}, expected 0 or a power of two "
                                   "from 8 to {}",
                                   size, full));
}

Image FaceMaker::labels(const GenerateRequest& request,
                        size_t& doubtful) const {
  doubtful = 0;
  Drawing drawing;
  if (request.drawing) {
    drawing = *request.drawing;
  } else {
    const std::string name = "the picture";
    const Bytes file(request.picture);
    const auto decoded = [&]() -> Image {
      if (!holds_labels(file, name)) return {};
      Image image = decode_indices(file, name);
      check_labels(image, config().labels, name);
      return image;
    };
    Image image = blaming(400, decoded);
    if (!image.pixels.empty()) return image;
    drawing = blaming(400, [&] { return open_drawing(file, name).drawing; });
    check_drawing_size(drawing, limits_);
  }
  drawings_.check_classes(drawing);
  return blaming(422, [&] {
    PrepareOptions options;
    options.frame = request.frame;
    const PreparedDrawing prepared =
        prepare_drawing(drawing, drawings_.labeler(), options);
    doubtful = prepared.labelled.doubtful.size();
    return rasterize(prepared.drawing, kDrawnSide, kDrawnWidth);
  });
}

std::shared_ptr<FaceMaker::Sketch> FaceMaker::sketch(
    const GenerateRequest& request, const std::string& key) {
  if (auto known = sketches_.find(key)) return known;
  auto made = std::make_shared<Sketch>();
  const Image image = labels(request, made->doubtful);
  made->codes = blaming(422, [&] {
    return engine_.embed_sketch(image, static_cast<float>(request.faithful));
  });
  sketches_.put(key, made, bytes_of(made->codes));
  return made;
}

AppearanceCodes FaceMaker::codes_of(const Ingredient& ingredient) {
  if (!ingredient.photo) {
    return engine_.random_appearance(*ingredient.look->seed);
  }
  Appearance& photo = *ingredient.photo;
  if (!photo.codes) photo.codes = engine_.embed_photo(photo.photo);
  return *photo.codes;
}

// Codes of photos are offsets to what the drawing gives, random ones are not.
// Where both are mixed, the offsets of photos become codes in their own right.
AppearanceCodes FaceMaker::mixed(const std::vector<Ingredient>& ingredients,
                                 const SketchCodes& sketch) {
  std::vector<AppearanceCodes> codes;
  double photos = 0;
  for (const Ingredient& ingredient : ingredients) {
    codes.push_back(codes_of(ingredient));
    if (codes.back().relative) photos += ingredient.look->weight;
  }
  if (codes.size() == 1) return codes.front();
  AppearanceCodes sum;
  const CodeTable& first = codes.front().fine;
  sum.fine = CodeTable(first.rows, first.width);
  bool all_photos = true;
  for (size_t i = 0; i < codes.size(); ++i) {
    add_scaled(sum.fine, codes[i].fine, ingredients[i].look->weight);
    all_photos = all_photos && codes[i].relative;
  }
  sum.relative = all_photos;
  if (all_photos || photos == 0) return sum;
  AppearanceCodes none;
  none.fine = CodeTable(first.rows, first.width);
  const CodeTable styles = engine_.combine(sketch, none).styles;
  CodeTable base(first.rows, first.width);
  const auto skipped =
      static_cast<std::ptrdiff_t>(styles.values.size() - base.values.size());
  base.values.assign(styles.values.begin() + skipped, styles.values.end());
  add_scaled(sum.fine, base, photos);
  return sum;
}

Face FaceMaker::make(const GenerateRequest& request,
                     const WorkLane::Asker& asker) {
  check_size(request.size);
  // Photos are held from here on, so that they cannot go while this waits.
  std::vector<Ingredient> ingredients;
  for (const Look& look : request.looks) {
    ingredients.push_back({&look, look.seed ? nullptr : photos_.find(look.id)});
  }
  const std::string drawn = sketch_key(request);
  const std::string key = face_key(request, drawn);
  if (const auto known = faces_.find(key)) return *known;

  Face face;
  Image image;
  const double seconds = lane_.run(asker, [&] {
    const auto codes = sketch(request, drawn);
    face.doubtful = codes->doubtful;
    image = engine_.render(
        engine_.combine(codes->codes, mixed(ingredients, codes->codes)),
        request.size);
  });
  const auto file = encode(image, request.format, request.quality);
  face.picture = std::make_shared<const std::string>(file.begin(), file.end());
  faces_.put(key, std::make_shared<Face>(face), file.size() + key.size());
  face.milliseconds = std::max(1, static_cast<int>(std::lround(1e3 * seconds)));
  return face;
}

}  // namespace limner::server
