// limner inference: the flags and the output tree of the published script.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>

#include "app/commands.h"
#include "app/console.h"
#include "app/faces.h"
#include "app/outputs.h"
#include "image/codec.h"
#include "image/resize.h"
#include "sketch/classes.h"
#include "util/error.h"
#include "util/files.h"
#include "util/progress.h"

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

std::string stats_text(const std::vector<double>& seconds) {
  double mean = 0.0;
  for (const double value : seconds) mean += value;
  mean /= static_cast<double>(std::max<size_t>(seconds.size(), 1));
  double variance = 0.0;
  for (const double value : seconds) {
    variance += (value - mean) * (value - mean);
  }
  variance /= static_cast<double>(std::max<size_t>(seconds.size(), 1));
  return fmt::format("Runtime {:.4f}+-{:.4f}", mean, std::sqrt(variance));
}

class Inference {
 public:
  explicit Inference(const Settings& settings) : settings_(settings) {}

  int run() {
    plan();
    EngineOptions parts;
    parts.photo_encoder = !settings_.any_random();
    faces_.emplace(open_engine(settings_.common, parts));
    check_mask(settings_.mask, faces_->config(), "--latent_mask");

    std::optional<Progress> progress;
    if (!settings_.common.quiet) {
      progress.emplace("inference", static_cast<int64_t>(jobs_.size()));
    }
    size_t failures = 0;
    for (const Job& job : jobs_) {
      if (!make(job)) ++failures;
      if (progress) progress->advance();
    }
    progress.reset();
    const std::string stats = stats_text(seconds_);
    outputs_.prepare(settings_.exp_dir / "stats.txt");
    write_file(settings_.exp_dir / "stats.txt", stats);
    if (!settings_.common.quiet) {
      say("{} of {} pictures written to {}; {}\n", jobs_.size() - failures,
          jobs_.size(), settings_.exp_dir.string(), stats);
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
  }

  const AppearanceCodes& looks_of(const Job& job) {
    if (settings_.fixed_random) {
      return faces_->random(static_cast<uint64_t>(settings_.seed));
    }
    if (settings_.random) {
      return faces_->random(
          seed_for(settings_.seed, job.pair.name, "appearance"));
    }
    return faces_->photo(job.pair.photo);
  }

  // Makes one picture and writes its files. Returns false, having said why,
  // when an input cannot be read. Throws Error when writing fails.
  bool make(const Job& job) {
    Image labels;
    Image reference;
    SketchCodes sketch;
    FaceCodes codes;
    Engine& engine = faces_->engine();
    auto start = std::chrono::steady_clock::now();
    try {
      labels = faces_->labels(job.pair.sketch);
      if (!job.reference.empty()) {
        reference = reference_picture(faces_->picture(job.pair.photo),
                                      2 * side_of_input());
      }
      start = std::chrono::steady_clock::now();
      sketch = engine.embed_sketch(labels);
      codes = engine.combine(sketch, looks_of(job));
    } catch (const Error& error) {
      if (jobs_.size() == 1) throw;
      complain("{}", printable(error.what(), 1000));
      return false;
    }
    if (!settings_.mask.empty()) {
      const uint64_t seed = seed_for(settings_.seed, job.pair.name, "mask");
      mix_codes(codes, engine.random_codes(sketch, seed), settings_.mask,
                static_cast<float>(settings_.alpha));
    }
    const Image result = settings_.resize ? pooled(engine.render_raw(codes),
                                                   faces_->config().size)
                                          : engine.render(codes);
    const std::chrono::duration<double> elapsed =
        std::chrono::steady_clock::now() - start;
    seconds_.push_back(elapsed.count());

    write_picture(job.result, result);
    if (!job.reference.empty()) write_picture(job.reference, reference);
    if (!job.coupled.empty()) {
      const int tile = settings_.resize ? kSmallTile : kFullTile;
      const Image small =
          resize(labels, side_of_input(), side_of_input(), Filter::kNearest);
      std::vector<Image> tiles = {square(colour_map(small), tile),
                                  square(result, tile)};
      if (!job.reference.empty()) tiles.push_back(square(reference, tile));
      write_picture(job.coupled, side_by_side(tiles));
    }
    outputs_.prepare(job.latent);
    // The published layout: codes alone.
    write_latent(job.latent, {codes.styles, {}});
    return true;
  }

  void write_picture(const fs::path& path, const Image& image) {
    outputs_.prepare(path);
    write_image(path, image);
  }

  int side_of_input() const { return faces_->config().input_side; }

  const Settings& settings_;
  Outputs outputs_;
  std::vector<Job> jobs_;
  std::optional<Faces> faces_;
  std::vector<double> seconds_;
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
            "accepted; pictures are made one at a time"),
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
