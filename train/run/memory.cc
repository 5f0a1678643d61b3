#include "train/run/memory.h"

#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace limner::train {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = size_t{2} << 20;
// Smaller ones the C library handles well.
constexpr size_t kSmallest = size_t{32} << 10;
// A larger piece serves if it is larger by less than this share of the size.
constexpr double kMaxWaste = 0.25;

// A few sizes, so that pieces fit again: eight from one power of two to the
// next.
size_t rounded(size_t bytes) {
  size_t step = kAlignment;
  while (step * 16 < bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

void* get(size_t bytes) {
  void* memory = nullptr;
  const bool large = bytes >= kHugePage;
  if (posix_memalign(&memory, large ? kHugePage : kAlignment, bytes) != 0) {
    throw std::bad_alloc();
  }
  if (large) madvise(memory, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
  return memory;
}

}  // namespace

struct KeptMemory::Pieces {
  std::mutex mutex;
  std::map<size_t, std::vector<void*>> free;  // by size
  size_t in_use = 0, max = 0, kept = 0;

  ~Pieces() { drop(); }

  void drop() {
    for (auto& [size, list] : free) {
      for (void* memory : list) std::free(memory);
    }
    free.clear();
    kept = 0;
  }

  // A new piece of `size`. Where that would be too much in all, what is kept
  // goes first: other sizes than before are wanted now.
  void* more(size_t size) {
    const size_t peak = std::max(max, in_use + size);
    if (in_use + kept + size > peak + peak / 2) drop();
    return get(size);
  }

  // A piece of `size` or somewhat more, which `size` becomes; null: none.
  void* take(size_t& size) {
    for (auto at = free.lower_bound(size);
         at != free.end() && at->first <= size * (1 + kMaxWaste); ++at) {
      if (at->second.empty()) continue;
      void* memory = at->second.back();
      at->second.pop_back();
      size = at->first;
      kept -= size;
      return memory;
    }
    return nullptr;
  }
};

namespace {

// Before every piece: what give_back() needs to know, and the allocator kept
// alive.
struct Head {
  std::shared_ptr<void> pieces;
  size_t size;  // with this head
};
static_assert(sizeof(Head) <= kAlignment);

}  // namespace

KeptMemory::KeptMemory() : pieces_(std::make_shared<Pieces>()) {}
KeptMemory::~KeptMemory() = default;

c10::DataPtr KeptMemory::allocate(size_t bytes) const {
  if (bytes == 0) return {nullptr, c10::Device(c10::DeviceType::CPU)};
  size_t size = rounded(bytes + kAlignment);
  void* memory = nullptr;
  if (size < kSmallest) {
    memory = get(size);
  } else {
    const std::lock_guard<std::mutex> lock(pieces_->mutex);
    memory = pieces_->take(size);
    if (memory == nullptr) memory = pieces_->more(size);
    pieces_->in_use += size;
    pieces_->max = std::max(pieces_->max, pieces_->in_use);
  }
  new (memory) Head{pieces_, size};
  void* data = static_cast<char*>(memory) + kAlignment;
  return {data, data, &give_back, c10::Device(c10::DeviceType::CPU)};
}

c10::DataPtr KeptMemory::allocate(size_t bytes) {
  return std::as_const(*this).allocate(bytes);
}

void KeptMemory::copy_data(void* to, const void* from, size_t bytes) const {
  std::memcpy(to, from, bytes);
}

c10::DeleterFnPtr KeptMemory::raw_deleter() const { return &give_back; }

void KeptMemory::give_back(void* data) {
  if (data == nullptr) return;
  auto* head = reinterpret_cast<Head*>(static_cast<char*>(data) - kAlignment);
  const auto pieces = std::static_pointer_cast<Pieces>(head->pieces);
  const size_t size = head->size;
  head->~Head();
  if (size < kSmallest) {
    std::free(head);
    return;
  }
  const std::lock_guard<std::mutex> lock(pieces->mutex);
  pieces->free[size].push_back(head);
  pieces->in_use -= size;
  pieces->kept += size;
}

size_t KeptMemory::bytes_in_use() const {
  const std::lock_guard<std::mutex> lock(pieces_->mutex);
  return pieces_->in_use;
}

size_t KeptMemory::bytes_kept() const {
  const std::lock_guard<std::mutex> lock(pieces_->mutex);
  return pieces_->kept;
}

void keep_tensor_memory() {
  // Tensors may outlive main(), so it is never destroyed.
  static auto* const memory = new KeptMemory;
  c10::SetCPUAllocator(memory, /*priority=*/1);
}

}  // namespace limner::train
