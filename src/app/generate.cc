// limner generate: drawings and looks -> faces.
#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

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
#include "sketch/classes.h"
#include "util/error.h"

namespace limner::app {
namespace {

namespace fs = std::filesystem;

struct Settings : FaceSettings {
  Common common;
  fs::path out;
  std::string format = "png";
  int64_t quality = 95;
  fs::path sheet;
  fs::path save_latent;
  fs::path from_latent;
  int64_t index = 0;
  std::string as = "content";
  bool no_frame = false;
  bool turn = false;
};

constexpr int kSheetTile = 256;   // least side of a sheet's pictures
constexpr int kSheetColumns = 2;  // faces in a row of it
constexpr size_t kMaxSheetFaces = 60;

// One face to make and where it goes.
struct Job {
  Pair pair;
  fs::path picture;
  fs::path latent;  // empty: not saved
};

void check_usage(const Settings& settings) {
  const bool has_looks = !settings.appearance.empty() || settings.random;
  if (!settings.from_latent.empty()) {
    if (!settings.drawing.empty() || has_looks) {
      throw UsageError(
          "--from-latent holds drawing and looks already: give it alone");
    }
    if (settings.faithful != "auto") {
      throw UsageError("--faithful is for drawings, not for --from-latent");
    }
    if (settings.bald) {
      throw UsageError("--bald is for drawings, not for --from-latent");
    }
    return;
  }
  if (settings.no_frame && settings.turn) {
    throw UsageError("give --no-frame or --turn, not both");
  }
  if (settings.drawing.empty()) throw UsageError("no DRAWING given");
  if (!settings.appearance.empty() && settings.random) {
    throw UsageError("give --appearance or --random, not both");
  }
  if (!has_looks) {
    throw UsageError(
        "no looks given: name a photo with --appearance or draw some with "
        "--random SEED");
  }
}

std::vector<Job> plan_jobs(const Settings& settings, Outputs& outputs) {
  const bool from_latent = !settings.from_latent.empty();
  std::vector<Job> jobs;
  if (from_latent) {
    jobs.push_back({{settings.from_latent.stem().string(), {}, {}}, {}, {}});
    outputs.protect(settings.from_latent);
  } else {
    for (Pair& pair : paired(settings.drawing, settings.appearance, outputs,
                             SketchFiles::kDrawings)) {
      jobs.push_back({std::move(pair), {}, {}});
    }
  }
  protect_networks(settings, settings.common, outputs);

  const Target pictures =
      target_for(settings.out, settings.drawing, jobs.front().pair.name,
                 {"face", "faces", picture_ending(settings.format)});
  const Target latents = {settings.save_latent, pictures.many, ".safetensors"};
  for (Job& job : jobs) {
    job.picture = pictures.file(job.pair.name);
    format_for(job.picture);
    outputs.plan(job.picture);
    if (settings.save_latent.empty()) continue;
    job.latent = latents.file(job.pair.name);
    check_latent_path(job.latent);
    outputs.plan(job.latent);
  }
  if (!settings.sheet.empty()) {
    format_for(settings.sheet);
    outputs.plan(settings.sheet);
  }
  return jobs;
}

FaceCodes saved_codes(const fs::path& path, const ModelConfig& config) {
  FaceCodes codes = read_latent(path);
  const CodeTable& styles = codes.styles;
  if (styles.rows != config.styles || styles.width != config.style_width) {
    fail("{}: codes of shape [{}, {}], but the model expects [{}, {}]",
         path.string(), styles.rows, styles.width, config.styles,
         config.style_width);
  }
  if (codes.maps.empty() == config.structure_maps) {
    fail("{}: it holds {} structure maps, but the model {}", path.string(),
         codes.maps.empty() ? "no" : "some",
         config.structure_maps ? "needs them" : "has none");
  }
  return codes;
}

DrawingOptions all_drawing_options(const Settings& settings) {
  DrawingOptions options = drawing_options(settings);
  options.read.index = settings.index;
  options.read.png = png_kind(settings.as);
  options.prepare.frame = !settings.no_frame;
  options.prepare.allow_rotation = settings.turn;
  return options;
}

class Generating {
 public:
  Generating(const Settings& settings, const std::vector<Job>& jobs,
             Outputs& outputs, FaceMaker maker)
      : settings_(settings),
        jobs_(jobs),
        outputs_(outputs),
        batch_(settings, all_drawing_options(settings), jobs.size(),
               std::move(maker)) {
    batch_.shared = shared_looks(batch_.makers.front(), settings.random,
                                 settings.appearance, batch_.photo_options,
                                 batch_.told.emplace_back());
  }

  // Returns how many faces could not be made.
  size_t run() {
    return batch_.run({jobs_.size(), "faces", settings_.common.quiet},
                      [&](BatchItem& item) { make(item); });
  }

  void write_sheet() {
    std::vector<Image> groups;
    for (auto& [job, group] : sheet_) groups.push_back(std::move(group));
    if (groups.empty()) return;
    outputs_.prepare(settings_.sheet);
    write_image(settings_.sheet, grid_of(groups, kSheetColumns),
                static_cast<int>(settings_.quality));
  }

  void report_all() const { report(batch_.told, settings_.common.quiet); }

 private:
  FaceRead read(FaceMaker& maker, const Job& job, Told& told) const {
    if (settings_.from_latent.empty()) {
      return batch_.read(maker, job.pair, told);
    }
    FaceRead read;
    read.codes = saved_codes(settings_.from_latent, maker.config());
    return read;
  }

  void make(BatchItem& item) {
    const Job& job = jobs_[item.index];
    FaceMaker& maker = batch_.makers[item.worker];
    const FaceRead made = read(maker, job, item.told);
    const Image face =
        maker.engine().render(made.codes, static_cast<int>(settings_.preview));
    outputs_.prepare(job.picture);
    if (!job.latent.empty()) outputs_.prepare(job.latent);
    write_image(job.picture, face, static_cast<int>(settings_.quality));
    if (!job.latent.empty()) write_latent(job.latent, made.codes);
    if (settings_.sheet.empty()) return;
    const Image* photo =
        job.pair.photo.empty() ? nullptr : &made.looks->photo(maker).image;
    add_to_sheet(item.index, made.sketch.labels, photo, face);
  }

  void add_to_sheet(size_t i, const Image& labels, const Image* photo,
                    const Image& face) {
    const int side = std::max(face.width, kSheetTile);
    std::vector<Image> group;
    if (!labels.pixels.empty()) {
      group.push_back(square(colour_map(labels), side));
    }
    if (photo != nullptr) group.push_back(square(*photo, side));
    group.push_back(square(face, side));
    Image joined = side_by_side(group);
    const std::lock_guard lock(mutex_);
    sheet_.emplace(i, std::move(joined));
    // The first ones, however they come.
    if (sheet_.size() > kMaxSheetFaces) sheet_.erase(std::prev(sheet_.end()));
  }

  const Settings& settings_;
  const std::vector<Job>& jobs_;
  Outputs& outputs_;
  FaceBatch batch_;
  std::mutex mutex_;               // of sheet_
  std::map<size_t, Image> sheet_;  // what it shows, by job
};

int generate(const Settings& settings) {
  check_usage(settings);
  face_choice(settings.align.face);
  faithful_number(settings.faithful);
  Outputs outputs;
  const std::vector<Job> jobs = plan_jobs(settings, outputs);

  EngineOptions engine;
  engine.sketch_encoders = settings.from_latent.empty();
  engine.photo_encoder = !settings.appearance.empty();
  FaceMaker maker = open_maker(settings.common, settings, engine);
  const int full = maker.config().size;
  const int side = side_of(settings, maker.config());
  for (const Job& job : jobs) {
    if (maker.config().structure_maps && !job.latent.empty() &&
        job.latent.extension() != ".safetensors") {
      fail(
          "{}: the codes of this model need a .safetensors file: it has "
          "structure maps",
          job.latent.string());
    }
  }
  Generating generating(settings, jobs, outputs, std::move(maker));
  const size_t failures = generating.run();
  generating.write_sheet();
  generating.report_all();
  if (!settings.common.quiet) {
    const std::string what =
        side == full ? fmt::format("{0} x {0}", side)
                     : fmt::format(
                           "preview of {0} x {0}, the full picture has {1} x "
                           "{1}",
                           side, full);
    if (jobs.size() == 1) {
      say("{} ({})\n", shown(jobs.front().picture), what);
    } else {
      say("{} of {} faces written ({})\n", jobs.size() - failures, jobs.size(),
          what);
    }
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace

Command generate_command() {
  auto settings = std::make_shared<Settings>();
  Command command;
  command.name = "generate";
  command.summary = "Makes faces from drawings and a photo or random looks";
  command.details = {
      "DRAWING is a label image (a PNG whose pixel values 0 to 22 are stroke "
      "classes), SVG, limner's JSON, Quick, Draw! ndjson, a picture of lines "
      "(a scan, a photo of paper, a screenshot), or a folder of them, searched "
      "through. Label images are taken as they are. Strokes of the others get "
      "the classes that they lack from the labeler, and the face is moved and "
      "scaled to where the network expects it.",
      "Drawings and a folder of photos are paired by name; a file without a "
      "partner is named and left out. A single photo serves every drawing. "
      "Faces of a folder are made side by side, each on one thread. Any "
      "photo of a face will do: the face is found and aligned (see `limner "
      "align`).",
      "  limner generate drawing.png --appearance photo.jpg -o face.png",
      "  limner generate drawing.svg --random 7 -o face.png",
      "  limner generate drawings/ --appearance photos/ -o faces/ --sheet "
      "all.png",
      "  limner generate drawing.png --random 7 --save-latent "
      "face.safetensors",
      "  limner generate --from-latent face.safetensors -o face.webp",
  };
  command.options = {
      path("DRAWING", "", &settings->drawing, "a drawing, or a folder of them"),
      model_option("-m,--model", &settings->common),
      path("-a,--appearance", "PHOTO", &settings->appearance,
           "a photo (PNG, JPEG, HEIC, ...), or a folder of them, whose looks "
           "the "
           "faces get"),
      maybe_whole("--random", "SEED", &settings->random, 0, kMaxSeed,
                  "draw the looks at random (as training photos have them, if "
                  "the model knows); the same seed gives the same looks for "
                  "every drawing and on any machine"),
      defaulting(path("-o,--out", "OUT", &settings->out,
                      "picture to write (.png .jpg .jpeg .webp), or a folder; "
                      "folders of drawings keep their subfolders"),
                 "NAME-face.png or FOLDER-faces"),
      choice("--format", &settings->format, {"png", "jpeg", "webp"},
             "format of pictures that are written to a folder"),
      whole("--quality", "N", &settings->quality, 1, 100,
            "quality of JPEG and WebP; 100 makes WebP lossless"),
      defaulting(
          powers_of_two(whole(
              "--preview", "SIDE", &settings->preview, 8, 1024,
              "stop at SIDE pixels, usually 256 or 512: a quick preview")),
          "the full picture"),
      faithful_fit_option(&settings->faithful),
      bald_option(&settings->bald),
      path("--sheet", "FILE", &settings->sheet,
           "also write one picture with every drawing, photo and face side by "
           "side (of the first 60)"),
      path("--save-latent", "FILE", &settings->save_latent,
           "also save the style codes: a file ending in .pt or .safetensors, "
           "or a folder that gets NAME.safetensors"),
      path("--from-latent", "FILE", &settings->from_latent,
           "render saved style codes instead of a drawing"),
      labeler_option(&settings->labeler),
      shapes_option(&settings->shapes),
      parser_option(&settings->align.parser),
      no_align_option(&settings->align.off),
      face_option(&settings->align.face),
      flag("--no-frame", &settings->no_frame,
           "leave strokes where they are drawn: the side of the drawing is "
           "that of the picture"),
      flag("--turn", &settings->turn,
           "also turn the face upright, by up to 30 degrees"),
      index_option(&settings->index),
      as_option(&settings->as),
  };
  add_common(command, &settings->common);
  command.run = [settings] { return generate(*settings); };
  return command;
}

}  // namespace limner::app
