// limner eval: a model on a data set.
#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "app/console.h"
#include "app/eval.h"
#include "app/face_options.h"
#include "app/inputs.h"
#include "app/montage.h"
#include "data/dataset.h"
#include "image/resize.h"
#include "pipeline/face_maker.h"
#include "sketch/classes.h"
#include "sketch/mask_sketch.h"
#include "util/error.h"
#include "util/progress.h"
#include "util/random.h"
#include "util/sha256.h"

namespace limner::app {
namespace {

namespace fs = std::filesystem;

// Drawings that get random looks.
constexpr int kRandomDrawings = 5;
constexpr size_t kEditExamples = 2;  // shown of each edit
constexpr int kMinExample = 128;     // side of their pictures

// Whose looks a result gets: the photo of a face, or a seed.
struct Looks {
  int photo = -1;
  uint64_t seed = 0;
};

// One result to make.
struct Order {
  int drawing;
  Looks looks;
};

// A face of the split, embedded.
struct Subject {
  int64_t index;  // in the data set
  std::string id;
  SketchCodes sketch;
  AppearanceCodes looks;
  Image mask;   // on the parser's side
  Image parts;  // found in its photo, reduced
};

class ModelRun {
 public:
  ModelRun(const EvalSettings& settings, Judges& judges)
      : settings_(settings),
        judges_(judges),
        data_(open_dataset(settings.data, settings.split)),
        maker_(open_maker(settings.common)) {
    const int size = static_cast<int>(data_->size());
    for (const int i :
         some_of(size, settings.limit.value_or(size), settings.seed, "faces")) {
      Subject subject;
      subject.index = i;
      subject.id = data_->entry(i).id;
      subjects_.push_back(std::move(subject));
    }
    plan();
  }

  Evaluation measure() {
    Evaluation out;
    out.side = maker_.config().size;
    out.has_masks = true;
    if (judges_.lpips && out.side < Lpips::kMinSide) {
      fail("LPIPS needs pictures of {} px, but the model's have {}",
           Lpips::kMinSide, out.side);
    }
    read_photos(out);
    for (const auto& [name, orders] : orders_) make_results(name, orders, out);
    measure_edits(out);
    read_reference(out);
    out.about = {
        {"model", settings_.common.model.string()},
        {"model_sha256", sha256_file(settings_.common.model)},
        {"data", settings_.data.string()},
        {"split", settings_.split},
        {"faces", subjects_.size()},
        {"seed", settings_.seed},
        {"detail", settings_.detail},
        {"set_reference", reference_},
        {"precision", settings_.common.precision},
    };
    return out;
  }

  Shown show(size_t set, size_t index) {
    const Order& order = orders_.at(set).second.at(index);
    const Subject& subject = subjects_[order.drawing];
    const Face face = data_->load(subject.index);
    Shown shown;
    shown.drawing = colour_map(draw(face, subject.id));
    if (order.looks.photo == order.drawing) {
      shown.photo = face.photo;
    } else if (order.looks.photo >= 0) {
      shown.photo = data_->load(subjects_[order.looks.photo].index).photo;
    }
    shown.result = render(order);
    shown.parts = judges_.parser.label(shown.result);
    shown.mask = subject.mask;
    return shown;
  }

 private:
  void plan() {
    const int count = static_cast<int>(subjects_.size());
    const bool both = !settings_.matching && !settings_.crossed;
    if (settings_.crossed && count < 2) {
      fail("crossed pairs need two faces, got one");
    }
    if (both || settings_.matching) {
      std::vector<Order> orders;
      for (int i = 0; i < count; ++i) orders.push_back({i, {i, 0}});
      orders_.emplace_back("matching", std::move(orders));
    }
    if ((both || settings_.crossed) && count > 1) {
      // Each has the looks of the next in a round of all.
      std::vector<int> round(count);
      std::iota(round.begin(), round.end(), 0);
      Random random(seed_for(settings_.seed, "", "crossed"));
      for (int i = count - 1; i > 0; --i) {
        std::swap(round[i],
                  round[static_cast<int>(random.uniform() * (i + 1))]);
      }
      std::vector<Order> orders(count);
      for (int i = 0; i < count; ++i) {
        orders[round[i]] = {round[i], {round[(i + 1) % count], 0}};
      }
      orders_.emplace_back("crossed", std::move(orders));
    }
    if (settings_.looks > 0) {
      std::vector<Order> orders;
      for (const int i :
           some_of(count, kRandomDrawings, settings_.seed, "random looks")) {
        for (int64_t k = 0; k < settings_.looks; ++k) {
          orders.push_back({i,
                            {-1, seed_for(settings_.seed, subjects_[i].id,
                                          fmt::format("look {}", k))}});
        }
      }
      orders_.emplace_back("random", std::move(orders));
    }
  }

  // What the change of one part of a drawing changes in the face.
  void measure_edits(Evaluation& out) {
    if (settings_.edits == 0) return;
    const std::unique_ptr<Progress> progress =
        bar("edits", static_cast<int64_t>(subjects_.size()));
    std::vector<EditResult> results;
    for (const MaskEdit& edit : mask_edits()) results.emplace_back(edit.name);
    for (const Subject& subject : subjects_) {
      measure_edits_of(subject, out.side, results);
      if (progress) progress->advance();
    }
    for (EditResult& result : results) {
      if (result.faces == 0) continue;
      for (double* figure : {&result.mean.inside, &result.mean.outside,
                             &result.mean.was, &result.mean.is}) {
        *figure /= result.faces;
      }
      out.edits.push_back(std::move(result));
    }
  }

  // Adds one face to the results of the edits that fit it and want more faces;
  // results[i] is of mask_edits()[i]. What all of them are compared with is
  // made when the first does.
  void measure_edits_of(const Subject& subject, int side,
                        std::vector<EditResult>& results) {
    const Face face = data_->load(subject.index);
    Image before, before_parts;
    for (size_t i = 0; i < results.size(); ++i) {
      EditResult& result = results[i];
      if (result.faces >= settings_.edits) continue;
      Face edited = face;
      if (!mask_edits()[i].apply(edited.mask) ||
          edited.mask.pixels == face.mask.pixels) {
        continue;
      }
      if (before.pixels.empty()) {
        before = face_of(subject.sketch, subject.looks);
        before_parts = judges_.parser.label(before);
      }
      const Image drawing = draw(edited, subject.id);
      const Image after = face_of(embed(drawing), subject.looks);
      const EditChange change =
          change_of({subject.mask, mask_for(judges_.parser, edited.mask),
                     before, after, before_parts, judges_.parser.label(after)});
      ++result.faces;
      result.mean.inside += change.inside;
      result.mean.outside += change.outside;
      result.mean.was += change.was;
      result.mean.is += change.is;
      if (result.examples.size() < kEditExamples) {
        const int tile = std::max(side, kMinExample);
        result.examples.push_back(side_by_side(
            {square(colour_map(draw(face, subject.id)), tile),
             square(before, tile), square(colour_map(drawing), tile),
             square(after, tile)}));
      }
    }
  }

  // The drawing of a face as limner sketch makes it, as the model reads it.
  Image draw(const Face& face, const std::string& id) const {
    SketchOptions options;
    options.detail = static_cast<float>(settings_.detail);
    const Drawing drawing = sketch_of(face.mask, &face.photo, options);
    if (drawing.strokes.empty()) {
      fail("{}: the mask has no borders to draw: it is one region",
           printable(id));
    }
    return label_image(drawing);
  }

  SketchCodes embed(const Image& labels) {
    GivenDrawing given;
    given.labels = labels;
    return maker_.sketch(std::move(given)).codes;
  }

  Image face_of(const SketchCodes& sketch, const AppearanceCodes& looks) {
    Engine& engine = maker_.engine();
    return engine.render(engine.combine(sketch, looks));
  }

  void read_photos(Evaluation& out) {
    const auto count = static_cast<int64_t>(subjects_.size());
    const std::unique_ptr<Progress> progress = bar("photos", count);
    for (Subject& subject : subjects_) {
      const Face face = data_->load(subject.index);
      subject.sketch = embed(draw(face, subject.id));
      subject.looks = maker_.looks(face.photo);
      subject.mask = mask_for(judges_.parser, face.mask);
      const Image small = reduced(face.photo, out.side);
      Seen seen = look_at(judges_, small);
      out.at_side.add(subject.mask, seen.parts);
      out.full.add(subject.mask, small.width == face.photo.width
                                     ? seen.parts
                                     : judges_.parser.label(face.photo));
      out.photo_names.push_back(subject.id);
      out.photos.push_back(std::move(seen.appearance));
      out.photo_features.add(seen);
      subject.parts = std::move(seen.parts);
      if (progress) progress->advance();
    }
  }

  Image render(const Order& order) {
    const Subject& drawing = subjects_[order.drawing];
    return face_of(drawing.sketch, order.looks.photo >= 0
                                       ? subjects_[order.looks.photo].looks
                                       : maker_.looks(order.looks.seed));
  }

  void make_results(const std::string& name, const std::vector<Order>& orders,
                    Evaluation& out) {
    const std::unique_ptr<Progress> progress =
        bar(name, static_cast<int64_t>(orders.size()));
    ResultSet set;
    set.name = name;
    Differences differences(settings_.looks, judges_);
    for (const Order& order : orders) {
      const Subject& subject = subjects_[order.drawing];
      const Image result = render(order);
      const Seen seen = look_at(judges_, result);
      Score& score = add_result(subject.id, seen, order.looks.photo,
                                {&subject.mask, &subject.parts}, set);
      if (name == "matching" && (judges_.lpips || judges_.identity)) {
        compare_pictures(judges_, result, data_->load(subject.index).photo,
                         score);
      }
      if (name == "random") differences.add(result, seen.appearance);
      if (progress) progress->advance();
    }
    if (name == "random" && differences.pairs() > 0) {
      out.diversity = differences.result();
    }
    out.sets.push_back(std::move(set));
  }

  // Features of the photos that the model may have learnt from.
  void read_reference(Evaluation& out) {
    const std::string other = settings_.split == "train" ? "val" : "train";
    std::unique_ptr<Dataset> reference;
    try {
      reference = open_dataset(settings_.data, other);
    } catch (const Error& error) {
      complain("warning: no parser_kid, KID and FID: {}",
               printable(error.what(), 1000));
      return;
    }
    const int size = static_cast<int>(reference->size());
    const std::vector<int> chosen =
        some_of(size, settings_.kid_photos.value_or(size), settings_.seed,
                "reference photos");
    const std::unique_ptr<Progress> progress =
        bar(other + " photos", static_cast<int64_t>(chosen.size()));
    for (const int i : chosen) {
      const Face face = reference->load(i);
      const Image small = reduced(face.photo, out.side);
      Seen seen;
      seen.features = judges_.parser.features(small);
      if (judges_.inception) {
        seen.inception = judges_.inception->describe(small);
      }
      out.reference_features.add(seen);
      if (progress) progress->advance();
    }
    reference_ = fmt::format("{} photos of the split {}", chosen.size(), other);
  }

  std::unique_ptr<Progress> bar(const std::string& label, int64_t count) const {
    if (settings_.common.quiet) return nullptr;
    return std::make_unique<Progress>(label, count);
  }

  // Compares results of one drawing after another, `looks` of each.
  class Differences {
   public:
    Differences(int64_t looks, Judges& judges)
        : looks_(looks), judges_(judges) {}

    void add(const Image& result, const Appearance& appearance) {
      for (size_t i = 0; i < results_.size(); ++i) {
        const double difference = pixel_distance(results_[i], result);
        pixels_ += difference;
        min_ = pairs_ == 0 ? difference : std::min(min_, difference);
        ++pairs_;
        if (judges_.lpips) {
          lpips_ += judges_.lpips->distance(results_[i], result);
        }
        const AppearanceDistance distance =
            appearance_distance(appearances_[i], appearance);
        if (!distance.mean) continue;
        colours_ += *distance.mean;
        ++compared_;
      }
      results_.push_back(result);
      appearances_.push_back(appearance);
      if (static_cast<int64_t>(results_.size()) < looks_) return;
      ++drawings_;
      results_.clear();
      appearances_.clear();
    }

    int64_t pairs() const { return pairs_; }

    Diversity result() const {
      Diversity out;
      out.drawings = drawings_;
      out.looks = static_cast<int>(looks_);
      out.pixel_distance = pixels_ / static_cast<double>(pairs_);
      out.min_pixel_distance = min_;
      if (judges_.lpips) out.lpips = lpips_ / static_cast<double>(pairs_);
      if (compared_ > 0) {
        out.appearance_distance = colours_ / static_cast<double>(compared_);
      }
      return out;
    }

   private:
    int64_t looks_;
    Judges& judges_;
    int drawings_ = 0;
    int64_t pairs_ = 0, compared_ = 0;
    double pixels_ = 0, colours_ = 0, min_ = 0, lpips_ = 0;
    std::vector<Image> results_;  // of the present drawing
    std::vector<Appearance> appearances_;
  };

  const EvalSettings settings_;
  Judges& judges_;
  std::unique_ptr<Dataset> data_;
  FaceMaker maker_;
  std::vector<Subject> subjects_;
  std::vector<std::pair<std::string, std::vector<Order>>> orders_;
  nlohmann::json reference_;
};

}  // namespace

Measured measure_model(const EvalSettings& settings, Judges& judges) {
  const auto run = std::make_shared<ModelRun>(settings, judges);
  Measured measured;
  measured.evaluation = run->measure();
  measured.show = [run](size_t set, size_t index) {
    return run->show(set, index);
  };
  return measured;
}

}  // namespace limner::app
