#include "nn/feature_map.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "nn/isa.h"
#include "nn/trace.h"
#include "util/parallel.h"

namespace limner {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;
#ifdef __EMSCRIPTEN__
// A page's memory is one piece, without pages of its own to map.
constexpr size_t kMapped = std::numeric_limits<size_t>::max();
#else
constexpr size_t kMapped = kHugePage;  // bytes from which memory is mapped
#endif

}  // namespace

void FreeMemory::operator()(void* memory) const {
  if (mapped > 0) {
    munmap(memory, mapped);
  } else {
    std::free(memory);
  }
}

Memory allocate(size_t bytes) {
  if (bytes < kMapped) {
    void* memory = nullptr;
    if (posix_memalign(&memory, 64, bytes) != 0) throw std::bad_alloc();
    return Memory(memory);
  }
  // Not from the heap, where huge pages would reach into the gaps between
  // blocks.
  const size_t wider = bytes + kHugePage;
  void* mapping = mmap(nullptr, wider, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) throw std::bad_alloc();
  const auto from = reinterpret_cast<uintptr_t>(mapping);
  const uintptr_t start = (from + kHugePage - 1) / kHugePage * kHugePage;
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const uintptr_t end = (start + bytes + page - 1) / page * page;
  if (start > from) munmap(mapping, start - from);
  if (from + wider > end) {
    munmap(reinterpret_cast<void*>(end), from + wider - end);
  }
  // Whole huge pages only: one for the rest would be resident beyond `bytes`.
  auto* memory = reinterpret_cast<void*>(start);
  madvise(memory, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
  return Memory(memory, FreeMemory{end - start});
}

FeatureMap::~FeatureMap() {
  if (home_ != nullptr) home_->free_.push_back({std::move(memory_), capacity_});
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
  std::swap(memory_, other.memory_);
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

FeatureMap Workspace::take(int channels, int height, int width) {
  FeatureMap map;
  const int block = channel_block();
  map.channels_ = channels;
  map.height_ = height;
  map.width_ = width;
  map.blocks_ = (channels + block - 1) / block;
  map.block_size_ = static_cast<size_t>(height) * width * block;
  const size_t need = map.size();

  // The smallest free buffer that fits; else a new one instead of the largest.
  const auto smaller = [](const Buffer& a, const Buffer& b) {
    return a.floats < b.floats;
  };
  auto best = free_.end();
  for (auto it = free_.begin(); it != free_.end(); ++it) {
    if (it->floats < need) continue;
    if (best == free_.end() || smaller(*it, *best)) best = it;
  }
  if (best != free_.end()) {
    map.memory_ = std::move(best->memory);
    map.capacity_ = best->floats;
    free_.erase(best);
  } else {
    if (!free_.empty()) {
      free_.erase(std::max_element(free_.begin(), free_.end(), smaller));
    }
    free_.reserve(free_.size() + 64);  // giving back must not throw
    map.memory_ = allocate(need * sizeof(float));
    map.capacity_ = need;
  }
  map.data_ = static_cast<float*>(map.memory_.get());
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

namespace {

// Calls visit(block, from, to) for pieces of a map that stay in the first
// cache while each of their channels is read or written.
template <typename Visit>
void for_pieces(const FeatureMap& map, const Visit& visit) {
  constexpr size_t kPixels = 128;
  const size_t area = static_cast<size_t>(map.height()) * map.width();
  for (int block = 0; block < map.blocks(); ++block) {
    for (size_t from = 0; from < area; from += kPixels) {
      visit(block, from, std::min(area, from + kPixels));
    }
  }
}

}  // namespace

FeatureMap from_planar(const float* planar, int channels, int height, int width,
                       Workspace& workspace) {
  const TracedScope scope("from_planar");
  FeatureMap map = workspace.take(channels, height, width);
  const int lanes = channel_block();
  const size_t area = static_cast<size_t>(height) * width;
  for_pieces(map, [&](int block, size_t from, size_t to) {
    float* out = map.block(block);
    const int used = std::min(lanes, channels - block * lanes);
    for (int lane = 0; lane < lanes; ++lane) {
      const float* in =
          planar + (static_cast<size_t>(block) * lanes + lane) * area;
      for (size_t i = from; i < to; ++i) {
        out[i * lanes + lane] = lane < used ? in[i] : 0.0F;
      }
    }
  });
  return map;
}

std::vector<float> to_planar(const FeatureMap& map) {
  const TracedScope scope("to_planar");
  const int lanes = channel_block();
  const size_t area = static_cast<size_t>(map.height()) * map.width();
  std::vector<float> planar(area * map.channels());
  for_pieces(map, [&](int block, size_t from, size_t to) {
    const float* in = map.block(block);
    const int used = std::min(lanes, map.channels() - block * lanes);
    for (int lane = 0; lane < used; ++lane) {
      float* out =
          planar.data() + (static_cast<size_t>(block) * lanes + lane) * area;
      for (size_t i = from; i < to; ++i) out[i] = in[i * lanes + lane];
    }
  });
  return planar;
}

std::vector<float> pad_channels(const float* values, int channels) {
  const int lanes = channel_block();
  std::vector<float> padded((channels + lanes - 1) / lanes * lanes);
  std::copy_n(values, channels, padded.begin());
  return padded;
}

}  // namespace limner
