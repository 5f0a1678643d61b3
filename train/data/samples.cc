#include "train/data/samples.h"

#include <algorithm>
#include <utility>

#include "image/resize.h"
#include "sketch/mask_sketch.h"
#include "sketch/rasterize.h"
#include "util/error.h"
#include "util/random.h"

namespace limner::train {
namespace {

void check_range(const char* name, int64_t value, int64_t min, int64_t max) {
  if (value >= min && value <= max) return;
  fail("loader: {} must be {} to {}, got {}", name, min, max, value);
}

void check(const LoaderOptions& options) {
  constexpr int kMaxSide = 4096;
  check_range("batch", options.batch, 1, 65536);
  check_range("side", options.side, 1, kMaxSide);
  check_range("sketch_side", options.sketch_side, 0, kMaxSide);
  check_range("appearance_side", options.appearance_side, 0, kMaxSide);
  check_range("widest_line", options.widest_line, 1, 16);
  check_range("workers", options.workers, 1, 1024);
  check_range("ahead", options.ahead, 1, 1024);
  check_range("world", options.world, 1, 65536);
  check_range("rank", options.rank, 0, options.world - 1);
  if (!(options.oversample >= 0 && options.oversample <= 1)) {
    fail("loader: oversample must be 0 to 1, got {}", options.oversample);
  }
  if (!(options.faithful_share >= 0 && options.faithful_share <= 1)) {
    fail("loader: faithful_share must be 0 to 1, got {}",
         options.faithful_share);
  }
}

// Sources are kept at twice the side wanted, which a warp can take a good
// picture from.
constexpr int kFiner = 2;

// Side that sketches are drawn at: lines there are one pixel wide.
constexpr int kDrawnSide = 512;

// Sets the numbers that make a drawing rough apart from all others, which stay
// what they are without it.
constexpr uint64_t kRoughSeed = 0x726F756768;

int64_t bytes_of(const Drawing& drawing) {
  int64_t bytes = 0;
  for (const Stroke& stroke : drawing.strokes) {
    bytes += static_cast<int64_t>(sizeof stroke +
                                  stroke.points.size() * sizeof(Point));
  }
  return bytes;
}

}  // namespace

SampleMaker::SampleMaker(const Dataset& dataset, const LoaderOptions& options)
    : dataset_(dataset), options_(options), kept_(dataset.size()) {
  check(options);
  if (dataset.size() == 0) fail("loader: the dataset has no faces");
  if (!options.train) return;
  if (options.oversample > 0) {
    order_.emplace(rare_part_weights(dataset.parts(), options.oversample),
                   options.seed);
  } else {
    order_.emplace(std::vector<double>(dataset.size(), 1.0), options.seed);
  }
}

int64_t SampleMaker::face_of(int64_t p) {
  return order_ ? order_->face(p) : p % dataset_.size();
}

SampleMaker::SourcePtr SampleMaker::source(int64_t face) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (kept_[face]) return kept_[face];
  }
  Face loaded = dataset_.load(face);
  auto made = std::make_shared<Source>();
  if (options_.sketch_side > 0) {
    SketchOptions style = options_.sketch;
    if (options_.train) {
      style.detail = static_cast<float>(options_.deform.max_detail);
    }
    made->drawing = sketch_of(loaded.mask, &loaded.photo, style);
  }
  made->photo = std::move(loaded.photo);
  made->mask = std::move(loaded.mask);
  if (options_.train) {
    const int photo_side =
        kFiner * std::max(options_.side, options_.appearance_side);
    if (made->photo.width > photo_side) {
      made->photo =
          resize(made->photo, photo_side, photo_side, Filter::kBilinear);
    }
    const int mask_side = kFiner * options_.side;
    if (made->mask.width > mask_side) {
      made->mask = resize_mask(made->mask, mask_side);
    }
  }
  const auto bytes = static_cast<int64_t>(made->photo.pixels.size() +
                                          made->mask.pixels.size()) +
                     bytes_of(made->drawing);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!kept_[face] && kept_bytes_ + bytes <= options_.cache_bytes) {
    kept_[face] = made;
    kept_bytes_ += bytes;
  }
  return made;
}

void SampleMaker::fill(int64_t p, int64_t face, int64_t i, Batch& batch) {
  const SourcePtr from = source(face);
  Augmentation change;
  Random random(options_.seed, static_cast<uint64_t>(p));
  if (options_.train) {
    change = draw_augmentation(options_.augment, random);
  }
  const auto paint = [&](int side, torch::Tensor& to) {
    if (side == 0) return;
    Image photo;
    if (change.transform.identity()) {
      photo = resize(from->photo, side, side, Filter::kBilinear);
    } else {
      const int fine = from->photo.width > side ? kFiner * side : side;
      photo = resize(warp_photo(from->photo, change.transform, fine), side,
                     side, Filter::kBilinear);
    }
    to_planes(photo, change.colour,
              to.data_ptr<float>() + i * 3 * int64_t{side} * side);
  };
  paint(options_.side, batch.photo);
  if (options_.appearance_side == options_.side) {
    const int64_t size = batch.photo[i].numel();
    std::copy_n(batch.photo.data_ptr<float>() + i * size, size,
                batch.appearance.data_ptr<float>() + i * size);
  } else {
    paint(options_.appearance_side, batch.appearance);
  }

  const int side = options_.side;
  const Image classes = change.transform.identity()
                            ? resize_mask(from->mask, side)
                            : warp_mask(from->mask, change.transform, side);
  std::copy(classes.pixels.begin(), classes.pixels.end(),
            batch.classes.data_ptr<int64_t>() + i * int64_t{side} * side);

  if (options_.sketch_side == 0) return;
  Image sketch;
  if (options_.train) {
    const int width =
        1 + static_cast<int>(random.uniform() * options_.widest_line);
    Drawing drawing = deform(warp_drawing(from->drawing, change.transform),
                             options_.deform, random);
    if (options_.faithful_share < 1) {
      Random hand(options_.seed ^ kRoughSeed, static_cast<uint64_t>(p));
      const bool rough = hand.uniform() >= options_.faithful_share;
      const double faithfulness = rough ? hand.uniform() : 1.0;
      batch.faithfulness.data_ptr<float>()[i] =
          static_cast<float>(faithfulness);
      drawing = make_rough(drawing, faithfulness, options_.rough, hand);
    }
    sketch = rasterize(drawing, kDrawnSide, width);
  } else {
    sketch = rasterize(from->drawing, kDrawnSide, options_.widest_line);
  }
  const int small = options_.sketch_side;
  sketch = options_.nearest_sketch
               ? resize(sketch, small, small, Filter::kNearest)
               : reduce_labels(sketch, small);
  std::copy(sketch.pixels.begin(), sketch.pixels.end(),
            batch.sketch.data_ptr<uint8_t>() + i * int64_t{small} * small);
}

Batch SampleMaker::batch(int64_t step) {
  const int64_t count = options_.batch;
  const auto empty = [&](int side) {
    return torch::empty({count, 3, side, side});
  };
  Batch batch;
  batch.photo = empty(options_.side);
  if (options_.appearance_side > 0) {
    batch.appearance = empty(options_.appearance_side);
  }
  batch.classes =
      torch::empty({count, options_.side, options_.side}, torch::kInt64);
  if (options_.sketch_side > 0) {
    batch.sketch = torch::empty(
        {count, options_.sketch_side, options_.sketch_side}, torch::kUInt8);
  }
  batch.faithfulness = torch::ones({count});
  for (int64_t i = 0; i < count; ++i) {
    const int64_t p = (step * count + i) * options_.world + options_.rank;
    batch.faces.push_back(face_of(p));
    fill(p, batch.faces.back(), i, batch);
  }
  return batch;
}

}  // namespace limner::train
