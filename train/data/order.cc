#include "train/data/order.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "data/dataset.h"
#include "util/error.h"
#include "util/random.h"

namespace limner::train {
namespace {

// Streams below this are the augmentations of single samples.
constexpr uint64_t kOrderStream = uint64_t{1} << 63;

// Uniform in [0, n), n < 2^31.
int64_t below(Random& random, int64_t n) {
  return static_cast<int64_t>((uint64_t{random.next()} * n) >> 32);
}

}  // namespace

std::vector<double> rare_part_weights(const std::vector<uint32_t>& parts,
                                      double strength) {
  std::array<double, kMaskLabels> by_part = {};
  for (int part = 0; part < kMaskLabels; ++part) {
    const auto having =
        std::count_if(parts.begin(), parts.end(),
                      [part](uint32_t bits) { return bits >> part & 1U; });
    const double share =
        static_cast<double>(having) / static_cast<double>(parts.size());
    by_part[part] = having > 0 && share < 0.5
                        ? std::min(std::pow(0.5 / share, strength), 6.0)
                        : 1.0;
  }
  std::vector<double> weights(parts.size(), 1.0);
  for (size_t i = 0; i < parts.size(); ++i) {
    for (int part = 0; part < kMaskLabels; ++part) {
      if (parts[i] >> part & 1U) {
        weights[i] = std::max(weights[i], by_part[part]);
      }
    }
  }
  return weights;
}

Order::Order(const std::vector<double>& weights, uint64_t seed) : seed_(seed) {
  if (weights.empty() || weights.size() >= (size_t{1} << 31)) {
    fail("cannot order {} faces", weights.size());
  }
  weights_.reserve(weights.size());
  for (const double weight : weights) {
    weights_.push_back(std::max<int64_t>(std::llround(weight * 1024), 1));
    total_ += weights_.back();
  }
}

int64_t Order::face(int64_t p) {
  const auto size = static_cast<int64_t>(weights_.size());
  const int64_t number = p / size;
  const std::lock_guard<std::mutex> lock(mutex_);
  const int slot = static_cast<int>(number % 2);
  if (numbers_[slot] != number) {
    epochs_[slot] = make_epoch(number);
    numbers_[slot] = number;
  }
  return (*epochs_[slot])[p % size];
}

Order::Epoch Order::make_epoch(int64_t epoch) const {
  Random random(seed_, kOrderStream | static_cast<uint64_t>(epoch));
  const auto size = static_cast<int64_t>(weights_.size());
  const auto shuffle = [&](std::vector<int32_t>& items) {
    for (int64_t i = size - 1; i > 0; --i) {
      std::swap(items[i], items[below(random, i + 1)]);
    }
  };
  std::vector<int32_t> faces(size);
  std::iota(faces.begin(), faces.end(), 0);
  shuffle(faces);
  // Systematic sampling: equally spaced marks on the faces' weights laid end
  // to end. The spacing total/size is kept exact by counting in 1/size.
  std::vector<int32_t> chosen;
  chosen.reserve(size);
  int64_t mark = below(random, total_);
  int64_t end = 0;
  for (const int32_t face : faces) {
    end += weights_[face] * size;
    for (; mark < end; mark += total_) chosen.push_back(face);
  }
  shuffle(chosen);
  return std::make_shared<const std::vector<int32_t>>(std::move(chosen));
}

}  // namespace limner::train
