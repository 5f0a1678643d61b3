// limner sketch: masks of a face's parts, photos, or both -> drawings.
#include <memory>
#include <utility>
#include <vector>

#include "app/batch.h"
#include "app/commands.h"
#include "app/console.h"
#include "app/face_options.h"
#include "app/inputs.h"
#include "app/outputs.h"
#include "image/codec.h"
#include "sketch/drawing_file.h"
#include "sketch/labels.h"
#include "sketch/mask_sketch.h"
#include "util/error.h"
#include "util/files.h"
#include "util/naming.h"

namespace limner::app {
namespace {

namespace fs = std::filesystem;

struct Settings {
  fs::path mask;
  fs::path photo;
  AlignSettings align;
  fs::path out;
  std::string format = "svg";
  double detail = 0.5;
  int64_t width = 2;
  bool quiet = false;
};

std::vector<FileJob> plan_jobs(const Settings& settings, Outputs& outputs) {
  const bool many = fs::is_directory(settings.mask);
  if (!many && !settings.photo.empty() && fs::is_directory(settings.photo)) {
    throw UsageError("a single MASK takes a single --photo, not a folder");
  }
  if (many && !settings.photo.empty() && !fs::is_directory(settings.photo)) {
    throw UsageError("a folder of masks takes a folder of photos");
  }
  std::vector<FileJob> jobs = file_jobs(settings.mask, settings.photo, outputs);
  const Target target =
      target_for(settings.out, settings.mask, jobs.front().pair.name,
                 {"sketch", "sketches", "." + settings.format});
  for (FileJob& job : jobs) {
    job.out = target.file(job.pair.name);
    check_drawing_path(job.out);
    outputs.plan(job.out);
  }
  return jobs;
}

// Whether a file is a picture that can be read.
bool is_picture(Bytes file) {
  try {
    decode_rgb(file, "");
    return true;
  } catch (const Error&) {
    return false;
  }
}

// What is drawn from: a mask and perhaps a photo of the same frame.
struct Source {
  Image mask;
  Image photo;  // no pixels: none
};

// Reads a mask, or a photo whose mask the parser finds.
Source read_source(const Settings& settings, const FileJob& job,
                   FaceMaker& maker, Told& told) {
  // A pipe can be read once.
  const fs::path& path = job.pair.sketch;
  const std::string name = path.string();
  const std::vector<unsigned char> file = read_file(path, kMaxPictureFile);
  Source source;
  PhotoOptions options = photo_options(settings.align);
  if (!job.pair.photo.empty()) {
    options.align = false;
    source.photo = maker.photo(job.pair.photo, options).image;
  }
  try {
    source.mask = decode_indices(file, name);
    check_labels(source.mask, kMaskLabels - 1, name);
    return source;
  } catch (const Error& error) {
    if (!is_picture(file)) throw;
    if (!maker.has_parser() || !settings.photo.empty()) {
      fail(
          "{}: is no mask of a face's parts (a PNG of numbers 0 to {}): {}; to "
          "draw a photo alone name a face parser with --parser FILE (or "
          "LIMNER_PARSER)",
          printable(name), kMaskLabels - 1,
          unnamed_message(name, error.what()));
    }
  }
  PhotoParser& parser = maker.parser();
  options.lenient = true;
  AlignedPhoto photo = maker.photo(file, name, options);
  told.add(path, photo);
  source.photo = std::move(photo.image);
  source.mask = naming(name, [&] { return parser.parse(source.photo); });
  return source;
}

Drawing sketch(const Settings& settings, const FileJob& job, FaceMaker& maker,
               Told& told) {
  SketchOptions options;
  options.detail = static_cast<float>(settings.detail);
  const Source source = read_source(settings, job, maker, told);
  const Image* photo = source.photo.pixels.empty() ? nullptr : &source.photo;
  const std::string name = job.pair.sketch.string();
  Drawing drawing =
      naming(name, [&] { return sketch_of(source.mask, photo, options); });
  if (drawing.strokes.empty()) {
    fail("{}: the mask has no borders to draw: it is one region",
         printable(name));
  }
  return drawing;
}

int sketch_all(const Settings& settings) {
  photo_options(settings.align);
  Outputs outputs;
  const std::vector<FileJob> jobs = plan_jobs(settings, outputs);
  WriteOptions options;
  options.width = static_cast<int>(settings.width);
  FaceMakerOptions networks;
  networks.parser = settings.align.parser;
  std::vector<FaceMaker> makers =
      makers_for(workers_for(jobs.size()), FaceMaker(networks));
  std::vector<size_t> strokes(jobs.size());
  const auto body = [&](BatchItem& item) {
    const FileJob& job = jobs[item.index];
    const Drawing drawing =
        sketch(settings, job, makers[item.worker], item.told);
    outputs.prepare(job.out);
    write_drawing(job.out, drawing, options);
    strokes[item.index] = drawing.strokes.size();
  };
  const auto [failures, told] =
      run_batch({jobs.size(), "sketch", settings.quiet}, makers.size(), body);
  report(told, settings.quiet);
  if (!settings.quiet) {
    if (jobs.size() == 1) {
      say("{}: {} strokes\n", shown(jobs.front().out), strokes.front());
    } else {
      say("{} of {} drawings written\n", jobs.size() - failures, jobs.size());
    }
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace

Command sketch_command() {
  auto settings = std::make_shared<Settings>();
  Settings* s = settings.get();
  Command command;
  command.name = "sketch";
  command.summary = "Draws a face from a mask of its parts, or from a photo";
  command.details = {
      "MASK is a PNG whose pixel values 0 to 18 are the parts of a face (the "
      "19 "
      "labels of CelebAMask-HQ, 0 is background), or a folder of them. The "
      "borders between parts become strokes with classes; a photo of the same "
      "frame adds the strongest edges inside of them. Masks and a folder of "
      "photos are paired by name. With a face parser, MASK may be a photo of a "
      "face, which is aligned first (see `limner align`).",
      "  limner sketch mask.png --photo photo.jpg -o drawing.svg",
      "  limner sketch mask.png -o drawing.png --width 2",
      "  limner sketch photo.jpg",
  };
  command.options = {
      needed(path("MASK", "", &s->mask,
                  "a mask or, with a parser, a photo; or a folder of them")),
      path("--photo", "PHOTO", &s->photo,
           "the photo (PNG, JPEG, HEIC, ...) that the mask is of, or a folder"),
      parser_option(&s->align.parser),
      no_align_option(&s->align.off),
      face_option(&s->align.face),
      defaulting(path("-o,--out", "OUT", &s->out,
                      "drawing to write (.svg .json .ndjson .png), or a "
                      "folder; folders of masks keep their subfolders"),
                 "NAME-sketch.svg or FOLDER-sketches"),
      choice("--format", &s->format, {"svg", "json", "ndjson", "png"},
             "format of drawings that are written to a folder or to a name "
             "that is not given"),
      real("--detail", "D", &s->detail, 0.0, 1.0,
           "0: borders of parts alone; 1: many edges of the photo"),
      whole("--width", "N", &s->width, 1, 16,
            "width of lines in a PNG, which has 512 x 512 pixels"),
      flag("--quiet", &s->quiet, "print nothing but errors"),
  };
  command.run = [settings] { return sketch_all(*settings); };
  return command;
}

}  // namespace limner::app
