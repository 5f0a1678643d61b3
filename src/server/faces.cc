#include "server/faces.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "server/errors.h"
#include "util/sha256.h"

namespace limner::server {
namespace {

constexpr size_t kKeptSketches = 64;  // drawings whose codes are kept

template <typename Value>
void add(Sha256& sum, const Value& value) {
  static_assert(std::is_arithmetic_v<Value>);
  sum.update(&value, sizeof value);
}

// What two requests of the same drawing have in common.
std::string sketch_key(const GenerateRequest& request) {
  Sha256 sum;
  add(sum, static_cast<int>(request.frame));
  add(sum, request.faithful.value_or(-1));
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

std::string face_key(const GenerateRequest& request, const FaceLooks& looks,
                     const std::string& sketch) {
  std::string key =
      fmt::format("{} {} {} {}", sketch, request.size,
                  static_cast<int>(request.format), request.quality);
  for (const Look& look : looks.mix) {
    key += look.seed ? fmt::format(" {}*{}", look.weight, *look.seed)
                     : fmt::format(" {}*{}", look.weight, look.id);
  }
  for (const auto& [id, amount] : looks.traits) {
    key += fmt::format(" {}={}", id, amount);
  }
  return key;
}

size_t bytes_of(const SketchCodes& codes) {
  size_t numbers = codes.w.size() + codes.fine.values.size();
  for (const StructureMap& map : codes.maps) numbers += map.values.size();
  return numbers * sizeof(float);
}

}  // namespace

FaceLane::FaceLane(FaceMaker maker, const DrawingReader& drawings,
                   PhotoReader& photos, const Limits& limits)
    : maker_(std::move(maker)),
      drawings_(drawings),
      photos_(photos),
      limits_(limits),
      faces_(limits.cache_entries, limits.cache_bytes),
      sketches_(kKeptSketches, limits.sketch_bytes),
      lane_({limits.queue, limits.wait_seconds}) {
  // A first face takes several times as long as others: its layers are set up
  // on the way. This is it.
  GivenDrawing blank;
  blank.labels = Image(kDrawnSide, kDrawnSide, 1);
  maker_.make(std::move(blank), maker_.looks(uint64_t{0}));
}

void FaceLane::check_size(int size) const {
  const int full = config().size;
  const bool power = (size & (size - 1)) == 0;
  if (size == 0 || (power && size >= 8 && size <= full)) return;
  throw HttpError(400, fmt::format("size is {}, expected 0 or a power of two "
                                   "from 8 to {}",
                                   size, full));
}

GivenDrawing FaceLane::given(const GenerateRequest& request) const {
  GivenDrawing given;
  if (request.drawing) {
    given.drawing = *request.drawing;
  } else {
    given = blaming(400, [&] {
      return maker_.read(request.picture, "the picture", of_a_client());
    });
    given.name = "";
    if (!given.labels.pixels.empty()) return given;
    check_drawing_size(given.drawing, limits_);
  }
  drawings_.check_classes(given.drawing);
  return given;
}

std::shared_ptr<Sketch> FaceLane::sketch(const GenerateRequest& request,
                                         const std::string& key) {
  if (auto known = sketches_.find(key)) return known;
  DrawingOptions options;
  options.prepare.frame = request.frame;
  options.faithful = request.faithful;
  GivenDrawing drawing = given(request);
  auto made = std::make_shared<Sketch>(
      blaming(422, [&] { return maker_.sketch(std::move(drawing), options); }));
  made->labels = {};
  sketches_.put(key, made, bytes_of(made->codes));
  return made;
}

AppearanceCodes FaceLane::looks_of(const Ingredients& ingredients,
                                   const SketchCodes& sketch) {
  std::vector<WeighedLooks> looks;
  for (const Ingredient& ingredient : ingredients.mix) {
    const Look& look = *ingredient.look;
    if (!ingredient.photo) {
      looks.push_back({maker_.looks(*look.seed), look.weight});
      continue;
    }
    Appearance& photo = *ingredient.photo;
    if (!photo.codes) photo.codes = maker_.looks(photo.photo);
    looks.push_back({*photo.codes, look.weight});
  }
  return maker_.changed(maker_.mixture(looks, sketch),
                        ingredients.looks->traits);
}

// Photos are held from here on, so that they cannot go while a face waits.
FaceLane::Ingredients FaceLane::ingredients(const FaceLooks& looks) {
  for (const auto& [id, amount] : looks.traits) {
    const bool known = std::any_of(
        traits().begin(), traits().end(),
        [&id = id](const LookTrait& trait) { return trait.id == id; });
    if (!known) {
      throw HttpError(400, fmt::format("this model has no trait \"{}\" "
                                       "(/api/models lists those it has)",
                                       printable(id, 40)));
    }
  }
  Ingredients all{&looks, {}};
  for (const Look& look : looks.mix) {
    all.mix.push_back({&look, look.seed ? nullptr : photos_.find(look.id)});
  }
  return all;
}

Face FaceLane::make(const GenerateRequest& request,
                    const WorkLane::Asker& asker) {
  check_size(request.size);
  Drawn drawn{sketch_key(request), nullptr};
  return make(request, ingredients(request.looks), drawn, asker);
}

struct FaceLane::Series {
  VariationsRequest request;
  WorkLane::Asker asker;
  Drawn drawn;
  std::vector<Ingredients> looks;
};

std::function<Face(size_t)> FaceLane::variations(VariationsRequest request,
                                                 WorkLane::Asker asker) {
  check_size(request.each.size);
  auto series = std::make_shared<Series>(
      Series{std::move(request), std::move(asker), {}, {}});
  for (const FaceLooks& looks : series->request.looks) {
    series->looks.push_back(ingredients(looks));
  }
  series->drawn.key = sketch_key(series->request.each);
  return [this, series](size_t i) {
    return make(series->request.each, series->looks.at(i), series->drawn,
                series->asker);
  };
}

Face FaceLane::make(const GenerateRequest& request, const Ingredients& looks,
                    Drawn& drawn, const WorkLane::Asker& asker) {
  const std::string key = face_key(request, *looks.looks, drawn.key);
  if (const auto known = faces_.find(key)) return *known;

  Face face;
  Image image;
  Stages stages;
  double waited = 0;
  const auto work = [&] {
    stages.skip();
    if (!drawn.sketch) drawn.sketch = sketch(request, drawn.key);
    stages.lap("sketch");
    face.doubtful = drawn.sketch->doubtful.size();
    face.faithful = drawn.sketch->faithful;
    const SketchCodes& codes = drawn.sketch->codes;
    Engine& engine = maker_.engine();
    const FaceCodes all = engine.combine(codes, looks_of(looks, codes));
    stages.lap("looks");
    image = engine.render(all, request.size);
    stages.lap("render");
  };
  const double seconds = lane_.run(asker, work, &waited);
  stages.add("wait", waited);
  stages.skip();
  const auto file = encode(image, request.format, request.quality);
  stages.lap("encode");
  face.picture = std::make_shared<const std::string>(file.begin(), file.end());
  faces_.put(key, std::make_shared<Face>(face), file.size() + key.size());
  face.stages = std::move(stages);
  face.milliseconds = std::max(1, static_cast<int>(std::lround(1e3 * seconds)));
  return face;
}

}  // namespace limner::server
