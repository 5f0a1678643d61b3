// What a server takes from strangers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace limner::server {

struct Limits {
  size_t body_bytes = size_t{16} << 20;
  int64_t strokes = 2000;  // of a drawing, at most kMaxLabelledStrokes
  int64_t points = 100'000;
  int64_t pixels = int64_t{1} << 25;       // of a picture
  size_t queue = 32;                       // requests that wait, for each lane
  double wait_seconds = 60;                // for a turn
  size_t cache_bytes = size_t{256} << 20;  // of faces; of photos a quarter
  size_t cache_entries = 512;
  size_t sketch_bytes = size_t{64} << 20;  // of drawings' codes and their maps
};

}  // namespace limner::server
