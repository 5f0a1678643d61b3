// Drawings for the stroke labeler: strokes as a hand makes them, which begin,
// end and join anywhere, with a class at every point.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <vector>

#include "sketch/deform.h"
#include "sketch/stroke.h"
#include "util/random.h"

namespace limner::train {

// The labeler's classes: 0..21 are the stroke classes 1..22; then one that only
// hand drawings have, which limner counts as skin lines, and one for what is no
// part of a face.
constexpr int kFacialHair = 22;
constexpr int kNothing = 23;
constexpr int kLabelerClasses = 24;

// The parts that the hand drawings of ../shared/sketches are labelled with.
constexpr int kHandParts = 7;
// Labels from here on stand for a part: kFirstHandLabel + part.
constexpr int kFirstHandLabel = 100;
constexpr int kNothingLabel = 99;

// The labeler's classes that `label` may mean, as bits: one for a stroke class
// 1..22 (two for skin lines) and for kNothingLabel, several for a part of a
// hand drawing and for a set of classes. Throws Error for other labels.
uint32_t possible_classes(int label);

// A label that means any of these stroke classes, 1..22, and nothing else.
int set_of_classes(std::initializer_list<int> classes);

// What a label becomes in a mirrored picture.
int mirrored_label(int label);

// A stroke whose class may change on the way. labels: one a point.
struct MixedStroke {
  std::vector<Point> points;
  std::vector<int> labels;
};

// Lengths are in 1/512 of the side; probabilities 0..1.
struct StrokeVariation {
  DeformOptions deform;
  double mirror = 0.5;
  double turn = 5.0;      // degrees, at most, either way
  double stretch = 0.08;  // of width against height, at most, either way
  // Probability that a group of classes is not drawn at all: clothes, neck,
  // hair's inner lines, skin lines.
  double omit = 0.1;
  // Ends that meet within `reach` are joined to one stroke with a probability
  // that is drawn anew for every drawing, uniform in 0..join.
  double join = 1.0;
  double reach = 8.0;
  double split = 0.15;     // of a stroke: broken in two
  double overdraw = 0.05;  // of a stroke: a second, shifted line over it
  // Points left out of smooth stretches, as drawing programs do: a tolerance
  // uniform in 0..simplify.
  double simplify = 2.0;
};

// What training sees mostly, and what "strong deformation" means in tables.
// Plain: mirrored, in any detail and order, nothing else.
StrokeVariation plain_variation();
StrokeVariation usual_variation();
StrokeVariation strong_variation();

// One variation of `drawing`: deformed, cut, joined, reordered, each stroke in
// either direction. May have no strokes.
std::vector<MixedStroke> vary(const Drawing& drawing,
                              const StrokeVariation& variation, Random& random);

// The strokes as they are.
std::vector<MixedStroke> unvaried(const Drawing& drawing);

// The drawing without labels, as a network reads it.
Drawing plain_drawing(const std::vector<MixedStroke>& strokes);

// Labels of a drawing at lengths `along` its strokes `stroke` (as in
// PointSequence); -1 where stroke is -1. The nearest point decides.
std::vector<int> labels_at(const std::vector<MixedStroke>& strokes,
                           const std::vector<int>& stroke,
                           const std::vector<double>& along);

// Hand drawings, labels kFirstHandLabel + part, from ndjson as ../shared/
// sketches has it. Throws Error naming the line that does not fit.
std::vector<Drawing> read_hand_drawings(const std::filesystem::path& file);

}  // namespace limner::train
