// limner mix: variations of a face by replacing or mixing some of its codes.
#include <cmath>
#include <memory>
#include <optional>

#include "app/commands.h"
#include "app/console.h"
#include "app/faces.h"
#include "app/outputs.h"
#include "app/strokes.h"
#include "image/codec.h"
#include "image/resize.h"
#include "sketch/classes.h"
#include "util/error.h"
#include "util/progress.h"

namespace limner::app {
namespace {

namespace fs = std::filesystem;

struct Settings {
  Common common;
  fs::path drawing;
  fs::path appearance;
  std::optional<int64_t> random;
  fs::path mix_with;
  std::vector<int> mask;
  double alpha = 1.0;
  int64_t outputs = 5;
  int64_t seed = 0;
  int64_t preview = 0;
  double faithful = 1.0;
  bool separate = false;
  AlignSettings align;
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
  std::vector<Pair> pairs = paired(settings.drawing, settings.appearance);
  outputs.protect(settings.common.model);
  if (!settings.mix_with.empty()) outputs.protect(settings.mix_with);
  if (!settings.align.parser.empty()) outputs.protect(settings.align.parser);
  for (const Pair& pair : pairs) {
    outputs.protect(pair.sketch);
    if (!pair.photo.empty()) outputs.protect(pair.photo);
  }
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
  Mixing(const Settings& settings, Faces& faces)
      : settings_(settings), faces_(faces), mask_(settings.mask) {
    const ModelConfig& config = faces.config();
    check_mask(mask_, config, "--latent-mask");
    if (mask_.empty()) {
      for (int code = config.split; code < config.styles; ++code) {
        mask_.push_back(code);
      }
    }
    if (!settings.mix_with.empty()) {
      other_ = faces.engine().embed_photo(faces.picture(settings.mix_with));
    }
  }

  // The results of one drawing, in order.
  std::vector<FaceCodes> codes_of(const Pair& pair, const Image& labels) {
    Engine& engine = faces_.engine();
    const SketchCodes sketch =
        engine.embed_sketch(labels, static_cast<float>(settings_.faithful));
    const FaceCodes own = engine.combine(
        sketch, settings_.random
                    ? faces_.random(static_cast<uint64_t>(*settings_.random))
                    : faces_.photo(pair.photo));
    std::vector<FaceCodes> all;
    for (int64_t i = 0; i < settings_.outputs; ++i) {
      FaceCodes codes = own;
      if (other_) {
        // Even steps towards the other photo; the last one is --mix-alpha.
        const double alpha = settings_.alpha * static_cast<double>(i + 1) /
                             static_cast<double>(settings_.outputs);
        mix_codes(codes, engine.combine(sketch, *other_), mask_,
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

 private:
  const Settings& settings_;
  Faces& faces_;
  std::vector<int> mask_;
  std::optional<AppearanceCodes> other_;
};

int mix(const Settings& settings) {
  check_usage(settings);
  AlignedPhotos photos(settings.align);
  Outputs outputs;
  const std::vector<Job> jobs = plan_jobs(settings, outputs);
  EngineOptions parts;
  parts.photo_encoder =
      !settings.appearance.empty() || !settings.mix_with.empty();
  Faces faces(open_engine(settings.common, parts),
              [&](const fs::path& photo) { return photos.read(photo); });
  const int full = faces.config().size;
  const int side =
      settings.preview == 0 ? full : static_cast<int>(settings.preview);
  if (side > full) {
    fail("--preview {} is larger than the model's pictures of {} px", side,
         full);
  }
  const int64_t tiles = settings.outputs + 1;
  if (!settings.separate && tiles * side > int64_t{8} * kMaxImageSide) {
    fail("a strip of {} pictures of {} px is too wide: use --separate", tiles,
         side);
  }
  tell_faithful(settings.faithful, faces.config(), settings.common.quiet);
  Mixing mixing(settings, faces);
  if (!settings.appearance.empty() && !fs::is_directory(settings.appearance)) {
    faces.photo(jobs.front().pair.photo);
  }

  std::optional<Progress> progress;
  if (!settings.common.quiet) {
    progress.emplace("mix",
                     static_cast<int64_t>(jobs.size()) * settings.outputs);
  }
  size_t failures = 0;
  for (const Job& job : jobs) {
    Image labels;
    std::vector<FaceCodes> results;
    try {
      labels = faces.labels(job.pair.sketch);
      results = mixing.codes_of(job.pair, labels);
    } catch (const Error& error) {
      if (jobs.size() == 1) throw;
      complain("{}", printable(error.what(), 1000));
      ++failures;
      if (progress) progress->advance(settings.outputs);
      continue;
    }
    const int input = faces.config().input_side;
    std::vector<Image> strip = {square(
        colour_map(resize(labels, input, input, Filter::kNearest)), side)};
    for (size_t i = 0; i < results.size(); ++i) {
      const Image face = faces.engine().render(results[i], side);
      if (settings.separate) {
        outputs.prepare(job.files[i]);
        write_image(job.files[i], face);
      } else {
        strip.push_back(face);
      }
      if (progress) progress->advance();
    }
    if (!settings.separate) {
      outputs.prepare(job.files.front());
      write_image(job.files.front(), side_by_side(strip));
    }
  }
  progress.reset();
  report(photos.take_notes(), settings.common.quiet);
  if (!settings.common.quiet) {
    const std::string preview =
        side == full ? "" : fmt::format(" (previews of {} px)", side);
    if (jobs.size() == 1 && !settings.separate) {
      say("{}{}\n", jobs.front().files.front().string(), preview);
    } else {
      say("{} of {} drawings mixed into {}{}\n", jobs.size() - failures,
          jobs.size(), settings.out.string(), preview);
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
                  "a label image, or a folder of them")),
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
      faithful_option(&s->faithful),
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
