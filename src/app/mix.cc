// limner mix: variations of a face by replacing or mixing some of its codes.
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "app/batch.h"
#include "app/commands.h"
#include "app/console.h"
#include "app/face_batch.h"
#include "app/face_options.h"
#include "app/inputs.h"
#include "app/looks.h"
#include "app/montage.h"
#include "app/outputs.h"
#include "image/codec.h"
#include "image/resize.h"
#include "sketch/classes.h"
#include "util/error.h"

namespace limner::app {
namespace {

namespace fs = std::filesystem;

struct Settings : FaceSettings {
  Common common;
  fs::path mix_with;
  std::vector<int> mask;
  double alpha = 1.0;
  int64_t outputs = 5;
  int64_t seed = 0;
  bool separate = false;
  fs::path out = "mix";
};

// One drawing's files: a strip, or a picture a result.
struct Job {
  Pair pair;
  std::vector<fs::path> files;
};

void check_usage(const Settings& settings) {
  if (settings.appearance.empty() == !settings.random) {
    throw UsageError(
        "give the looks to start from, by either --appearance PHOTO or "
        "--random SEED");
  }
}

std::vector<Job> plan_jobs(const Settings& settings, Outputs& outputs) {
  std::vector<Pair> pairs = paired(settings.drawing, settings.appearance,
                                   outputs, SketchFiles::kDrawings);
  protect_networks(settings, settings.common, outputs);
  if (!settings.mix_with.empty()) outputs.protect(settings.mix_with);
  // A name like strip.png is one file, which one drawing can fill.
  const bool one_file = settings.out.has_extension() &&
                        !fs::is_directory(settings.drawing) &&
                        !settings.separate && !names_folder(settings.out);
  const size_t digits = std::to_string(settings.outputs).size();
  std::vector<Job> jobs;
  for (Pair& pair : pairs) {
    Job job;
    if (one_file) {
      job.files.push_back(settings.out);
    } else if (settings.separate) {
      for (int64_t i = 1; i <= settings.outputs; ++i) {
        job.files.push_back(
            named(settings.out, fmt::format("{}-{:0{}}", pair.name, i, digits),
                  ".png"));
      }
    } else {
      job.files.push_back(named(settings.out, pair.name, ".png"));
    }
    for (const fs::path& file : job.files) {
      format_for(file);
      outputs.plan(file);
    }
    job.pair = std::move(pair);
    jobs.push_back(std::move(job));
  }
  return jobs;
}

class Mixing {
 public:
  Mixing(const Settings& settings, const std::vector<Job>& jobs,
         Outputs& outputs, FaceMaker maker)
      : settings_(settings),
        jobs_(jobs),
        outputs_(outputs),
        batch_(settings, drawing_options(settings), jobs.size(),
               std::move(maker)),
        mask_(settings.mask) {
    FaceMaker& first = batch_.makers.front();
    const ModelConfig& config = first.config();
    side_ = side_of(settings, config);
    check_mask(mask_, config, "--latent-mask");
    if (mask_.empty()) {
      for (int code = config.split; code < config.styles; ++code) {
        mask_.push_back(code);
      }
    }
    Told& told = batch_.told.emplace_back();
    if (!settings.mix_with.empty()) {
      other_ =
          looks_of_photo(first, settings.mix_with, batch_.photo_options, told);
      other_->codes(first);
    }
    batch_.shared =
        !settings.random && settings.appearance == settings.mix_with
            ? other_
            : shared_looks(first, settings.random, settings.appearance,
                           batch_.photo_options, told);
  }

  // Returns how many drawings failed.
  size_t run() {
    const size_t failures = batch_.run(
        {jobs_.size(), "mix", settings_.common.quiet, settings_.outputs},
        [&](BatchItem& item) { make(item); });
    report(batch_.told, settings_.common.quiet);
    return failures;
  }

 private:
  // The results of one drawing, in order.
  std::vector<FaceCodes> codes_of(FaceMaker& maker, const FaceRead& read) {
    const SketchCodes& sketch = read.sketch.codes;
    Engine& engine = maker.engine();
    std::vector<FaceCodes> all;
    for (int64_t i = 0; i < settings_.outputs; ++i) {
      FaceCodes codes = read.codes;
      if (other_) {
        // Even steps towards the other photo; the last one is --mix-alpha.
        const double alpha = settings_.alpha * static_cast<double>(i + 1) /
                             static_cast<double>(settings_.outputs);
        mix_codes(codes, engine.combine(sketch, other_->codes(maker)), mask_,
                  static_cast<float>(alpha));
      } else {
        mix_codes(codes,
                  engine.random_codes(
                      sketch, static_cast<uint64_t>(settings_.seed + i)),
                  mask_, static_cast<float>(settings_.alpha));
      }
      all.push_back(std::move(codes));
    }
    return all;
  }

  void make(BatchItem& item) {
    FaceMaker& maker = batch_.makers[item.worker];
    const Job& job = jobs_[item.index];
    const FaceRead read = batch_.read(maker, job.pair, item.told);
    const std::vector<FaceCodes> results = codes_of(maker, read);
    stopping_all([&] { write(maker, job, read.sketch.labels, results, item); });
  }

  void write(FaceMaker& maker, const Job& job, const Image& labels,
             const std::vector<FaceCodes>& results, const BatchItem& item) {
    const int input = maker.config().input_side;
    std::vector<Image> strip = {square(
        colour_map(resize(labels, input, input, Filter::kNearest)), side_)};
    for (size_t i = 0; i < results.size(); ++i) {
      Image face = maker.engine().render(results[i], side_);
      if (settings_.separate) {
        outputs_.prepare(job.files[i]);
        write_image(job.files[i], face);
      } else {
        strip.push_back(std::move(face));
      }
      item.step();
    }
    if (settings_.separate) return;
    outputs_.prepare(job.files.front());
    write_image(job.files.front(), side_by_side(strip));
  }

  const Settings& settings_;
  const std::vector<Job>& jobs_;
  Outputs& outputs_;
  FaceBatch batch_;
  std::vector<int> mask_;
  int side_ = 0;                  // of the pictures
  std::shared_ptr<Looks> other_;  // null: random ones are mixed in
};

int mix(const Settings& settings) {
  check_usage(settings);
  photo_options(settings.align);
  faithful_number(settings.faithful);
  Outputs outputs;
  const std::vector<Job> jobs = plan_jobs(settings, outputs);
  EngineOptions engine;
  engine.photo_encoder =
      !settings.appearance.empty() || !settings.mix_with.empty();
  FaceMaker maker = open_maker(settings.common, settings, engine);
  const int full = maker.config().size;
  const int side = side_of(settings, maker.config());
  const int64_t tiles = settings.outputs + 1;
  if (!settings.separate && tiles * side > int64_t{8} * kMaxImageSide) {
    fail("a strip of {} pictures of {} px is too wide: use --separate", tiles,
         side);
  }
  const size_t failures =
      Mixing(settings, jobs, outputs, std::move(maker)).run();
  if (!settings.common.quiet) {
    const std::string preview =
        side == full ? "" : fmt::format(" (previews of {} px)", side);
    if (jobs.size() == 1 && !settings.separate) {
      say("{}{}\n", shown(jobs.front().files.front()), preview);
    } else {
      say("{} of {} drawings mixed into {}{}\n", jobs.size() - failures,
          jobs.size(), shown(settings.out), preview);
    }
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace

Command mix_command() {
  auto settings = std::make_shared<Settings>();
  Settings* s = settings.get();
  Command command;
  command.name = "mix";
  command.summary = "Makes variations of a face by mixing its style codes";
  command.details = {
      "Writes a strip for each drawing: its colour map, then the results. "
      "Codes that --latent-mask lists are replaced by, or with --mix-alpha "
      "mixed with, random ones (result i uses seed --seed + i: codes that "
      "follow "
      "the photo become those of `limner generate --random SEED`) or those of "
      "a second photo, in even steps up to --mix-alpha.",
      "  limner mix drawing.png --appearance photo.jpg -n 4 -o strip.png",
      "  limner mix drawing.png -a photo.jpg --mix-with other.jpg -o steps.png",
      "  limner mix drawings/ --random 1 --latent-mask 8-11 --separate -o out/",
  };
  command.options = {
      needed(path("DRAWING", "", &s->drawing,
                  "a drawing as `limner generate` takes it, or a folder")),
      model_option("-m,--model", &s->common),
      path("-a,--appearance", "PHOTO", &s->appearance,
           "a photo, or a folder of them, to start from"),
      maybe_whole("--random", "SEED", &s->random, 0, kMaxSeed,
                  "random looks to start from"),
      path("--mix-with", "PHOTO", &s->mix_with,
           "take the masked codes from this photo instead of random draws"),
      defaulting(codes("--latent-mask", &s->mask, "codes to replace or mix"),
                 "all that follow the photo"),
      real("--mix-alpha", "A", &s->alpha, 0.0, 1.0,
           "share of the other codes; 1 replaces"),
      whole("-n,--outputs", "N", &s->outputs, 1, 1000,
            "results for each drawing"),
      whole("--seed", "N", &s->seed, 0, kMaxSeed, "seed of the first result"),
      defaulting(powers_of_two(whole("--preview", "SIDE", &s->preview, 8, 1024,
                                     "stop at SIDE pixels: quick previews")),
                 "full pictures"),
      faithful_fit_option(&s->faithful),
      bald_option(&s->bald),
      labeler_option(&s->labeler),
      shapes_option(&s->shapes),
      parser_option(&s->align.parser),
      no_align_option(&s->align.off),
      face_option(&s->align.face),
      flag("--separate", &s->separate,
           "write results as single files NAME-1.png, ... in a folder"),
      path("-o,--out", "OUT", &s->out,
           "a picture for one drawing's strip, or a folder"),
  };
  add_common(command, &s->common);
  command.run = [settings] { return mix(*settings); };
  return command;
}

}  // namespace limner::app
