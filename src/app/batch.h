// Many files through one command.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "pipeline/face_maker.h"
#include "util/error.h"
#include "util/naming.h"

namespace limner::app {

// How many items of a batch are worked on side by side, each on one thread:
// that takes less time than one after the other on all threads, unless there
// are fewer items than threads.
size_t workers_for(size_t count);

// What there is to say of an item.
struct Told {
  // On standard output, when this item and all before it have ended.
  std::string text;
  // When the batch has ended, see report(): on standard error, and on standard
  // output of photos and then of drawings, a line each.
  std::vector<std::string> warnings, photos, drawings;

  // What was done to a photo.
  void add(const std::filesystem::path& file, const AlignedPhoto& photo);
  // What was done to a drawing.
  void add(const std::filesystem::path& file, const Sketch& sketch);
};

struct Batch {
  size_t count = 0;
  std::string label;   // of the progress bar
  bool quiet = false;  // no bar
  int64_t steps = 1;   // of each item, which the bar shows
};

// An item that is worked on.
struct BatchItem {
  size_t worker = 0;  // from 0
  size_t index = 0;   // of the item, from 0
  Told told;
  std::function<void()> step;  // a step was made; the end makes the rest
};

struct BatchResult {
  size_t failures = 0;
  std::vector<Told> told;  // of every item
};

// Calls body(item) for every item, on workers 0 .. workers - 1, which take the
// next one in turn, each in a thread of its own; a single one works in the
// caller's. An item that throws Error is told on standard error, in the order
// of items, and does not stop the others. The Error of a single item, an
// ErrorOfAll and other exceptions go on, once the workers have ended what they
// were at: that of the first item that threw one.
BatchResult run_batch(const Batch& batch, size_t workers,
                      const std::function<void(BatchItem&)>& body);

// Says what was told: warnings and, unless `quiet`, notes.
void report(const std::vector<Told>& told, bool quiet);

// Runs body(), whose Errors stop the batch.
template <typename Body>
auto stopping_all(const Body& body) {
  try {
    return body();
  } catch (const Error& error) {
    throw ErrorOfAll(error.what());
  }
}

}  // namespace limner::app
