// `limner-train labels`: the stroke labeler, from drawings made of masks and
// from hand drawings of coarser labels.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "sketch/stroke.h"
#include "train/data/hand_labels.h"
#include "train/data/order.h"
#include "train/modules/labeler.h"
#include "train/optim/ema.h"
#include "train/stages/settings.h"
#include "train/stages/stroke_batch.h"

namespace limner::train {

struct LabelsSettings {
  TrainingSettings training;
  std::filesystem::path hand;  // ndjson of hand drawings; empty: none
  std::filesystem::path hand_corrections;  // classes by a person; empty: none
  std::filesystem::path hand_checked;      // of the held-out ones; empty: none
  double hand_share = 0.3;                 // of the samples
  int hand_held_out = 100;                 // the last ones, never trained on
  double symbol_share = 0.25;   // of the samples, faces drawn as symbols
  double strong_share = 0.3;    // of the samples, strongly deformed
  double plain_share = 0.2;     // of the samples, not deformed at all
  double nothing_share = 0.08;  // of the samples, drawings without a face
  int width = 96;
  int token = 128;
  int heads = 4;
  int blocks = 4;

  LabelsSettings();
  void declare(OptionTable& table);
};

class LabelsStage : public TrainingStage {
 public:
  // Draws every face of the data once, with all threads. Throws Error.
  LabelsStage(const LabelsSettings& settings, int64_t steps,
              std::shared_ptr<Processes> processes);

  std::map<std::string, double> step(int64_t step) override;
  void save(State& state) const override;
  void load(const State& state) override;
  // Drawings of the held-out faces: labels as they are | as found.
  Image sheet() override;
  // "points", "strokes": of held-out faces as drawn from their masks;
  // "usual_...", "strong_...": of variations of them; "hand_...": of the
  // held-out hand drawings, by their parts, a part of eyes and brows that was
  // taken for glasses counting as right in "hand_..." and as wrong in
  // "hand_strict_..."; "eyes_...": of the strokes that were checked by a
  // person, the shares of points that got an eye's or a brow's class, the
  // right one of these kinds, and the right side; "recall_K" of each class, of
  // points as drawn; "scribbles" and "faces": drawings of neither and of
  // faces (varied, and by hand) of which most points were taken for nothing.
  std::map<std::string, double> validate() override;
  // labeler.safetensors: the averaged weights; after a validation also
  // confusion.csv: of the points of held-out faces as drawn, how many of each
  // class (a line) were taken for each (a column).
  void export_models(const std::filesystem::path& folder) override;

 private:
  void read_hands();
  std::vector<MixedStroke> sample(int64_t step, int64_t i) const;
  // The class (1..22) of every slot of drawings, empty ones 0; with
  // `parts`, kFirstHandLabel + part instead. *no_face counts drawings of which
  // most points are nothing.
  std::vector<std::vector<int>> find(
      const std::vector<std::vector<MixedStroke>>& drawings, bool parts,
      int* no_face = nullptr);
  // Adds "hand_strict_..." and "eyes_..." to *result.
  void score_eyes(std::map<std::string, double>& result);
  // Returns the share of drawings taken for no face.
  double score(const std::string& name,
               const std::vector<std::vector<MixedStroke>>& drawings,
               bool parts, std::map<std::string, double>& result);

  LabelsSettings settings_;
  std::vector<Drawing> drawn_, held_out_, hand_, hand_held_out_;
  std::vector<HandLabel> checked_;  // drawings count from the held-out ones
  std::unique_ptr<Order> order_;
  // [class][found] of the last validation, both 0..22; empty before one.
  std::vector<std::vector<int64_t>> confusion_;
  Labeler net_, average_;
  std::unique_ptr<Optimizer> optimizer_;
  std::optional<Ema> ema_;
};

}  // namespace limner::train
