// limner eval: what its files share. eval.cc is the command; eval_model.cc and
// eval_folders.cc measure; eval_summary.cc draws conclusions; eval_tables.cc
// and eval_report.cc show them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/options.h"
#include "image/image.h"
#include "metrics/appearance.h"
#include "metrics/confusion.h"
#include "metrics/edits.h"
#include "metrics/identity.h"
#include "metrics/inception_features.h"
#include "metrics/kernel_distance.h"
#include "metrics/lpips.h"
#include "metrics/reading.h"

namespace limner::app {

struct EvalSettings {
  Common common;
  std::filesystem::path data;
  std::string split = "val";
  bool matching = false, crossed = false;  // neither: both
  std::filesystem::path results, references, masks;
  std::optional<int64_t> limit, kid_photos;
  int64_t seed = 0;
  double detail = 0.5;
  int64_t looks = 8;
  int64_t sheet = 40;
  int64_t edits = 20;
  int64_t kid_subset = 100, kid_subsets = 100;
  std::filesystem::path parser, lpips, arcface, inception;
  std::filesystem::path out = "eval";
};

// The networks that look at pictures.
struct Judges {
  explicit Judges(const EvalSettings& settings);

  PhotoParser parser;
  std::optional<Lpips> lpips;                  // with --lpips-weights
  std::optional<FaceIdentity> identity;        // with --arcface-weights
  std::optional<InceptionFeatures> inception;  // with --inception-weights
};

// All that they see in one picture.
struct Seen : Reading {
  std::vector<float> inception;  // empty without that network
};
Seen look_at(Judges& judges, const Image& picture);

// What sets of pictures are compared by.
struct SetFeatures {
  FeatureTable parser, inception;

  void add(const Seen& picture);
};

// One result and how it compares.
struct Score {
  std::string name;  // of the drawing, or of the file
  int photo = -1;    // whose looks it should have; -1: random looks
  Appearance appearance;
  std::optional<double> mean_iou, pixel_accuracy;  // of this picture
  std::optional<double> lpips, identity;  // to the photo that it should equal
};

// Results of one kind: "matching", "crossed", "random" or "results".
struct ResultSet {
  std::string name;
  Confusion parsing;   // against masks
  Confusion to_photo;  // against the parts found in the photo of the mask
  SetFeatures features;
  std::vector<Score> scores;
};

// How much results of one drawing with random looks differ, over all pairs.
struct Diversity {
  int drawings = 0, looks = 0;
  double pixel_distance = 0;  // the mean Delta E of pixels
  double min_pixel_distance = 0;
  std::optional<double> appearance_distance, lpips;
};

// What one edit of drawings does to their faces, over all that it fits.
struct EditResult {
  explicit EditResult(std::string edit) : name(std::move(edit)) {}

  std::string name;
  int faces = 0;
  EditChange mean;  // each figure's mean over the faces
  // drawing | face | edited drawing | face of it, for the first faces.
  std::vector<Image> examples;
};

struct Evaluation {
  nlohmann::json about;  // what was measured, and how
  int side = 0;          // of the results
  bool has_masks = false;
  // Upper bounds: parts found in photos as they are, and reduced to `side`.
  Confusion full, at_side;
  std::vector<std::string> photo_names;
  std::vector<Appearance> photos;
  SetFeatures photo_features;      // of the photos, reduced
  SetFeatures reference_features;  // what distances of sets are taken to
  std::vector<ResultSet> sets;
  std::optional<Diversity> diversity;
  std::vector<EditResult> edits;
};

// Pictures of one result for people to look at; without pixels: there is none.
struct Shown {
  Image drawing, photo, result;  // RGB
  Image parts, mask;             // labels 0..18
};

struct Measured {
  Evaluation evaluation;
  // Makes or reads the result `index` of evaluation.sets[set] again.
  std::function<Shown(size_t set, size_t index)> show;
};

// Compares a result with what it should be: adds to `set`. `structure`: the
// mask on the parser's side and what was found in its photo; null: unknown.
struct Structure {
  const Image* mask = nullptr;
  const Image* photo_parts = nullptr;
};
Score& add_result(const std::string& name, const Seen& result, int photo,
                  const Structure& structure, ResultSet& set);

// Fills in what compares a result with the photo that it should equal, which is
// reduced to the result's side.
void compare_pictures(Judges& judges, const Image& result, const Image& photo,
                      Score& score);

// `count` of 0..size-1, drawn by seed and purpose, ascending.
std::vector<int> some_of(int size, int64_t count, int64_t seed,
                         const std::string& purpose);

Measured measure_model(const EvalSettings& settings, Judges& judges);
Measured measure_folders(const EvalSettings& settings, Judges& judges);

// Conclusions -----------------------------------------------------------------

// How far results are from the photos whose looks they have, and from all
// others.
struct Likeness {
  int results = 0;  // that share a region with their photo
  std::optional<double> own, others, own_delta_e, others_delta_e;
  // By region of appearance_regions().
  std::vector<std::optional<double>> own_regions, others_regions;
};
Likeness likeness_of(const ResultSet& set, const Evaluation& evaluation);

// The mean distance of two different photos.
std::optional<double> distance_of_photos(const Evaluation& evaluation);

// How far sets of pictures are from evaluation.reference_features: the photos
// and each kind of results that has two pictures, by name.
struct SetDistance {
  std::string name;
  KernelDistance parser_kid;
  std::optional<KernelDistance> kid;  // with Inception
  std::optional<double> fid;
};
std::vector<SetDistance> set_distances(const Evaluation& evaluation,
                                       const EvalSettings& settings);

// Everything as JSON; docs/evaluation.md describes it.
nlohmann::json to_json(const Evaluation& evaluation,
                       const EvalSettings& settings);

// Figures side by side, for people.
struct Table {
  std::string title, note;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  bool brief = true;  // also printed, not in the report alone
};
// From what to_json() gives.
std::vector<Table> tables_of(const nlohmann::json& results);
std::string text_of(const Table& table);

// Reports ---------------------------------------------------------------------

std::string report_html(const Measured& measured, const nlohmann::json& results,
                        const std::vector<Table>& tables);

// The examples of edits; two faces a row and one row an edit.
Image edits_sheet(const Evaluation& evaluation);

// `count` results, drawn by seed: drawing | photo | result.
Image sheet_of(const Measured& measured, int64_t count, int64_t seed);

}  // namespace limner::app
