// Which part of a face each stroke of a drawing draws: the paper's sketch
// semantic interpretation.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "sketch/label_path.h"
#include "sketch/stroke.h"
#include "weights/checkpoint.h"
#include "weights/tensor.h"

namespace limner {

// What was found in a drawing.
struct Labelled {
  // Every stroke with its class and confidence. A stroke along which the class
  // changes has become several, cut where it does, in its order.
  Drawing drawing;
  // The stroke of the given drawing that each came from, from 0.
  std::vector<int> source;
  // Share of the points that look like no part of a face, 0..1; 0 when every
  // class was given.
  double nothing = 0;
  // Strokes of the result whose class is doubtful, the least sure first.
  std::vector<int> doubtful;
};

struct LabelOptions {
  // Classes that strokes have already (label above 0) stay, uncut.
  bool keep_given = true;
  // Classes that contradict each other are corrected: see label_sense.h.
  bool sense = true;
  // What a change of class within a stroke costs, in log probability.
  double change = kClassChange;
  // Strokes less sure than this are listed as doubtful.
  float doubt = 0.6F;
  // A drawing with a larger share of points that look like nothing shows no
  // face.
  double max_nothing = 0.5;
};

// Strokes of a drawing that can be labelled: memory and time grow with the
// square of their number.
constexpr int kMaxLabelledStrokes = 5000;

class StrokeLabeler {
 public:
  // tensors: as `limner-train labels` writes them (labeler.safetensors), with
  // its metadata: read_labeler() opens the file.
  StrokeLabeler(const TensorMap& tensors, int heads);
  ~StrokeLabeler();
  StrokeLabeler(StrokeLabeler&&) noexcept;
  StrokeLabeler& operator=(StrokeLabeler&&) noexcept;

  // drawing: of any size and place. Throws Error for a drawing without points,
  // with points that are not finite or beyond kMaxCoordinate, with more than
  // kMaxLabelledStrokes strokes, and for one that shows no face. Where
  // every stroke keeps its class, the drawing comes back as it is. Thread-safe.
  Labelled label(const Drawing& drawing,
                 const LabelOptions& options = {}) const;

 private:
  struct Network;
  std::unique_ptr<Network> network_;
};

// A drawing as it is, for when every stroke has its class.
Labelled as_given(const Drawing& drawing);

// Opens labeler.safetensors. Its metadata entry "limner_labeler" is a JSON
// text, {"kind": "labeler", "classes": 24, "heads": 4}. Throws Error for other
// files, missing or misshapen weights and weights that are not finite.
StrokeLabeler read_labeler(const std::filesystem::path& path);
StrokeLabeler read_labeler(const Checkpoint& file);

}  // namespace limner
