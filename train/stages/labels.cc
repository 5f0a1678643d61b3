#include "train/stages/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "data/layouts.h"
#include "pipeline/network_file.h"
#include "sketch/classes.h"
#include "sketch/label_path.h"
#include "sketch/mask_sketch.h"
#include "sketch/point_sequence.h"
#include "sketch/rasterize.h"
#include "train/data/scribbles.h"
#include "train/data/stroke_symbols.h"
#include "train/modules/weights_io.h"
#include "train/stages/pictures.h"
#include "util/error.h"
#include "util/files.h"
#include "weights/checkpoint.h"

namespace limner::train {
namespace {

constexpr uint64_t kSampleStream = 0x57B0;
constexpr uint64_t kHeldOutSeed = 20;  // of the variations that are scored
constexpr int kSheetSide = 256;
constexpr int kScoredAtOnce = 10;

// Every face of a split as drawn from its mask and photo, in full detail.
std::vector<Drawing> draw_faces(const Dataset& faces, float detail) {
  std::vector<Drawing> out(faces.size());
  SketchOptions options;
  options.detail = detail;
  for_each(faces.size(), 0, [&](int64_t i) {
    const Face face = faces.load(i);
    out[i] = sketch_of(face.mask, &face.photo, options);
  });
  return out;
}

// Label image of the points that were found, as small dots and lines.
Image paint(const std::vector<MixedStroke>& strokes,
            const PointSequence& sequence, const std::vector<int>& labels,
            double side) {
  Drawing drawing;
  drawing.side = static_cast<float>(side);
  const Drawing plain = plain_drawing(strokes);
  std::vector<double> along;
  int now = -1;
  for (int i = 0; i < sequence.slots(); ++i) {
    if (sequence.stroke[i] < 0) continue;
    if (sequence.stroke[i] != now) {
      now = sequence.stroke[i];
      along = lengths_along(plain.strokes[now].points);
    }
    const auto after =
        std::lower_bound(along.begin(), along.end(), sequence.along[i]);
    const size_t k = std::min<size_t>(after - along.begin(), along.size() - 1);
    Stroke piece;
    piece.label = labels[i];
    piece.points.push_back(plain.strokes[now].points[k]);
    if (i > 0 && sequence.stroke[i - 1] == now && k > 0) {
      piece.points.insert(piece.points.begin(),
                          plain.strokes[now].points[k - 1]);
    }
    drawing.strokes.push_back(std::move(piece));
  }
  return rasterize(drawing, kSheetSide);
}

torch::Tensor stack(const std::vector<Image>& labels) {
  std::vector<torch::Tensor> all;
  for (const Image& one : labels) {
    all.push_back(torch::from_blob(const_cast<uint8_t*>(one.pixels.data()),
                                   {one.height, one.width}, torch::kUInt8)
                      .clone());
  }
  return torch::stack(all);
}

}  // namespace

LabelsSettings::LabelsSettings() {
  training.optimizer.lr = 1e-3;
  training.optimizer.beta1 = 0.9;
  training.optimizer.beta2 = 0.99;
  training.optimizer.weight_decay = 0;
  training.oversample = 0.7;
  training.precision = "f32";
}

void LabelsSettings::declare(OptionTable& table) {
  training.declare(table);
  table.add("hand", &hand, "ndjson of hand drawings with part labels");
  table.add("hand_corrections", &hand_corrections,
            "classes that a person gave strokes of --hand (.csv)");
  table.add("hand_checked", &hand_checked,
            "classes of held-out strokes of eyes and brows, to measure (.csv)");
  table.add("symbol_share", &symbol_share, 0, 1,
            "share of the other samples whose parts are drawn as symbols");
  table.add("hand_share", &hand_share, 0, 1, "share of them in the samples");
  table.add("hand_held_out", &hand_held_out, 1, 1e6,
            "the last ones, which are only measured on");
  table.add("strong_share", &strong_share, 0, 1,
            "share of the samples that are strongly deformed");
  table.add("plain_share", &plain_share, 0, 1,
            "share of the samples that are as drawn from the mask");
  table.add("nothing_share", &nothing_share, 0, 0.9,
            "share of the samples that show no face");
  table.add("width", &width, 8, 1024, "channels of a point");
  table.add("token", &token, 8, 1024, "channels of a group of eight points");
  table.add("heads", &heads, 1, 64, "heads of the attention");
  table.add("blocks", &blocks, 1, 32, "blocks of windows and attention");
}

LabelsStage::LabelsStage(const LabelsSettings& settings, int64_t steps,
                         std::shared_ptr<Processes> processes)
    : TrainingStage(settings.training, steps, std::move(processes)),
      settings_(settings),
      net_(LabelerConfig{settings.width, settings.token, settings.heads,
                         settings.blocks, kLabelerClasses}),
      average_(net_->config()) {
  if (settings.token % settings.heads != 0) {
    fail("'token' is {}, expected a multiple of 'heads', {}", settings.token,
         settings.heads);
  }
  if (settings.strong_share + settings.plain_share > 1.0) {
    fail("'strong_share' and 'plain_share' are more than all samples");
  }
  const std::unique_ptr<Dataset> faces =
      open_dataset(settings.training.data, "train");
  const std::unique_ptr<Dataset> others =
      open_dataset(settings.training.data, "val");
  drawn_ = draw_faces(*faces,
                      static_cast<float>(usual_variation().deform.max_detail));
  held_out_ = draw_faces(*others, SketchOptions().detail);
  order_ = std::make_unique<Order>(
      rare_part_weights(faces->parts(), settings.training.oversample),
      static_cast<uint64_t>(settings.training.seed));
  if (!settings.hand.empty()) read_hands();
  if (!settings.training.init.empty()) {
    load_weights(
        *net_,
        without_container(read_checkpoint(settings.training.init).tensors,
                          network_prefix("labeler")),
        "");
  }
  context_.adopt(*net_);
  context_.adopt(*average_);
  optimizer_ = make_optimizer(settings.training.optimizer, net_->parameters());
  ema_.emplace(*net_, *average_);
  average_->eval();
}

void LabelsStage::read_hands() {
  hand_ = read_hand_drawings(settings_.hand);
  if (static_cast<int>(hand_.size()) <= settings_.hand_held_out) {
    fail("{}: {} drawings, expected more than the {} that are held out",
         settings_.hand.string(), hand_.size(), settings_.hand_held_out);
  }
  const auto first = hand_.end() - settings_.hand_held_out;
  hand_held_out_.assign(first, hand_.end());
  hand_.erase(first, hand_.end());
  const std::vector<Drawing> coarse = hand_;
  for (Drawing& drawing : hand_) give_classes(drawing);
  // Only drawings that are trained on can be corrected.
  if (!settings_.hand_corrections.empty()) {
    apply_hand_labels(read_hand_labels(settings_.hand_corrections), coarse,
                      hand_);
  }
  if (settings_.hand_checked.empty()) return;
  checked_ = read_hand_labels(settings_.hand_checked);
  std::vector<Drawing> held_out = hand_held_out_;
  for (HandLabel& label : checked_) {
    label.drawing -= static_cast<int>(hand_.size());
    if (label.drawing < 0) {
      fail("{}: drawing {} is trained on, expected {} and more",
           settings_.hand_checked.string(),
           label.drawing + static_cast<int>(hand_.size()), hand_.size());
    }
  }
  apply_hand_labels(checked_, hand_held_out_, held_out);  // throws
}

std::vector<MixedStroke> LabelsStage::sample(int64_t step, int64_t i) const {
  const int64_t p = step * context_.images() +
                    i * context_.processes().world() +
                    context_.processes().rank();
  Random random(static_cast<uint64_t>(settings_.training.seed) + kSampleStream,
                static_cast<uint64_t>(p));
  const bool by_hand =
      random.uniform() < settings_.hand_share && !hand_.empty();
  const bool nothing = random.uniform() < settings_.nothing_share;
  const double how = random.uniform();
  StrokeVariation variation =
      how < settings_.strong_share ? strong_variation()
      : how < settings_.strong_share + settings_.plain_share
          ? plain_variation()
          : usual_variation();
  const Drawing& face = drawn_[order_->face(p)];
  if (nothing) {
    return vary(scribble(face, kNothingLabel, random), variation, random);
  }
  if (!by_hand) {
    if (random.uniform() >= settings_.symbol_share) {
      return vary(face, variation, random);
    }
    variation.join = 0.1;
    return vary(draw_symbols(face, random), variation, random);
  }
  // Hands lift the pen between parts.
  variation.join = 0.1;
  const auto k =
      static_cast<size_t>(random.uniform() * static_cast<double>(hand_.size()));
  return vary(hand_[std::min(k, hand_.size() - 1)], variation, random);
}

std::map<std::string, double> LabelsStage::step(int64_t step) {
  std::vector<std::vector<MixedStroke>> drawings(settings_.training.batch);
  for_each(settings_.training.batch, 0,
           [&](int64_t i) { drawings[i] = sample(step, i); });
  StrokeBatch batch = stroke_batch(drawings);
  for (torch::Tensor* tensor :
       {&batch.features, &batch.used, &batch.possible, &batch.weight}) {
    *tensor = tensor->to(context_.device());
  }
  net_->train();
  optimizer_->zero_grad();
  torch::Tensor logits;
  {
    const Autocast autocast(context_.bf16(), context_.device());
    logits = net_(batch.features, batch.used);
  }
  logits = logits.to(torch::kFloat32);
  const torch::Tensor loss = possible_loss(logits, batch);
  loss.backward();
  const torch::Tensor hit =
      batch.possible.gather(2, logits.argmax(2, true)).squeeze(2);
  StepLosses losses;
  losses.add("entropy", loss);
  losses.add("points", (hit * batch.used).sum() / batch.used.sum());
  context_.take_step(*optimizer_, net_->parameters(), step, losses);
  ema_->update(context_.ema_decay(step));
  return losses.values();
}

void LabelsStage::save(State& state) const {
  state.put_module("net.", *net_);
  state.put_module("average.", *average_);
  optimizer_->save(state, "adam.");
}

void LabelsStage::load(const State& state) {
  state.get_module("net.", *net_);
  state.get_module("average.", *average_);
  optimizer_->load(state, "adam.");
}

std::vector<std::vector<int>> LabelsStage::find(
    const std::vector<std::vector<MixedStroke>>& drawings, bool parts,
    int* no_face) {
  const torch::NoGradGuard no_grad;
  const std::vector<PointSequence> sequences = sequences_of(drawings);
  const StrokeBatch batch = inputs_of(sequences);
  torch::Tensor shares =
      torch::softmax(average_(batch.features.to(context_.device()),
                              batch.used.to(context_.device())),
                     2)
          .cpu();
  if (no_face != nullptr) {
    const torch::Tensor none =
        (shares.argmax(2) == kNothing).to(torch::kFloat32) * batch.used;
    *no_face += (none.sum(1) > 0.5 * batch.used.sum(1)).sum().item<int>();
  }
  // Sums over the classes that a part, or stroke class 10, stands for.
  const int count = parts ? kHandParts : kStrokeClasses;
  const int first = parts ? kFirstHandLabel : 1;
  torch::Tensor sums = torch::zeros({kLabelerClasses, count});
  for (int k = 0; k < count; ++k) {
    const uint32_t bits = possible_classes(first + k);
    for (int c = 0; c < kLabelerClasses; ++c) {
      if ((bits >> c & 1U) != 0) sums[c][k] = 1.0F;
    }
  }
  shares = torch::log(torch::matmul(shares, sums) + 1e-9).contiguous();

  std::vector<std::vector<int>> out;
  for (size_t b = 0; b < sequences.size(); ++b) {
    const PointSequence& from = sequences[b];
    const float* rows = shares[static_cast<int64_t>(b)].data_ptr<float>();
    std::vector<int> labels(from.slots(), 0);
    for (int i = 0; i < from.slots();) {
      int last = i;
      while (last < from.slots() && from.stroke[last] == from.stroke[i] &&
             from.used[last] != 0) {
        ++last;
      }
      if (last == i) {
        ++i;
        continue;
      }
      const std::vector<float> own(rows + int64_t{i} * count,
                                   rows + int64_t{last} * count);
      const std::vector<int> path = best_labels(own, count, kClassChange);
      for (int k = i; k < last; ++k) labels[k] = first + path[k - i];
      i = last;
    }
    out.push_back(std::move(labels));
  }
  return out;
}

double LabelsStage::score(const std::string& name,
                          const std::vector<std::vector<MixedStroke>>& drawings,
                          bool parts, std::map<std::string, double>& result) {
  StrokeScore score;
  int no_face = 0;
  std::vector<std::vector<int64_t>> counts(
      kStrokeClasses + 1, std::vector<int64_t>(kStrokeClasses + 1, 0));
  for (size_t first = 0; first < drawings.size(); first += kScoredAtOnce) {
    std::vector<std::vector<MixedStroke>> some;
    for (size_t i = first; i < std::min(drawings.size(), first + kScoredAtOnce);
         ++i) {
      if (!drawings[i].empty()) some.push_back(drawings[i]);
    }
    if (some.empty()) continue;
    const std::vector<std::vector<int>> labels = find(some, parts, &no_face);
    const std::vector<PointSequence> sequences = sequences_of(some);
    for (size_t b = 0; b < some.size(); ++b) {
      const PointSequence& from = sequences[b];
      const std::vector<int> truth =
          labels_at(some[b], from.stroke, from.along);
      for (int i = 0; i < from.slots();) {
        const int stroke = from.stroke[i];
        std::vector<bool> right;
        for (; i < from.slots() && from.stroke[i] == stroke; ++i) {
          if (stroke < 0) continue;
          right.push_back(labels[b][i] == truth[i]);
          if (!parts) ++counts[truth[i]][labels[b][i]];
        }
        if (stroke >= 0) score.add(right);
      }
    }
  }
  result[name + "points"] = score.points();
  result[name + "strokes"] = score.strokes();
  const double lost =
      static_cast<double>(no_face) / static_cast<double>(drawings.size());
  if (!name.empty()) return lost;
  for (int k = 1; k <= kStrokeClasses; ++k) {
    const int64_t seen =
        std::accumulate(counts[k].begin(), counts[k].end(), int64_t{0});
    if (seen == 0) continue;
    result[fmt::format("recall_{}", k)] =
        static_cast<double>(counts[k][k]) / static_cast<double>(seen);
  }
  confusion_ = std::move(counts);
  return lost;
}

void LabelsStage::score_eyes(std::map<std::string, double>& result) {
  StrokeScore all;
  EyeScore eyes;
  for (size_t d = 0; d < hand_held_out_.size(); ++d) {
    const std::vector<MixedStroke> strokes = unvaried(hand_held_out_[d]);
    if (strokes.empty()) continue;
    const std::vector<int> found = find({strokes}, false)[0];
    const PointSequence from = sample_points(plain_drawing(strokes));
    for (size_t s = 0; s < strokes.size(); ++s) {
      std::vector<int> classes;
      for (int i = 0; i < from.slots(); ++i) {
        if (from.stroke[i] == static_cast<int>(s)) classes.push_back(found[i]);
      }
      const int part = strokes[s].labels.front();
      std::vector<bool> right;
      for (const int k : classes) {
        right.push_back((part != kFirstHandLabel || k != 3) &&
                        (possible_classes(part) >> (k - 1) & 1U) != 0);
      }
      all.add(right);
      if (part != kFirstHandLabel) continue;
      const auto truth = std::find_if(
          checked_.begin(), checked_.end(), [&](const HandLabel& label) {
            return label.drawing == static_cast<int>(d) &&
                   label.stroke == static_cast<int>(s) && label.label <= 5;
          });
      eyes.add(truth != checked_.end() ? truth->label : 0, classes);
    }
  }
  result["hand_strict_points"] = all.points();
  result["hand_strict_strokes"] = all.strokes();
  if (checked_.empty()) return;
  result["eyes_found"] = eyes.found();
  result["eyes_kind"] = eyes.kind();
  result["eyes_side"] = eyes.side();
}

std::map<std::string, double> LabelsStage::validate() {
  std::map<std::string, double> result;
  const auto each = [](const std::vector<Drawing>& drawings, auto&& make) {
    std::vector<std::vector<MixedStroke>> out;
    for (size_t i = 0; i < drawings.size(); ++i) {
      out.push_back(make(drawings[i], static_cast<uint64_t>(i)));
    }
    return out;
  };
  const auto as_is = [](const Drawing& drawing, uint64_t) {
    return unvaried(drawing);
  };
  const auto varied = [](const StrokeVariation& variation) {
    return [variation](const Drawing& drawing, uint64_t i) {
      Random random(kHeldOutSeed, i);
      return vary(drawing, variation, random);
    };
  };
  score("", each(held_out_, as_is), false, result);
  result["faces"] = score("usual_", each(held_out_, varied(usual_variation())),
                          false, result);
  score("strong_", each(held_out_, varied(strong_variation())), false, result);
  if (!hand_held_out_.empty()) {
    result["faces"] =
        std::max(result["faces"],
                 score("hand_", each(hand_held_out_, as_is), true, result));
    score_eyes(result);
  }
  int none = 0;
  find(each(held_out_,
            [](const Drawing& drawing, uint64_t i) {
              Random random(kHeldOutSeed, i);
              return unvaried(scribble(drawing, kNothingLabel, random));
            }),
       true, &none);
  result["scribbles"] =
      static_cast<double>(none) / static_cast<double>(held_out_.size());
  return result;
}

Image LabelsStage::sheet() {
  std::vector<Image> truth;
  std::vector<Image> found;
  for (size_t i = 0; i < std::min<size_t>(kSheetRows, held_out_.size()); ++i) {
    Random random(kHeldOutSeed, i);
    const std::vector<MixedStroke> strokes =
        vary(held_out_[i], usual_variation(), random);
    if (strokes.empty()) continue;
    const PointSequence sequence = sample_points(plain_drawing(strokes));
    truth.push_back(paint(strokes, sequence,
                          labels_at(strokes, sequence.stroke, sequence.along),
                          held_out_[i].side));
    found.push_back(
        paint(strokes, sequence, find({strokes}, false)[0], held_out_[i].side));
  }
  return sheet_of({colour_strokes(stack(truth)), colour_strokes(stack(found))});
}

void LabelsStage::export_models(const std::filesystem::path& folder) {
  const nlohmann::json config = {{"kind", "labeler"},
                                 {"classes", kLabelerClasses},
                                 {"heads", settings_.heads}};
  write_safetensors(folder / "labeler.safetensors",
                    named_tensors(*average_, ""),
                    {{"format", "pt"}, {"limner_labeler", config.dump()}});
  if (confusion_.empty()) return;
  std::string table = "class";
  for (int k = 1; k <= kStrokeClasses; ++k) table += fmt::format(",{}", k);
  for (int k = 1; k <= kStrokeClasses; ++k) {
    table += fmt::format("\n{}", k);
    for (int found = 1; found <= kStrokeClasses; ++found) {
      table += fmt::format(",{}", confusion_[k][found]);
    }
  }
  write_file(folder / "confusion.csv", table + "\n");
}

}  // namespace limner::train
