// Stroke classes of hand drawings that are labelled with coarse parts alone,
// by rules over place and shape, and by a list of corrections.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "sketch/stroke.h"
#include "train/data/stroke_samples.h"

namespace limner::train {

// Labels whose classes depend on the place of each point in the drawing, which
// place_labels() finds: the outline of the face; a line over both eyes; one
// over both brows.
constexpr int kContourLabel = kFirstHandLabel + kHandParts;
constexpr int kBothEyesLabel = kContourLabel + 1;
constexpr int kBothBrowsLabel = kContourLabel + 2;
constexpr int kMaxHandLabel = kBothBrowsLabel;

// Gives the strokes of a drawing with labels kFirstHandLabel + part finer ones:
// eyes and brows 1, 2, 4, 5 by side and kind, glasses 3 where frames are drawn,
// a set of classes where the rules are not sure, nose 6, mouth 7, ears 11, 12
// by side, hair 15, the outline kContourLabel; a moustache and lines beside
// the outline keep their part.
void give_classes(Drawing& drawing);

// Replaces kContourLabel, kBothEyesLabel and kBothBrowsLabel by what they mean
// at each point. The outline is 18 at the chin, 17 by drawn hair and 10
// elsewhere; between them, and beside ears, it is a set of two.
void place_labels(std::vector<MixedStroke>& strokes);

// A class that a person gave a stroke.
struct HandLabel {
  int drawing = 0;  // from 0, as in the file of drawings
  int stroke = 0;   // from 0
  int label = 0;    // 1..22, kBothEyesLabel, kBothBrowsLabel, kContourLabel, or
                    // 0: any class of its part
};

// Reads lines "drawing,stroke,class" after a line with these words. class: a
// number 1..22, or "eyes", "brows", "contour", "any". Throws Error naming the
// line that does not fit.
std::vector<HandLabel> read_hand_labels(const std::filesystem::path& file);

// Puts them in place of what give_classes() found. `coarse`: the drawings
// with their parts. Throws Error for drawings and strokes that are not there.
void apply_hand_labels(const std::vector<HandLabel>& labels,
                       const std::vector<Drawing>& coarse,
                       std::vector<Drawing>& drawings);

}  // namespace limner::train
