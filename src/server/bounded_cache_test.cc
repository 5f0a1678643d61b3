#include "server/bounded_cache.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace limner::server {
namespace {

using Cache = BoundedCache<std::string>;

void put(Cache& cache, const std::string& key, size_t bytes) {
  cache.put(key, std::make_shared<std::string>("value of " + key), bytes);
}

TEST(BoundedCache, GivesBackWhatWasPut) {
  Cache cache(10, 100);
  EXPECT_EQ(cache.find("a"), nullptr);
  put(cache, "a", 10);
  ASSERT_NE(cache.find("a"), nullptr);
  EXPECT_EQ(*cache.find("a"), "value of a");
  const CacheFigures figures = cache.figures();
  EXPECT_EQ(figures.hits, 2U);
  EXPECT_EQ(figures.misses, 1U);
  EXPECT_EQ(figures.entries, 1U);
  EXPECT_EQ(figures.bytes, 10U);
}

TEST(BoundedCache, WhatWasUsedLongestAgoGoesFirst) {
  Cache cache(3, 1000);
  for (const char* key : {"a", "b", "c"}) put(cache, key, 1);
  cache.find("a");
  put(cache, "d", 1);
  EXPECT_EQ(cache.find("b"), nullptr);
  for (const char* key : {"a", "c", "d"}) EXPECT_NE(cache.find(key), nullptr);
}

TEST(BoundedCache, BytesAreBounded) {
  Cache cache(100, 100);
  put(cache, "a", 40);
  put(cache, "b", 40);
  put(cache, "c", 60);  // makes "a" go, and 40 + 60 fit exactly
  EXPECT_EQ(cache.find("a"), nullptr);
  EXPECT_NE(cache.find("b"), nullptr);
  EXPECT_EQ(cache.figures().bytes, 100U);
  put(cache, "d", 101);  // never fits, and nothing goes for it
  EXPECT_EQ(cache.find("d"), nullptr);
  EXPECT_EQ(cache.figures().entries, 2U);
  put(cache, "e", 100);
  EXPECT_EQ(cache.figures().entries, 1U);
}

TEST(BoundedCache, ANewValueTakesThePlaceOfTheOld) {
  Cache cache(10, 100);
  put(cache, "a", 60);
  const auto held = cache.find("a");
  cache.put("a", std::make_shared<std::string>("other"), 70);
  EXPECT_EQ(*cache.find("a"), "other");
  EXPECT_EQ(*held, "value of a");
  EXPECT_EQ(cache.figures().bytes, 70U);
  put(cache, "a", 200);  // too large: the old value is gone all the same
  EXPECT_EQ(cache.find("a"), nullptr);
  EXPECT_EQ(cache.figures().bytes, 0U);
}

TEST(BoundedCache, HoldsNothingWithoutEntries) {
  Cache cache(0, 100);
  put(cache, "a", 1);
  EXPECT_EQ(cache.find("a"), nullptr);
}

TEST(BoundedCache, ServesManyThreads) {
  Cache cache(20, 200);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, t] {
      for (int i = 0; i < 2000; ++i) {
        const std::string key = std::to_string((i * (t + 3)) % 50);
        if (const auto value = cache.find(key)) {
          EXPECT_EQ(*value, "value of " + key);
        } else {
          put(cache, key, 10);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const CacheFigures figures = cache.figures();
  EXPECT_EQ(figures.hits + figures.misses, 8000U);
  EXPECT_LE(figures.bytes, 200U);
  EXPECT_EQ(figures.bytes, 10 * figures.entries);
}

}  // namespace
}  // namespace limner::server
