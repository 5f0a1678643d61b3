// How well the strokes of drawings are told: by the labeler's network alone and
// by `limner label` as a whole, with the rules of pipeline/label_sense.h.
//
//   label_study LABELER FACES [--hand NDJSON] [--checked CSV] [--every N]
//
// FACES: a data set as limner-train reads it. Its validation faces are drawn
// from their masks and photos: as they are, varied as in training, strongly
// deformed (the same drawings as limner-train labels measures on). NDJSON: hand
// drawings with coarse parts, the last 100 of which are measured; CSV: classes
// of their eyes and brows that a person gave. --every N takes every N-th face.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "data/layouts.h"
#include "pipeline/labeling.h"
#include "sketch/classes.h"
#include "sketch/mask_sketch.h"
#include "sketch/point_sequence.h"
#include "train/data/hand_labels.h"
#include "train/data/stroke_samples.h"
#include "util/error.h"

namespace limner {
namespace {

namespace fs = std::filesystem;
using train::MixedStroke;

constexpr uint64_t kHeldOutSeed = 20;  // as limner-train labels has it
constexpr int kHeldOut = 100;          // hand drawings, the last ones
constexpr int kRightOfFour = 3;        // points of a stroke that is right

// Shares in percent, in the order in which they were first named.
class Table {
 public:
  void add(const std::string& name, bool right) {
    const auto [at, fresh] = rows_.try_emplace(name);
    if (fresh) order_.push_back(name);
    ++at->second.all;
    at->second.right += right ? 1 : 0;
  }
  // A stroke with its points: right where three quarters of them are.
  void add_stroke(const std::string& name, const std::vector<bool>& right) {
    for (const bool one : right) add(name + ", points", one);
    const auto good = std::count(right.begin(), right.end(), true);
    add(name + ", strokes",
        4 * good >= kRightOfFour * static_cast<std::ptrdiff_t>(right.size()));
  }

  void print(const Table& other) const {
    for (const std::string& name : order_) {
      const Row& row = rows_.at(name);
      fmt::print("{:<46} {:>6} {:>7.1f} {:>7.1f}\n", name, row.all, row.share(),
                 other.rows_.at(name).share());
    }
  }

 private:
  struct Row {
    int64_t all = 0, right = 0;
    double share() const {
      return 100.0 * static_cast<double>(right) / static_cast<double>(all);
    }
  };
  std::map<std::string, Row> rows_;
  std::vector<std::string> order_;
};

// The class found at each used slot of the drawing's points; 0 everywhere in a
// drawing that is taken for no face.
std::vector<int> found_classes(const Drawing& drawing,
                               const PointSequence& points,
                               const StrokeLabeler& labeler, bool sense) {
  LabelOptions options;
  options.sense = sense;
  options.max_nothing = 1;
  const Labelled labelled = labeler.label(drawing, options);
  std::vector<int> out(points.slots(), 0);
  if (labelled.nothing > LabelOptions().max_nothing) return out;
  // Pieces of a stroke follow each other.
  std::vector<std::vector<std::pair<double, int>>> ends(drawing.strokes.size());
  for (size_t i = 0; i < labelled.source.size(); ++i) {
    const Stroke& piece = labelled.drawing.strokes[i];
    auto& own = ends[labelled.source[i]];
    const double before = own.empty() ? 0 : own.back().first;
    own.emplace_back(before + lengths_along(piece.points).back(), piece.label);
  }
  for (int i = 0; i < points.slots(); ++i) {
    if (points.stroke[i] < 0) continue;
    const auto& own = ends[points.stroke[i]];
    const auto at = std::find_if(own.begin(), own.end(), [&](const auto& end) {
      return points.along[i] < end.first;
    });
    out[i] = at == own.end() ? own.back().second : at->second;
  }
  return out;
}

struct Sample {
  std::vector<MixedStroke> strokes;
  Drawing plain;
  PointSequence points;
};

Sample sample_of(std::vector<MixedStroke> strokes) {
  Sample sample;
  sample.strokes = std::move(strokes);
  sample.plain = train::plain_drawing(sample.strokes);
  sample.points = sample_points(sample.plain);
  return sample;
}

// Runs body(stroke, slots) for each stroke that has slots.
template <typename Body>
void each_stroke(const PointSequence& points, const Body& body) {
  for (int i = 0; i < points.slots();) {
    const int stroke = points.stroke[i];
    std::vector<int> slots;
    for (; i < points.slots() && points.stroke[i] == stroke; ++i) {
      slots.push_back(i);
    }
    if (stroke >= 0) body(stroke, slots);
  }
}

void score_face(const std::string& name, const Sample& sample,
                const std::vector<int>& found, Table& table) {
  const std::vector<int> truth = train::labels_at(
      sample.strokes, sample.points.stroke, sample.points.along);
  each_stroke(sample.points, [&](int, const std::vector<int>& slots) {
    std::vector<bool> right;
    for (const int i : slots) {
      right.push_back(found[i] == truth[i]);
      if (truth[i] == classes::kGlasses) {
        table.add(name + ", points of glasses", right.back());
      }
    }
    table.add_stroke(name, right);
  });
}

bool is_brow(int k) {
  return k == classes::kRightBrow || k == classes::kLeftBrow;
}
bool is_eye(int k) { return k == classes::kRightEye || k == classes::kLeftEye; }
bool is_right(int k) {
  return k == classes::kRightEye || k == classes::kRightBrow;
}

// truth: of a person, 0 where none is known.
void score_eye(int truth, int found, Table& table) {
  const bool told = is_eye(found) || is_brow(found);
  table.add("by hand, eyes and brows in 1, 2, 4, 5", told);
  if (truth == 0) return;
  table.add("by hand, an eye an eye, a brow a brow",
            is_eye(found) == is_eye(truth) &&
                is_brow(found) == is_brow(truth) &&
                (told || found == classes::kGlasses));
  if (truth == classes::kGlasses) return;
  table.add("by hand, on the right side",
            told && is_right(found) == is_right(truth));
}

void score_hand(const Sample& sample, int drawing,
                const std::vector<train::HandLabel>& checked,
                const std::vector<int>& found, Table& table) {
  each_stroke(sample.points, [&](int stroke, const std::vector<int>& slots) {
    const int part = sample.strokes[stroke].labels.front();
    const bool eyes = part == train::kFirstHandLabel;
    const auto known = std::find_if(
        checked.begin(), checked.end(), [&](const train::HandLabel& label) {
          return label.drawing == drawing && label.stroke == stroke &&
                 label.label <= classes::kLeftBrow;
        });
    std::vector<bool> right;
    for (const int i : slots) {
      // Skin lines are what a beard is, too.
      right.push_back(found[i] > 0 &&
                      !(eyes && found[i] == classes::kGlasses) &&
                      (train::possible_classes(part) &
                       train::possible_classes(found[i])) != 0);
      if (eyes) {
        score_eye(known == checked.end() ? 0 : known->label, found[i], table);
      }
    }
    table.add_stroke("by hand, 7 parts", right);
  });
}

struct Settings {
  fs::path labeler, faces, hand, checked;
  int64_t every = 1;
};

Settings read_settings(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  Settings settings;
  std::vector<std::string> places;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& one = arguments[i];
    if (one.rfind("--", 0) != 0) {
      places.push_back(one);
      continue;
    }
    if (i + 1 == arguments.size()) fail("{} needs a value", one);
    const std::string& value = arguments[++i];
    if (one == "--hand") {
      settings.hand = value;
    } else if (one == "--checked") {
      settings.checked = value;
    } else if (one == "--every") {
      settings.every = std::max(1, std::stoi(value));
    } else {
      fail("unknown option {}", one);
    }
  }
  if (places.size() != 2) {
    fail("expected LABELER FACES [--hand NDJSON] [--checked CSV] [--every N]");
  }
  settings.labeler = places[0];
  settings.faces = places[1];
  return settings;
}

class Study {
 public:
  explicit Study(Settings settings)
      : settings_(std::move(settings)),
        labeler_(read_labeler(settings_.labeler)) {}

  void run() {
    measure_faces();
    if (!settings_.hand.empty()) measure_hand();
    fmt::print("{:<46} {:>6} {:>7} {:>7}\n", "right, %", "of", "alone",
               "rules");
    alone_.print(with_rules_);
  }

 private:
  template <typename Score>
  void measure(const std::vector<Sample>& samples, const Score& score) {
    for (const bool sense : {false, true}) {
      std::vector<std::vector<int>> found(samples.size());
      for_each(static_cast<int64_t>(samples.size()), 0, [&](int64_t i) {
        found[i] =
            found_classes(samples[i].plain, samples[i].points, labeler_, sense);
      });
      for (size_t i = 0; i < samples.size(); ++i) {
        score(samples[i], i, found[i], sense ? with_rules_ : alone_);
      }
    }
  }

  void measure_faces() {
    const std::unique_ptr<Dataset> faces = open_dataset(settings_.faces, "val");
    const int64_t count = (faces->size() - 1) / settings_.every + 1;
    std::vector<Drawing> drawings(count);
    for_each(count, 0, [&](int64_t i) {
      const Face face = faces->load(i * settings_.every);
      drawings[i] = sketch_of(face.mask, &face.photo, SketchOptions());
    });
    const std::array<std::pair<const char*, train::StrokeVariation>, 3> kinds =
        {{{"as drawn", train::plain_variation()},
          {"varied", train::usual_variation()},
          {"strongly varied", train::strong_variation()}}};
    for (size_t kind = 0; kind < kinds.size(); ++kind) {
      std::vector<Sample> samples;
      for (int64_t i = 0; i < count; ++i) {
        // Faces keep their variations when some are left out.
        Random random(kHeldOutSeed, i * settings_.every);
        std::vector<MixedStroke> strokes =
            kind == 0 ? train::unvaried(drawings[i])
                      : train::vary(drawings[i], kinds[kind].second, random);
        if (!strokes.empty()) samples.push_back(sample_of(std::move(strokes)));
      }
      measure(samples, [&](const Sample& sample, size_t,
                           const std::vector<int>& found, Table& table) {
        score_face(kinds[kind].first, sample, found, table);
      });
    }
  }

  void measure_hand() {
    std::vector<Drawing> all = train::read_hand_drawings(settings_.hand);
    if (all.size() < kHeldOut) {
      fail("{}: {} drawings, expected {} at least", settings_.hand.string(),
           all.size(), kHeldOut);
    }
    const int first = static_cast<int>(all.size()) - kHeldOut;
    std::vector<train::HandLabel> checked;
    if (!settings_.checked.empty()) {
      checked = train::read_hand_labels(settings_.checked);
    }
    std::vector<Sample> samples;
    for (int i = first; i < static_cast<int>(all.size()); ++i) {
      samples.push_back(sample_of(train::unvaried(all[i])));
    }
    measure(samples, [&](const Sample& sample, size_t i,
                         const std::vector<int>& found, Table& table) {
      score_hand(sample, first + static_cast<int>(i), checked, found, table);
    });
  }

  Settings settings_;
  StrokeLabeler labeler_;
  Table alone_, with_rules_;
};

}  // namespace
}  // namespace limner

int main(int argc, char** argv) {
  try {
    limner::Study(limner::read_settings(argc, argv)).run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "label_study: {}\n", error.what());
    return 1;
  }
  return 0;
}
