// `limner-train labels`: the stroke labeler, from drawings made of masks and
// from hand drawings of coarser labels.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "sketch/stroke.h"
#include "train/data/order.h"
#include "train/data/stroke_samples.h"
#include "train/modules/labeler.h"
#include "train/optim/ema.h"
#include "train/run/stage.h"
#include "train/stages/settings.h"

namespace limner::train {

struct LabelsSettings {
  TrainingSettings training;
  std::filesystem::path hand;   // ndjson of hand drawings; empty: none
  double hand_share = 0.3;      // of the samples
  int hand_held_out = 100;      // the last ones, never trained on
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

// Drawings as a batch of the labeler's inputs.
struct StrokeBatch {
  torch::Tensor features;  // [B, L, kPointFeatures], L that of the longest
  torch::Tensor used;      // [B, L], 1 or 0
  torch::Tensor possible;  // [B, L, classes], 1 for each class that is right
  torch::Tensor weight;    // [B, L], 0 in empty slots
};

// weight: of a point of a stroke of n points, 1 / sqrt(n), so that small
// strokes count. Drawings without strokes are left out.
StrokeBatch stroke_batch(const std::vector<std::vector<MixedStroke>>& drawings);

// -log of the probability of all possible classes together, averaged with the
// weights.
torch::Tensor possible_loss(const torch::Tensor& logits,
                            const StrokeBatch& batch);

// Shares of points, and of strokes with at least 75 % of their points, that got
// a right class.
class StrokeScore {
 public:
  // right: one a point of one stroke.
  void add(const std::vector<bool>& right);
  double points() const;
  double strokes() const;

 private:
  int64_t points_ = 0, right_points_ = 0, strokes_ = 0, right_strokes_ = 0;
};

class LabelsStage : public Stage {
 public:
  // Draws every face of the data once, with all threads. Throws Error.
  LabelsStage(const LabelsSettings& settings, int64_t steps,
              std::shared_ptr<Processes> processes);

  std::map<std::string, double> step(int64_t step) override;
  int64_t images_per_step() const override { return context_.images(); }
  StageMeans means() const override { return context_.means(); }
  void save(State& state) const override;
  void load(const State& state) override;
  // Drawings of the held-out faces: labels as they are | as found.
  Image sheet() override;
  // "points", "strokes": of held-out faces as drawn from their masks;
  // "usual_...", "strong_...": of variations of them; "hand_...": of the
  // held-out hand drawings, by their parts; "recall_K" of each class, of
  // points as drawn; "scribbles" and "faces": drawings of neither and of
  // faces (varied, and by hand) of which most points were taken for nothing.
  std::map<std::string, double> validate() override;
  // labeler.safetensors: the averaged weights; after a validation also
  // confusion.csv: of the points of held-out faces as drawn, how many of each
  // class (a line) were taken for each (a column).
  void export_models(const std::filesystem::path& folder) override;

 private:
  std::vector<MixedStroke> sample(int64_t step, int64_t i) const;
  // The class (1..22) of every slot of drawings, empty ones 0; with
  // `parts`, kFirstHandLabel + part instead. *no_face counts drawings of which
  // most points are nothing.
  std::vector<std::vector<int>> find(
      const std::vector<std::vector<MixedStroke>>& drawings, bool parts,
      int* no_face = nullptr);
  // Returns the share of drawings taken for no face.
  double score(const std::string& name,
               const std::vector<std::vector<MixedStroke>>& drawings,
               bool parts, std::map<std::string, double>& result);

  LabelsSettings settings_;
  Context context_;
  std::vector<Drawing> drawn_, held_out_, hand_, hand_held_out_;
  std::unique_ptr<Order> order_;
  // [class][found] of the last validation, both 0..22; empty before one.
  std::vector<std::vector<int64_t>> confusion_;
  Labeler net_, average_;
  std::unique_ptr<Optimizer> optimizer_;
  std::optional<Ema> ema_;
};

}  // namespace limner::train
