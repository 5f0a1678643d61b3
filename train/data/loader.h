// Batches of faces, prepared ahead by threads of their own.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "data/dataset.h"
#include "sketch/deform.h"
#include "sketch/mask_sketch.h"
#include "train/data/augment.h"
#include "train/data/rough.h"

namespace limner::train {

struct LoaderOptions {
  int batch = 16;           // pictures of this process
  int side = 64;            // of photo and classes
  int sketch_side = 0;      // of the sketch encoders' input; 0: no sketches
  int appearance_side = 0;  // of the photo encoder's input; 0: none
  uint64_t seed = 1;
  int workers = 1;          // threads that prepare batches ahead
  int ahead = 4;            // batches
  int rank = 0, world = 1;  // this process among all
  bool train = true;        // shuffled and augmented; false: in order, as is
  double oversample = 0.5;  // strength of the oversampling of rare parts, 0..1
  AugmentOptions augment;
  SketchOptions sketch;  // its detail counts without train only
  DeformOptions deform;  // with train only
  // Share of the drawings that stay faithful; the others, with train only, are
  // made rough, their faithfulness uniform in 0..1. 1: all stay as they are.
  double faithful_share = 1.0;
  RoughOptions rough;
  // Sketches are drawn at 512 pixels with lines of 1 to `widest_line` pixels
  // (without train: `widest_line`) and reduced so that no stroke is lost
  // (reduce_labels()), or, as the published network wants it, by taking the
  // nearest pixels.
  int widest_line = 2;
  bool nearest_sketch = false;
  // Decoded faces are kept, reduced to what the sides need, until they take
  // this much memory.
  int64_t cache_bytes = int64_t{1} << 30;
};

struct Batch {
  torch::Tensor photo;       // [B,3,side,side] in [-1,1]
  torch::Tensor appearance;  // [B,3,appearance_side,..]: the same picture, or
                             // undefined
  torch::Tensor classes;     // [B,side,side] int64, 0..18
  torch::Tensor sketch;      // [B,sketch_side,sketch_side] uint8 stroke classes
                             // 0..22, or undefined
  torch::Tensor faithfulness;  // [B] float32, 0..1: of the sketches
  std::vector<int64_t> faces;  // indices in the dataset
};

// Sample p = (step * batch * world) + i * world + rank is picture i of a batch:
// two processes with batches of n see together what one with 2n sees. The face
// of a sample depends on (seed, p) through an order of each epoch, its
// variation on (seed, p) alone, so that (seed, step) is the whole state.
// After the last face the next epoch follows, without train in the same order.
class Loader {
 public:
  // Keeps a reference to `dataset`. Throws Error for options out of range.
  Loader(const Dataset& dataset, const LoaderOptions& options);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // The batch of the present step, which then advances. Throws the Error of a
  // face that could not be read; the step stays.
  Batch next();

  // The next batch is that of `step`, 0 or more.
  void seek(int64_t step);

 private:
  class Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace limner::train
