// Activations between layers: one picture's channels in blocks, so that every
// layer reads and writes whole vectors and no layer reorders.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace limner {

// Uninitialised memory on huge pages where that pays (fewer TLB misses in
// passes over many megabytes), 64-byte aligned. Throws std::bad_alloc.
struct FreeMemory {
  size_t mapped = 0;  // bytes; 0: from the heap
  void operator()(void* memory) const;
};
using Memory = std::unique_ptr<void, FreeMemory>;
Memory allocate(size_t bytes);

class Workspace;

// Float32 activations [C, H, W] stored as [ceil(C/B)][H][W][B] with
// B = channel_block(). Lanes past C are zero and layers keep them so. The
// memory returns to its Workspace when the map is destroyed. Move-only.
class FeatureMap {
 public:
  FeatureMap() = default;
  ~FeatureMap();
  FeatureMap(FeatureMap&& other) noexcept;
  FeatureMap& operator=(FeatureMap&& other) noexcept;

  int channels() const { return channels_; }
  int height() const { return height_; }
  int width() const { return width_; }
  int blocks() const { return blocks_; }
  // Floats in one block of channels: H * W * B.
  size_t block_size() const { return block_size_; }
  size_t size() const { return block_size_ * blocks_; }
  float* data() const { return data_; }
  float* block(int i) const { return data_ + block_size_ * i; }

  // A view of channels [first, first + count); first must start a block. The
  // view must not outlive this map.
  FeatureMap slice(int first, int count) const;

 private:
  friend class Workspace;
  int channels_ = 0;
  int height_ = 0;
  int width_ = 0;
  int blocks_ = 0;
  size_t block_size_ = 0;
  float* data_ = nullptr;
  Memory memory_;        // none: a view, or empty
  size_t capacity_ = 0;  // floats of it
  Workspace* home_ = nullptr;
};

// Memory that layers share and reuse from run to run. Must outlive the maps
// taken from it. Not thread-safe.
class Workspace {
 public:
  Workspace() = default;
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // A map with undefined contents.
  FeatureMap take(int channels, int height, int width);

  // At least `bytes` of scratch memory, 64-byte aligned, valid until the next
  // call.
  void* scratch(size_t bytes);

 private:
  friend class FeatureMap;
  struct Buffer {
    Memory memory;
    size_t floats;
  };
  std::vector<Buffer> free_;
  Memory scratch_;
  size_t scratch_bytes_ = 0;
};

// planar [C, H, W] -> blocked.
FeatureMap from_planar(const float* planar, int channels, int height, int width,
                       Workspace& workspace);
// blocked -> planar [C, H, W].
std::vector<float> to_planar(const FeatureMap& map);

// Values padded with zeros to a whole number of channel blocks.
std::vector<float> pad_channels(const float* values, int channels);

}  // namespace limner
