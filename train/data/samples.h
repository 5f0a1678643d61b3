// One prepared picture of a batch. Used by Loader.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "train/data/loader.h"
#include "train/data/order.h"

namespace limner::train {

// Makes samples from a dataset. Thread-safe.
class SampleMaker {
 public:
  // Throws Error for options out of range.
  SampleMaker(const Dataset& dataset, const LoaderOptions& options);

  // The batch of `step`, 0 or more.
  Batch batch(int64_t step);

 private:
  // What is kept of a face.
  struct Source {
    Image photo;
    Image mask;
    Drawing drawing;  // empty without sketches
  };
  using SourcePtr = std::shared_ptr<const Source>;

  int64_t face_of(int64_t p);
  SourcePtr source(int64_t face);
  void fill(int64_t p, int64_t face, int64_t i, Batch& batch);

  const Dataset& dataset_;
  LoaderOptions options_;
  std::optional<Order> order_;  // when training
  std::mutex mutex_;
  std::vector<SourcePtr> kept_;  // by face
  int64_t kept_bytes_ = 0;
};

}  // namespace limner::train
