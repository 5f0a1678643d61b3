// What fuzz targets expect of a reader of drawings and its writer.
#pragma once

#include <optional>
#include <utility>

#include "outcome.h"
#include "sketch/stroke.h"

namespace limner {

// Reads `size` bytes as a drawing by read(text, name). What was read can be
// written, and is read back: no Error any more, and as many strokes. Returns
// both drawings, which are empty where there is none.
template <typename Read, typename Write>
std::pair<Drawing, Drawing> there_and_back(const uint8_t* data, size_t size,
                                           const Read& read,
                                           const Write& write) {
  std::optional<Drawing> drawing;
  allow_errors([&] { drawing = read(text_of(data, size), "fuzz"); });
  if (!drawing) return {};
  Drawing again = read(write(*drawing), "again");
  expect(again.strokes.size() == drawing->strokes.size());
  return {std::move(*drawing), std::move(again)};
}

}  // namespace limner
