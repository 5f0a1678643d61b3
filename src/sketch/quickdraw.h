// Drawings in the line format of Quick, Draw! (newline-delimited JSON), one a
// line: https://github.com/googlecreativelab/quickdraw-dataset
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sketch/stroke.h"

namespace limner {

// Coarse parts of a face that some files give each point, 0..6: eye or brow,
// nose, mouth, ear, hair, moustache, outline.
constexpr int kQuickDrawParts = 7;

struct QuickDrawing {
  Drawing drawing;
  std::string key_id;      // "" when the line has none
  std::vector<int> parts;  // one a stroke, 0..6; -1: none
};

struct QuickDrawOptions {
  // What a stroke's third list holds: times, which are checked to be numbers
  // and not kept, or the part of each point, which goes to `parts`.
  enum class Third { kTime, kParts };
  Third third = Third::kTime;
  // Passes over broken lines instead of throwing.
  bool skip_broken = false;
};

// Reads one line: an object whose "drawing" is a list of strokes [[x...],
// [y...]] (simplified) or [[x...], [y...], [t...]] (raw); lists after the
// third, which some labelled files have, are passed over. The side is the
// longer side of the bounding box (1 when that is a point), whose upper left
// corner becomes (0, 0); units stay. Our own "side" (then coordinates stay as
// they are) and "classes" (one number 0..22 a stroke) are read where they are
// there. Throws Error for anything else, and beyond the limits of
// drawing_limits.h and json_text.h; messages count strokes from 0.
QuickDrawing read_quickdraw(std::string_view line,
                            const QuickDrawOptions& options = {});

QuickDrawing read_quickdraw_value(const nlohmann::json& value,
                                  const QuickDrawOptions& options = {});

// Reads each line that is not blank, in order. Throws Error with the number of
// the first broken line, counted from 1, and why; with skip_broken such
// messages are added to *broken (when given) and reading goes on. No drawing
// at all is an Error, too.
std::vector<QuickDrawing> read_ndjson(
    std::string_view text, const QuickDrawOptions& options = {},
    std::vector<std::string>* broken = nullptr);

// Line `index` of those that are not blank, counted from 0; only that one is
// parsed. Throws Error as read_quickdraw() does and when there are not as
// many.
QuickDrawing read_ndjson_line(std::string_view text, int64_t index,
                              const QuickDrawOptions& options = {});

// One line of raw form, with our "side", and with "classes" where a class is
// known. A drawing keeps no times: the third list counts the points. Detail,
// confidence, pressure and parts are not written. Coordinates stay within
// side / 512,000. Throws Error as check_drawing() does.
std::string write_quickdraw(const QuickDrawing& drawing);

}  // namespace limner
