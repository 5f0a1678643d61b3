#include "nn/feature_map.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "nn/isa.h"
#include "nn/trace.h"
#include "util/parallel.h"

namespace limner {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

}  // namespace

void FreeMemory::operator()(void* memory) const { std::free(memory); }

Memory allocate(size_t bytes) {
  const size_t alignment = bytes >= kHugePage ? kHugePage : 64;
  void* memory = nullptr;
  if (posix_memalign(&memory, alignment, bytes) != 0) throw std::bad_alloc();
  // Whole huge pages only: one for the rest would be resident beyond `bytes`.
  const size_t huge = bytes / kHugePage * kHugePage;
  if (huge > 0) madvise(memory, huge, MADV_HUGEPAGE);
  return Memory(memory);
}

FeatureMap::~FeatureMap() {
  if (home_ != nullptr) home_->free_.push_back({data_, capacity_});
}

FeatureMap::FeatureMap(FeatureMap&& other) noexcept {
  *this = std::move(other);
}

FeatureMap& FeatureMap::operator=(FeatureMap&& other) noexcept {
  std::swap(channels_, other.channels_);
  std::swap(height_, other.height_);
  std::swap(width_, other.width_);
  std::swap(blocks_, other.blocks_);
  std::swap(block_size_, other.block_size_);
  std::swap(capacity_, other.capacity_);
  std::swap(data_, other.data_);
  std::swap(home_, other.home_);
  return *this;
}

FeatureMap FeatureMap::slice(int first, int count) const {
  const int lanes = channel_block();
  FeatureMap view;
  view.channels_ = count;
  view.height_ = height_;
  view.width_ = width_;
  view.blocks_ = (count + lanes - 1) / lanes;
  view.block_size_ = block_size_;
  view.data_ = block(first / lanes);
  return view;
}

Workspace::~Workspace() {
  for (const Buffer& buffer : free_) std::free(buffer.data);
}

FeatureMap Workspace::take(int channels, int height, int width) {
  FeatureMap map;
  const int block = channel_block();
  map.channels_ = channels;
  map.height_ = height;
  map.width_ = width;
  map.blocks_ = (channels + block - 1) / block;
  map.block_size_ = static_cast<size_t>(height) * width * block;
  const size_t need = map.size();

  // The smallest free buffer that fits.
  auto best = free_.end();
  for (auto it = free_.begin(); it != free_.end(); ++it) {
    if (it->floats < need) continue;
    if (best == free_.end() || it->floats < best->floats) best = it;
  }
  if (best != free_.end()) {
    map.data_ = best->data;
    map.capacity_ = best->floats;
    free_.erase(best);
  } else {
    free_.reserve(free_.size() + 64);  // giving back must not throw
    map.data_ = static_cast<float*>(allocate(need * sizeof(float)).release());
    map.capacity_ = need;
  }
  map.home_ = this;
  return map;
}

void* Workspace::scratch(size_t bytes) {
  if (bytes > scratch_bytes_) {
    scratch_.reset();  // first, so that both never exist at once
    scratch_bytes_ = 0;
    scratch_ = allocate(bytes);
    scratch_bytes_ = bytes;
  }
  return scratch_.get();
}

FeatureMap from_planar(const float* planar, int channels, int height, int width,
                       Workspace& workspace) {
  const TracedScope scope("from_planar");
  FeatureMap map = workspace.take(channels, height, width);
  const int lanes = channel_block();
  const size_t area = static_cast<size_t>(height) * width;
  for (int b = 0; b < map.blocks(); ++b) {
    float* out = map.block(b);
    const int used = std::min(lanes, channels - b * lanes);
    for (int lane = 0; lane < lanes; ++lane) {
      const float* in = planar + (static_cast<size_t>(b) * lanes + lane) * area;
      for (size_t i = 0; i < area; ++i) {
        out[i * lanes + lane] = lane < used ? in[i] : 0.0F;
      }
    }
  }
  return map;
}

std::vector<float> to_planar(const FeatureMap& map) {
  const TracedScope scope("to_planar");
  const int lanes = channel_block();
  const size_t area = static_cast<size_t>(map.height()) * map.width();
  std::vector<float> planar(area * map.channels());
  for (int c = 0; c < map.channels(); ++c) {
    const float* in = map.block(c / lanes) + c % lanes;
    float* out = planar.data() + area * c;
    for (size_t i = 0; i < area; ++i) out[i] = in[i * lanes];
  }
  return planar;
}

std::vector<float> pad_channels(const float* values, int channels) {
  const int lanes = channel_block();
  std::vector<float> padded((channels + lanes - 1) / lanes * lanes);
  std::copy_n(values, channels, padded.begin());
  return padded;
}

}  // namespace limner
