// Which face each sample shows.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace limner::train {

// Weights by which faces with rare parts are drawn more often: 1 for a face
// with none, else the largest (1/2 / share)^strength over its parts that less
// than half of the faces have, at most 6. parts: bits, as Dataset::parts().
// strength: 0 (all equal) to 1.
std::vector<double> rare_part_weights(const std::vector<uint32_t>& parts,
                                      double strength);

// A sequence of epochs, each as long as there are faces and in an order of its
// own. In one epoch face i comes weights[i] / mean times, rounded down or up
// by chance; with equal weights, once. Depends on (weights, seed) alone.
// Thread-safe.
class Order {
 public:
  // weights: positive, at least one.
  Order(const std::vector<double>& weights, uint64_t seed);

  // Face of sample `p`, 0 or more.
  int64_t face(int64_t p);

 private:
  using Epoch = std::shared_ptr<const std::vector<int32_t>>;
  Epoch make_epoch(int64_t epoch) const;

  std::vector<int64_t> weights_;  // in 1/1024
  int64_t total_ = 0;
  uint64_t seed_;
  std::mutex mutex_;
  // The epochs in use: batches prepared ahead may reach into the next.
  int64_t numbers_[2] = {-1, -1};
  Epoch epochs_[2];
};

}  // namespace limner::train
