// limner eval: from what was measured to figures.
#include <algorithm>
#include <numeric>
#include <utility>

#include "app/eval.h"
#include "app/inputs.h"
#include "app/version.h"
#include "data/parts.h"
#include "image/resize.h"
#include "metrics/frechet_distance.h"
#include "util/error.h"
#include "util/random.h"
#include "weights/checkpoint.h"

namespace limner::app {
namespace {

using nlohmann::json;

// Adds up what is there.
class Mean {
 public:
  void add(const std::optional<double>& value) {
    if (!value) return;
    sum_ += *value;
    ++count_;
  }
  int count() const { return count_; }
  std::optional<double> value() const {
    if (count_ == 0) return std::nullopt;
    return sum_ / count_;
  }

 private:
  double sum_ = 0;
  int count_ = 0;
};

json number(const std::optional<double>& value) {
  return value ? json(*value) : json();
}

// null where either is missing or the whole is 0.
json share(const std::optional<double>& part,
           const std::optional<double>& whole) {
  return part && whole && *whole != 0 ? json(*part / *whole) : json();
}

json parsing_json(const Confusion& confusion) {
  json classes = json::object(), parts = json::object();
  for (int part = 0; part < kMaskLabels; ++part) {
    if (const auto iou = confusion.iou(part)) classes[part_name(part)] = *iou;
  }
  for (const PartGroup& group : main_parts()) {
    if (const auto iou = confusion.iou(group.parts)) parts[group.name] = *iou;
  }
  return {{"mean_iou", confusion.mean_iou()},
          {"pixel_accuracy", confusion.pixel_accuracy()},
          {"parts", parts},
          {"classes", classes}};
}

// The results' figures over those of the photos, which bound them.
json share_json(const Confusion& results, const Confusion& bound) {
  json parts = json::object();
  for (const PartGroup& group : main_parts()) {
    const auto iou = results.iou(group.parts);
    if (iou) parts[group.name] = share(iou, bound.iou(group.parts));
  }
  return {{"mean_iou", share(results.mean_iou(), bound.mean_iou())},
          {"pixel_accuracy",
           share(results.pixel_accuracy(), bound.pixel_accuracy())},
          {"parts", parts}};
}

json likeness_json(const Likeness& likeness) {
  json regions = json::object();
  const std::vector<Region>& names = appearance_regions();
  for (size_t i = 0; i < names.size(); ++i) {
    if (!likeness.own_regions[i]) continue;
    regions[names[i].name] = {{"own", number(likeness.own_regions[i])},
                              {"others", number(likeness.others_regions[i])}};
  }
  return {{"results", likeness.results},
          {"own", number(likeness.own)},
          {"others", number(likeness.others)},
          {"ratio", share(likeness.own, likeness.others)},
          {"own_delta_e", number(likeness.own_delta_e)},
          {"others_delta_e", number(likeness.others_delta_e)},
          {"regions", regions}};
}

json kernel_json(const KernelDistance& distance) {
  return {{"mean", distance.mean},
          {"deviation", distance.deviation},
          {"subset", distance.subset},
          {"subsets", distance.subsets}};
}

json set_json(const ResultSet& set, const Evaluation& evaluation) {
  json out = {{"results", set.scores.size()}};
  if (evaluation.has_masks) {
    out["parsing"] = parsing_json(set.parsing);
    out["share_of_bound"] = {
        {"photos", share_json(set.parsing, evaluation.full)},
        {"photos_at_side", share_json(set.parsing, evaluation.at_side)}};
  }
  out["parsing_to_photo"] = parsing_json(set.to_photo);
  const bool with_photos =
      std::any_of(set.scores.begin(), set.scores.end(),
                  [](const Score& s) { return s.photo >= 0; });
  if (with_photos) {
    out["appearance"] = likeness_json(likeness_of(set, evaluation));
  }
  Mean lpips, identity;
  json each = json::array();
  for (const Score& score : set.scores) {
    json entry = {{"name", score.name}};
    if (score.mean_iou) {
      entry["mean_iou"] = *score.mean_iou;
      entry["pixel_accuracy"] = *score.pixel_accuracy;
    }
    if (score.photo >= 0) {
      entry["photo"] = evaluation.photo_names[score.photo];
      entry["appearance"] = number(
          appearance_distance(score.appearance, evaluation.photos[score.photo])
              .mean);
    }
    if (score.lpips) entry["lpips"] = *score.lpips;
    if (score.identity) entry["identity"] = *score.identity;
    lpips.add(score.lpips);
    identity.add(score.identity);
    each.push_back(std::move(entry));
  }
  if (lpips.count() > 0) out["lpips"] = number(lpips.value());
  if (identity.count() > 0) out["identity"] = number(identity.value());
  out["each"] = std::move(each);
  return out;
}

}  // namespace

Score& add_result(const std::string& name, const Seen& result, int photo,
                  const Structure& structure, ResultSet& set) {
  Score score;
  score.name = name;
  score.photo = photo;
  score.appearance = result.appearance;
  if (structure.mask != nullptr) {
    Confusion one;
    one.add(*structure.mask, result.parts);
    score.mean_iou = one.mean_iou();
    score.pixel_accuracy = one.pixel_accuracy();
    set.parsing.add(one);
  }
  if (structure.photo_parts != nullptr) {
    set.to_photo.add(*structure.photo_parts, result.parts);
  }
  set.features.add(result);
  set.scores.push_back(std::move(score));
  return set.scores.back();
}

Judges::Judges(const EvalSettings& settings) : parser(settings.parser) {
  const auto open = [](const std::filesystem::path& file) {
    return read_checkpoint(file).tensors;
  };
  if (!settings.lpips.empty()) lpips.emplace(open(settings.lpips));
  if (!settings.arcface.empty()) {
    identity.emplace(ArcFace(open(settings.arcface)));
  }
  if (!settings.inception.empty()) inception.emplace(open(settings.inception));
}

Seen look_at(Judges& judges, const Image& picture) {
  Seen seen;
  static_cast<Reading&>(seen) = read_face(judges.parser, picture);
  if (judges.inception) seen.inception = judges.inception->describe(picture);
  return seen;
}

void SetFeatures::add(const Seen& picture) {
  parser.add(picture.features);
  if (!picture.inception.empty()) inception.add(picture.inception);
}

void compare_pictures(Judges& judges, const Image& result, const Image& photo,
                      Score& score) {
  const Image small = reduced(photo, result.width);
  if (judges.lpips) {
    // A photo that is smaller than the result is enlarged.
    score.lpips = judges.lpips->distance(
        result,
        small.width == result.width
            ? small
            : resize(small, result.width, result.width, Filter::kBilinear));
  }
  if (judges.identity) {
    score.identity = judges.identity->similarity(result, small);
  }
}

std::vector<int> some_of(int size, int64_t count, int64_t seed,
                         const std::string& purpose) {
  std::vector<int> chosen(size);
  std::iota(chosen.begin(), chosen.end(), 0);
  if (count >= size) return chosen;
  Random random(seed_for(seed, "", purpose));
  for (int i = 0; i < static_cast<int>(count); ++i) {
    std::swap(chosen[i],
              chosen[i + static_cast<int>(random.uniform() * (size - i))]);
  }
  chosen.resize(count);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

Likeness likeness_of(const ResultSet& set, const Evaluation& evaluation) {
  const size_t regions = appearance_regions().size();
  Mean own, others, own_delta_e, others_delta_e;
  std::vector<Mean> own_regions(regions), others_regions(regions);
  for (const Score& score : set.scores) {
    if (score.photo < 0) continue;
    Mean other, other_delta_e;
    std::vector<Mean> other_regions(regions);
    for (size_t k = 0; k < evaluation.photos.size(); ++k) {
      const AppearanceDistance distance =
          appearance_distance(score.appearance, evaluation.photos[k]);
      const bool mine = static_cast<int>(k) == score.photo;
      (mine ? own : other).add(distance.mean);
      (mine ? own_delta_e : other_delta_e).add(distance.mean_delta_e);
      for (size_t r = 0; r < regions; ++r) {
        (mine ? own_regions : other_regions)[r].add(distance.regions[r]);
      }
    }
    others.add(other.value());
    others_delta_e.add(other_delta_e.value());
    for (size_t r = 0; r < regions; ++r) {
      others_regions[r].add(other_regions[r].value());
    }
  }
  Likeness out;
  out.results = own.count();
  out.own = own.value();
  out.others = others.value();
  out.own_delta_e = own_delta_e.value();
  out.others_delta_e = others_delta_e.value();
  for (size_t r = 0; r < regions; ++r) {
    out.own_regions.push_back(own_regions[r].value());
    out.others_regions.push_back(others_regions[r].value());
  }
  return out;
}

std::optional<double> distance_of_photos(const Evaluation& evaluation) {
  Mean mean;
  for (size_t i = 0; i < evaluation.photos.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      mean.add(
          appearance_distance(evaluation.photos[i], evaluation.photos[k]).mean);
    }
  }
  return mean.value();
}

std::vector<SetDistance> set_distances(const Evaluation& evaluation,
                                       const EvalSettings& settings) {
  KernelDistanceOptions options;
  options.subset = static_cast<int>(settings.kid_subset);
  options.subsets = static_cast<int>(settings.kid_subsets);
  options.seed = seed_for(settings.seed, "", "parser_kid");
  const SetFeatures& reference = evaluation.reference_features;
  std::vector<SetDistance> out;
  const auto add = [&](const std::string& name, const SetFeatures& features) {
    if (features.parser.rows() < 2 || reference.parser.rows() < 2) return;
    SetDistance one;
    one.name = name;
    one.parser_kid =
        kernel_distance(features.parser, reference.parser, options);
    if (features.inception.rows() > 0) {
      one.kid =
          kernel_distance(features.inception, reference.inception, options);
      one.fid = frechet_distance(features.inception, reference.inception);
    }
    out.push_back(std::move(one));
  };
  add("photos", evaluation.photo_features);
  for (const ResultSet& set : evaluation.sets) {
    // Many looks of a few drawings are no sample of faces.
    if (set.name != "random") add(set.name, set.features);
  }
  return out;
}

json to_json(const Evaluation& evaluation, const EvalSettings& settings) {
  json out = {{"limner", version_text()}, {"about", evaluation.about}};
  out["about"]["result_side"] = evaluation.side;
  if (evaluation.has_masks) {
    out["upper_bound"] = {{"photos", parsing_json(evaluation.full)},
                          {"photos_at_side", parsing_json(evaluation.at_side)}};
  }
  for (const ResultSet& set : evaluation.sets) {
    out["sets"][set.name] = set_json(set, evaluation);
  }
  out["distance_of_photos"] = number(distance_of_photos(evaluation));
  for (const SetDistance& one : set_distances(evaluation, settings)) {
    out["parser_kid"][one.name] = kernel_json(one.parser_kid);
    if (one.kid) out["kid"][one.name] = kernel_json(*one.kid);
    if (one.fid) out["fid"][one.name] = *one.fid;
  }
  if (evaluation.diversity) {
    const Diversity& diversity = *evaluation.diversity;
    out["diversity"] = {
        {"drawings", diversity.drawings},
        {"looks", diversity.looks},
        {"pixel_distance", diversity.pixel_distance},
        {"least_pixel_distance", diversity.min_pixel_distance},
        {"appearance_distance", number(diversity.appearance_distance)}};
    if (diversity.lpips) out["diversity"]["lpips"] = *diversity.lpips;
  }
  for (const EditResult& edit : evaluation.edits) {
    out["edits"].push_back({{"name", edit.name},
                            {"faces", edit.faces},
                            {"inside", edit.mean.inside},
                            {"outside", edit.mean.outside},
                            {"was", edit.mean.was},
                            {"is", edit.mean.is}});
  }
  return out;
}

}  // namespace limner::app
