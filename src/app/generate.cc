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
#include "app/faces.h"
#include "app/outputs.h"
#include "app/strokes.h"
#include "image/codec.h"
#include "sketch/classes.h"
#include "sketch/drawing_limits.h"
#include "sketch/rasterize.h"
#include "util/error.h"
#include "util/files.h"

namespace limner::app {
namespace {

namespace fs = std::filesystem;

struct Settings {
  Common common;
  fs::path drawing;
  fs::path appearance;
  std::optional<int64_t> random;
  fs::path out;
  std::string format = "png";
  int64_t quality = 95;
  int64_t preview = 0;
  double faithful = 1.0;
  fs::path sheet;
  fs::path save_latent;
  fs::path from_latent;
  fs::path labeler;
  AlignSettings align;
  int64_t index = 0;
  std::string as = "content";
  bool no_frame = false;
  bool turn = false;
};

// Doubtful strokes that are named; `limner label` names all.
constexpr size_t kMostDoubts = 5;
constexpr int kSheetTile = 256;   // least side of a sheet's pictures
constexpr int kSheetColumns = 2;  // faces in a row of it
constexpr size_t kMostSheetFaces = 60;

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
    if (settings.faithful != 1) {
      throw UsageError("--faithful is for drawings, not for --from-latent");
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

std::string ending_of(const std::string& format) {
  return format == "jpeg" ? ".jpg" : "." + format;
}

// The file for a single result that was asked to go to `target`.
fs::path single_target(const fs::path& target, const std::string& name,
                       const std::string& ending) {
  return names_folder(target) ? named(target, name, ending) : target;
}

std::vector<Job> plan_jobs(const Settings& settings, Outputs& outputs) {
  const bool from_latent = !settings.from_latent.empty();
  const std::string ending = ending_of(settings.format);
  std::vector<Job> jobs;
  if (from_latent) {
    jobs.push_back({{settings.from_latent.stem().string(), {}, {}}, {}, {}});
    outputs.protect(settings.from_latent);
  } else {
    for (Pair& pair : paired(settings.drawing, settings.appearance,
                             SketchFiles::kDrawings)) {
      outputs.protect(pair.sketch);
      if (!pair.photo.empty()) outputs.protect(pair.photo);
      jobs.push_back({std::move(pair), {}, {}});
    }
  }
  outputs.protect(settings.common.model);
  if (!settings.labeler.empty()) outputs.protect(settings.labeler);
  if (!settings.align.parser.empty()) outputs.protect(settings.align.parser);

  const bool many = !from_latent && fs::is_directory(settings.drawing);
  fs::path out = settings.out;
  if (out.empty()) {
    out = many ? folder_name(settings.drawing) + "-faces"
               : jobs.front().pair.name + "-face" + ending;
  }
  for (Job& job : jobs) {
    job.picture = many ? named(out, job.pair.name, ending)
                       : single_target(out, job.pair.name, ending);
    format_for(job.picture);
    outputs.plan(job.picture);
    if (settings.save_latent.empty()) continue;
    job.latent =
        many ? named(settings.save_latent, job.pair.name, ".safetensors")
             : single_target(settings.save_latent, job.pair.name,
                             ".safetensors");
    check_latent_path(job.latent);
    outputs.plan(job.latent);
  }
  if (!settings.sheet.empty()) {
    format_for(settings.sheet);
    outputs.plan(settings.sheet);
  }
  return jobs;
}

// What was done to a drawing on the way, a line each.
std::vector<std::string> notes_on(const PreparedDrawing& prepared) {
  std::vector<std::string> notes;
  if (prepared.moved) {
    notes.push_back(
        framing_text(prepared.framing, prepared.labelled.drawing.side));
  }
  const std::vector<int>& doubtful = prepared.labelled.doubtful;
  for (size_t i = 0; i < std::min(doubtful.size(), kMostDoubts); ++i) {
    notes.push_back("doubtful: " +
                    doubt_text(prepared.labelled.drawing, doubtful[i]));
  }
  if (doubtful.size() > kMostDoubts) {
    notes.push_back(
        fmt::format("{} more are doubtful: `limner label` names "
                    "all",
                    doubtful.size() - kMostDoubts));
  }
  return notes;
}

// The label image of a drawing in any file. PNGs of labels are taken as they
// are; `notes` gets what was done to others.
Image labels_of(const Settings& settings, const fs::path& file,
                const Faces& faces, LazyLabeler& labeler,
                std::vector<std::string>& notes) {
  const std::string name = file.string();
  ReadOptions read;
  read.index = settings.index;
  read.png = png_kind(settings.as);
  if (read.png == PngKind::kLabels ||
      (read.png == PngKind::kByContent &&
       holds_labels(read_file(file, kMaxDrawingFile), name))) {
    return faces.labels(file);
  }
  const OpenedDrawing opened = open_drawing(file, read);
  const Drawing& drawing = opened.drawing;
  for (const std::string& note : opened.notes) {
    notes.push_back(fmt::format("{}: {}", name, note));
  }
  const StrokeLabeler* network = labeler.for_drawing(drawing, true);
  return naming(file, [&] {
    PrepareOptions options;
    options.frame = !settings.no_frame;
    options.allow_rotation = settings.turn;
    const PreparedDrawing prepared = prepare_drawing(drawing, network, options);
    for (const std::string& note : notes_on(prepared)) {
      notes.push_back(fmt::format("{}: {}", name, note));
    }
    return rasterize(prepared.drawing, kDrawnSide, kDrawnWidth);
  });
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

// Looks that serve all drawings.
struct SharedLooks {
  AppearanceCodes codes;
  Image photo;  // no pixels: drawn at random
};

// What one thread works with.
struct Worker {
  Worker(const Settings& settings, Engine engine)
      : photos(settings.align),
        faces(std::move(engine),
              [this](const fs::path& photo) { return photos.read(photo); }),
        labeler(settings.labeler) {}

  AlignedPhotos photos;
  Faces faces;
  LazyLabeler labeler;
};

// What is left to say of a face.
struct Made {
  PhotoNotes photos;
  std::vector<std::string> notes;
};

class Generating {
 public:
  Generating(const Settings& settings, const std::vector<Job>& jobs,
             Outputs& outputs, Engine engine)
      : settings_(settings),
        jobs_(jobs),
        outputs_(outputs),
        made_(jobs.size()) {
    const size_t workers = workers_for(jobs.size());
    for (size_t w = 1; w < workers; ++w) {
      workers_.push_back(std::make_unique<Worker>(settings, engine.sharing()));
    }
    workers_.push_back(std::make_unique<Worker>(settings, std::move(engine)));
    find_shared_looks();
  }

  // Returns how many faces could not be made.
  size_t run() {
    return run_batch_on(
        workers_.size(), jobs_.size(), "faces", settings_.common.quiet,
        [&](size_t worker, size_t i) { make(*workers_[worker], i); });
  }

  void write_sheet() {
    std::vector<Image> groups;
    for (auto& [job, group] : sheet_) groups.push_back(std::move(group));
    if (groups.empty()) return;
    outputs_.prepare(settings_.sheet);
    write_image(settings_.sheet, grid_of(groups, kSheetColumns),
                static_cast<int>(settings_.quality));
  }

  void report_all() {
    const bool quiet = settings_.common.quiet;
    report(shared_notes_, quiet);
    for (const Made& made : made_) report(made.photos, quiet);
    if (quiet) return;
    for (const Made& made : made_) {
      for (const std::string& note : made.notes) say("{}\n", note);
    }
  }

 private:
  // A photo that serves all drawings is read once, and fails once.
  void find_shared_looks() {
    Worker& worker = *workers_.front();
    if (settings_.random) {
      shared_.emplace();
      shared_->codes =
          worker.faces.random(static_cast<uint64_t>(*settings_.random));
    } else if (!settings_.appearance.empty() &&
               !fs::is_directory(settings_.appearance)) {
      shared_.emplace();
      shared_->codes = worker.faces.photo(jobs_.front().pair.photo);
      shared_->photo = worker.faces.picture(jobs_.front().pair.photo);
      shared_notes_ = worker.photos.take_notes();
    }
  }

  // `labels` gets the drawing.
  FaceCodes codes_of(Worker& worker, const Job& job, Made& made,
                     Image& labels) {
    if (!settings_.from_latent.empty()) {
      return saved_codes(settings_.from_latent, worker.faces.config());
    }
    labels = labels_of(settings_, job.pair.sketch, worker.faces, worker.labeler,
                       made.notes);
    Engine& engine = worker.faces.engine();
    const SketchCodes sketch =
        engine.embed_sketch(labels, static_cast<float>(settings_.faithful));
    return engine.combine(
        sketch, shared_ ? shared_->codes : worker.faces.photo(job.pair.photo));
  }

  void make(Worker& worker, size_t i) {
    const Job& job = jobs_[i];
    Made& made = made_[i];
    Image labels;
    const FaceCodes codes = codes_of(worker, job, made, labels);
    made.photos = worker.photos.take_notes();
    const Image face = worker.faces.engine().render(
        codes, static_cast<int>(settings_.preview));
    const auto quality = static_cast<int>(settings_.quality);
    {
      const std::lock_guard lock(mutex_);
      outputs_.prepare(job.picture);
      if (!job.latent.empty()) outputs_.prepare(job.latent);
    }
    write_image(job.picture, face, quality);
    if (!job.latent.empty()) write_latent(job.latent, codes);
    if (!settings_.sheet.empty()) add_to_sheet(worker, i, labels, face);
  }

  void add_to_sheet(Worker& worker, size_t i, const Image& labels,
                    const Image& face) {
    const Job& job = jobs_[i];
    const int side = std::max(face.width, kSheetTile);
    std::vector<Image> group;
    if (!labels.pixels.empty()) {
      group.push_back(square(colour_map(labels), side));
    }
    if (!job.pair.photo.empty()) {
      group.push_back(square(
          shared_ ? shared_->photo : worker.faces.picture(job.pair.photo),
          side));
    }
    group.push_back(square(face, side));
    Image joined = side_by_side(group);
    const std::lock_guard lock(mutex_);
    sheet_.emplace(i, std::move(joined));
    // The first ones, however they come.
    if (sheet_.size() > kMostSheetFaces) sheet_.erase(std::prev(sheet_.end()));
  }

  const Settings& settings_;
  const std::vector<Job>& jobs_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::optional<SharedLooks> shared_;
  PhotoNotes shared_notes_;
  std::mutex mutex_;  // of the three below while workers run
  Outputs& outputs_;
  std::map<size_t, Image> sheet_;  // what it shows, by job
  std::vector<Made> made_;
};

int generate(const Settings& settings) {
  check_usage(settings);
  face_choice(settings.align.face);
  Outputs outputs;
  const std::vector<Job> jobs = plan_jobs(settings, outputs);

  EngineOptions parts;
  parts.sketch_encoders = settings.from_latent.empty();
  parts.photo_encoder = !settings.appearance.empty();
  Engine engine = open_engine(settings.common, parts);
  const int full = engine.config().size;
  for (const Job& job : jobs) {
    if (engine.config().structure_maps && !job.latent.empty() &&
        job.latent.extension() != ".safetensors") {
      fail(
          "{}: the codes of this model need a .safetensors file: it has "
          "structure maps",
          job.latent.string());
    }
  }
  if (settings.preview > full) {
    fail("--preview {} is larger than the model's pictures of {} px",
         settings.preview, full);
  }
  tell_faithful(settings.faithful, engine.config(), settings.common.quiet);
  Generating generating(settings, jobs, outputs, std::move(engine));
  const size_t failures = generating.run();
  generating.write_sheet();
  generating.report_all();
  if (!settings.common.quiet) {
    const int side =
        settings.preview == 0 ? full : static_cast<int>(settings.preview);
    const std::string what =
        settings.preview == 0 || side == full
            ? fmt::format("{0} x {0}", side)
            : fmt::format(
                  "preview of {0} x {0}, the full picture has {1} x "
                  "{1}",
                  side, full);
    if (jobs.size() == 1) {
      say("{} ({})\n", jobs.front().picture.string(), what);
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
           "a photo (PNG, JPEG or WebP), or a folder of them, whose looks the "
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
      faithful_option(&settings->faithful),
      path("--sheet", "FILE", &settings->sheet,
           "also write one picture with every drawing, photo and face side by "
           "side (of the first 60)"),
      path("--save-latent", "FILE", &settings->save_latent,
           "also save the style codes: a file ending in .pt or .safetensors, "
           "or a folder that gets NAME.safetensors"),
      path("--from-latent", "FILE", &settings->from_latent,
           "render saved style codes instead of a drawing"),
      labeler_option(&settings->labeler),
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
