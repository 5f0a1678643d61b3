// limner inference: the flags and the output tree of the published script.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "app/batch.h"
#include "app/commands.h"
#include "app/console.h"
#include "app/face_options.h"
#include "app/inputs.h"
#include "app/looks.h"
#include "app/montage.h"
#include "app/outputs.h"
#include "image/codec.h"
#include "image/resize.h"
#include "sketch/classes.h"
#include "util/error.h"
#include "util/files.h"

namespace limner::app {
namespace {

namespace fs = std::filesystem;

// The published script couples the first of every 100 pictures in any case.
constexpr size_t kCoupledEvery = 100;
constexpr int kFullTile = 1024;
constexpr int kSmallTile = 256;

struct Settings {
  Common common;
  fs::path exp_dir;
  fs::path data;
  fs::path target;
  bool couple = false;
  bool resize = false;
  int64_t batch_size = 2;
  int64_t workers = 2;
  std::optional<int64_t> count;
  std::vector<int> mask;
  double alpha = 1.0;
  bool random = false;
  bool fixed_random = false;
  int64_t seed = 0;

  bool any_random() const { return random || fixed_random; }
};

// The files of one picture; `coupled` and `reference` may be empty.
struct Job {
  Pair pair;
  fs::path result, coupled, latent, reference;
};

uint8_t to_byte(float value) {
  const float unit = (value + 1.0F) / 2.0F;
  return static_cast<uint8_t>(std::clamp(unit, 0.0F, 1.0F) * 255.0F);
}

// The published script's 256 px results: the raw picture [3, side, side]
// averaged (or repeated, when it is smaller), then clamped and truncated.
Image pooled(const std::vector<float>& raw, int side) {
  const int step = std::max(1, side / kSmallTile);
  Image image(kSmallTile, kSmallTile, 3);
  for (int y = 0; y < kSmallTile; ++y) {
    const int top = y * side / kSmallTile;
    for (int x = 0; x < kSmallTile; ++x) {
      const int left = x * side / kSmallTile;
      for (int c = 0; c < 3; ++c) {
        float sum = 0.0F;
        for (int j = top; j < top + step; ++j) {
          for (int i = left; i < left + step; ++i) {
            sum += raw[(static_cast<size_t>(c) * side + j) * side + i];
          }
        }
        image.row(y)[3 * x + c] =
            to_byte(sum / static_cast<float>(step * step));
      }
    }
  }
  return image;
}

// The photo as the published script saves it: at the loader's size, and after
// the way to [-1, 1] and back in floats, which lowers some values by one.
Image reference_picture(const Image& photo, int side) {
  Image image = resize(photo, side, side, Filter::kBilinear);
  for (uint8_t& byte : image.pixels) {
    byte = to_byte((static_cast<float>(byte) / 255.0F - 0.5F) / 0.5F);
  }
  return image;
}

// Of the pictures that were made.
std::string stats_text(const std::vector<std::optional<double>>& all) {
  std::vector<double> seconds;
  for (const std::optional<double>& one : all) {
    if (one) seconds.push_back(*one);
  }
  const auto count = static_cast<double>(std::max<size_t>(seconds.size(), 1));
  double mean = 0.0;
  for (const double value : seconds) mean += value;
  mean /= count;
  double variance = 0.0;
  for (const double value : seconds) {
    variance += (value - mean) * (value - mean);
  }
  return fmt::format("Runtime {:.4f}+-{:.4f}", mean,
                     std::sqrt(variance / count));
}

class Inference {
 public:
  explicit Inference(const Settings& settings) : settings_(settings) {
    drawing_options_.as = ReadAs::kLabels;
    photo_options_.align = false;
  }

  int run() {
    plan();
    FaceMakerOptions networks;
    networks.engine.photo_encoder = !settings_.any_random();
    FaceMaker first = open_maker(settings_.common, networks);
    check_mask(settings_.mask, first.config(), "--latent_mask");
    makers_ = makers_for(workers_for(jobs_.size()), std::move(first));
    seconds_.resize(jobs_.size());
    const size_t failures =
        run_batch({jobs_.size(), "inference", settings_.common.quiet},
                  makers_.size(), [&](BatchItem& item) { make(item); })
            .failures;
    const std::string stats = stats_text(seconds_);
    outputs_.prepare(settings_.exp_dir / "stats.txt");
    write_file(settings_.exp_dir / "stats.txt", stats);
    if (!settings_.common.quiet) {
      say("{} of {} pictures written to {}; {}\n", jobs_.size() - failures,
          jobs_.size(), shown(settings_.exp_dir), stats);
    }
    return failures == 0 ? 0 : 1;
  }

 private:
  void plan() {
    if (settings_.target.empty() && !settings_.any_random()) {
      throw UsageError(
          "no photos given: name them with --target_path, or draw looks with "
          "--random_appearance");
    }
    std::vector<Pair> pairs = paired(settings_.data, settings_.target);
    if (settings_.count) {
      const auto count = static_cast<size_t>(*settings_.count);
      if (pairs.size() > count) pairs.resize(count);
    }
    outputs_.protect(settings_.common.model);
    for (const Pair& pair : pairs) {
      outputs_.protect(pair.sketch);
      if (!pair.photo.empty()) outputs_.protect(pair.photo);
    }
    const fs::path& root = settings_.exp_dir;
    for (size_t i = 0; i < pairs.size(); ++i) {
      Job job;
      const std::string name = pairs[i].name;
      job.result = named(root / "inference_results", name, ".png");
      job.latent = named(root / "inference_latents", name, ".pt");
      if (settings_.couple || i % kCoupledEvery == 0) {
        job.coupled = named(root / "inference_coupled", name, ".png");
      }
      if (!pairs[i].photo.empty()) {
        job.reference = named(root / "inference_reference", name, ".png");
      }
      for (const fs::path& file :
           {job.result, job.coupled, job.latent, job.reference}) {
        if (!file.empty()) outputs_.plan(file);
      }
      job.pair = std::move(pairs[i]);
      jobs_.push_back(std::move(job));
    }
    outputs_.plan(root / "stats.txt");
    if (settings_.fixed_random) {
      fixed_ = std::make_shared<Looks>(static_cast<uint64_t>(settings_.seed));
    }
    if (!settings_.target.empty() && !fs::is_directory(settings_.target)) {
      photo_ =
          std::make_shared<Looks>(jobs_.front().pair.photo, photo_options_);
    }
  }

  // The photo of a picture; null when it has none.
  std::shared_ptr<Looks> photo_of(const Job& job) const {
    if (photo_ || job.pair.photo.empty()) return photo_;
    return std::make_shared<Looks>(job.pair.photo, photo_options_);
  }

  std::shared_ptr<Looks> looks_of(const Job& job,
                                  std::shared_ptr<Looks> photo) const {
    if (fixed_) return fixed_;
    if (!settings_.random) return photo;
    return std::make_shared<Looks>(
        seed_for(settings_.seed, job.pair.name, "appearance"));
  }

  // Makes one picture and writes its files. An input that cannot be read fails
  // this picture, writing that fails ends the run.
  void make(BatchItem& item) {
    const Job& job = jobs_[item.index];
    FaceMaker& maker = makers_[item.worker];
    Engine& engine = maker.engine();
    GivenDrawing drawing = maker.read(job.pair.sketch, drawing_options_);
    const std::shared_ptr<Looks> photo = photo_of(job);
    Image reference;
    if (photo) {
      reference = reference_picture(photo->photo(maker).image,
                                    2 * maker.config().input_side);
    }
    const auto start = std::chrono::steady_clock::now();
    const Sketch sketch = maker.sketch(std::move(drawing), drawing_options_);
    FaceCodes codes =
        engine.combine(sketch.codes, looks_of(job, photo)->codes(maker));
    stopping_all([&] {
      if (!settings_.mask.empty()) {
        const uint64_t seed = seed_for(settings_.seed, job.pair.name, "mask");
        mix_codes(codes, engine.random_codes(sketch.codes, seed),
                  settings_.mask, static_cast<float>(settings_.alpha));
      }
      const Image result = settings_.resize ? pooled(engine.render_raw(codes),
                                                     maker.config().size)
                                            : engine.render(codes);
      const std::chrono::duration<double> elapsed =
          std::chrono::steady_clock::now() - start;
      seconds_[item.index] = elapsed.count();
      write(job, sketch.labels, result, reference, codes,
            maker.config().input_side);
    });
  }

  void write(const Job& job, const Image& labels, const Image& result,
             const Image& reference, const FaceCodes& codes, int input_side) {
    write_picture(job.result, result);
    if (!job.reference.empty()) write_picture(job.reference, reference);
    if (!job.coupled.empty()) {
      const int tile = settings_.resize ? kSmallTile : kFullTile;
      const Image small =
          resize(labels, input_side, input_side, Filter::kNearest);
      std::vector<Image> tiles = {square(colour_map(small), tile),
                                  square(result, tile)};
      if (!job.reference.empty()) tiles.push_back(square(reference, tile));
      write_picture(job.coupled, side_by_side(tiles));
    }
    outputs_.prepare(job.latent);
    // The published layout: codes alone.
    write_latent(job.latent, {codes.styles, {}});
  }

  void write_picture(const fs::path& path, const Image& image) {
    outputs_.prepare(path);
    write_image(path, image);
  }

  const Settings& settings_;
  DrawingOptions drawing_options_;
  PhotoOptions photo_options_;
  Outputs outputs_;
  std::vector<Job> jobs_;
  std::shared_ptr<Looks> photo_;  // null: each picture has its own, or none
  std::shared_ptr<Looks> fixed_;  // null: not the same for all
  std::vector<FaceMaker> makers_;
  std::vector<std::optional<double>> seconds_;  // none: it failed
};

}  // namespace

Command inference_command() {
  auto settings = std::make_shared<Settings>();
  Settings* s = settings.get();
  Command command;
  command.name = "inference";
  command.summary =
      "Takes the published script's flags and writes its output tree";
  command.details = {
      "Writes inference_results/NAME.png, inference_latents/NAME.pt, "
      "inference_reference/NAME.png, inference_coupled/NAME.png (colours of "
      "the drawing, result and reference side by side) and stats.txt below "
      "--exp_dir. Files of the same names are replaced, others are left.",
      "Unlike the published script it pairs by name, keeps subfolders and the "
      "last incomplete batch, stops at exactly --n_images, writes PNG only, "
      "and gives the same picture for the same --seed. The random looks or "
      "masked codes of a picture depend on --seed and its name only.",
      "  limner inference --exp_dir out --checkpoint_path model.pt "
      "--data_path sketch --target_path photos --couple_outputs",
  };
  command.options = {
      needed(path("--exp_dir", "DIR", &s->exp_dir, "where results go")),
      model_option("--checkpoint_path", &s->common),
      needed(path("--data_path", "PATH", &s->data,
                  "a folder of label images (or one file)")),
      path("--target_path", "PATH", &s->target,
           "a folder of photos with the same names (or one photo for all)"),
      flag("--couple_outputs", &s->couple,
           "write every coupled picture, not only the first of each 100"),
      flag("--resize_outputs", &s->resize,
           "reduce results and the parts of coupled pictures to 256 px"),
      whole("--test_batch_size", "N", &s->batch_size, 1, 65536,
            "accepted; pictures are made side by side, each on one thread"),
      whole("--test_workers", "N", &s->workers, 0, 1024,
            "accepted; see --threads"),
      defaulting(maybe_whole("--n_images", "N", &s->count, 1, 1000000000,
                             "stop after the first N pairs"),
                 "all"),
      codes("--latent_mask", &s->mask,
            "codes that random ones replace or are mixed into"),
      real("--mix_alpha", "A", &s->alpha, 0.0, 1.0,
           "share of the random codes under --latent_mask; 1 replaces"),
      flag("--random_appearance", &s->random,
           "random looks for each picture instead of a photo's"),
      flag("--fixed_random_appearance", &s->fixed_random,
           "the same random looks for all pictures (those of `limner generate "
           "--random SEED`)"),
      whole("--seed", "N", &s->seed, 0, kMaxSeed, "seed of all that is random"),
  };
  add_common(command, &s->common);
  command.run = [settings] { return Inference(*settings).run(); };
  return command;
}

}  // namespace limner::app
