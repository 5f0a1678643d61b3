#include "train/run/memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <thread>
#include <vector>

namespace limner::train {
namespace {

constexpr size_t kMega = size_t{1} << 20;

TEST(KeptMemory, HandsOutAgainWhatWasGivenBack) {
  const KeptMemory memory;
  // So that what is kept is little beside what is in use.
  const c10::DataPtr much = memory.allocate(20 * kMega);
  const size_t before = memory.bytes_in_use();
  c10::DataPtr first = memory.allocate(3 * kMega);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first.get()) % 64, 0U);
  std::memset(first.get(), 1, 3 * kMega);
  void* const place = first.get();
  EXPECT_GE(memory.bytes_in_use(), before + 3 * kMega);
  EXPECT_EQ(memory.bytes_kept(), 0U);
  first.clear();
  EXPECT_EQ(memory.bytes_in_use(), before);
  EXPECT_GE(memory.bytes_kept(), 3 * kMega);
  // A little smaller fits into it, half of it or more does not.
  c10::DataPtr half = memory.allocate(kMega);
  EXPECT_NE(half.get(), place);
  c10::DataPtr larger = memory.allocate(4 * kMega);
  EXPECT_NE(larger.get(), place);
  EXPECT_GE(memory.bytes_kept(), 3 * kMega);
  c10::DataPtr again = memory.allocate(3 * kMega - 1000);
  EXPECT_EQ(again.get(), place);
  EXPECT_EQ(memory.bytes_kept(), 0U);
}

TEST(KeptMemory, KeepsHalfOfThePeakAtMostBesideWhatIsInUse) {
  const KeptMemory memory;
  for (size_t mega = 1; mega <= 40; ++mega) {
    // Each in a size of its own: nothing fits again.
    const c10::DataPtr piece = memory.allocate(mega * mega * 37 * 1024);
    const size_t peak = 40 * 40 * 37 * 1024 + 8 * kMega;
    EXPECT_LE(memory.bytes_in_use() + memory.bytes_kept(), peak * 3 / 2);
  }
  EXPECT_EQ(memory.bytes_in_use(), 0U);
}

TEST(KeptMemory, GivesDistinctPieces) {
  const KeptMemory memory;
  std::vector<c10::DataPtr> pieces;
  for (const size_t bytes : {1, 63, 64, 65, 5000, 40000, 40001, 3000000}) {
    for (int i = 0; i < 2; ++i) {
      pieces.push_back(memory.allocate(bytes));
      std::memset(pieces.back().get(), static_cast<int>(pieces.size()), bytes);
    }
  }
  for (size_t i = 0; i < pieces.size(); ++i) {
    EXPECT_EQ(*static_cast<unsigned char*>(pieces[i].get()), i + 1);
  }
  EXPECT_EQ(memory.allocate(0).get(), nullptr);
}

TEST(KeptMemory, OutlivesItsAllocatorAndServesSeveralThreads) {
  c10::DataPtr survivor;
  {
    const KeptMemory memory;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&memory, t] {
        for (size_t i = 1; i < 300; ++i) {
          const size_t bytes = i * 1777;
          const c10::DataPtr piece = memory.allocate(bytes);
          std::memset(piece.get(), t, bytes);
          ASSERT_EQ(static_cast<char*>(piece.get())[bytes / 2], t);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(memory.bytes_in_use(), 0U);
    survivor = memory.allocate(kMega);
  }
  std::memset(survivor.get(), 5, kMega);
  EXPECT_EQ(static_cast<char*>(survivor.get())[kMega - 1], 5);
}

TEST(KeptMemory, TooMuchIsAnErrorThatLeavesItWhole) {
  const KeptMemory memory;
  EXPECT_THROW(memory.allocate(std::numeric_limits<size_t>::max() / 4),
               std::bad_alloc);
  EXPECT_EQ(memory.bytes_in_use(), 0U);
  EXPECT_NE(memory.allocate(kMega).get(), nullptr);
}

}  // namespace
}  // namespace limner::train
