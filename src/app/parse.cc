// limner parse: photos -> masks of a face's parts.
#include <memory>

#include "app/batch.h"
#include "app/commands.h"
#include "app/console.h"
#include "app/face_options.h"
#include "app/inputs.h"
#include "app/outputs.h"
#include "image/codec.h"
#include "image/resize.h"
#include "util/naming.h"

namespace limner::app {
namespace {

namespace fs = std::filesystem;

struct Settings {
  fs::path photo;
  fs::path out;
  AlignSettings align;
  int64_t side = 0;
  bool quiet = false;
};

std::vector<FileJob> plan_jobs(const Settings& settings, Outputs& outputs) {
  // Of each pair, the sketch is the photo.
  std::vector<FileJob> jobs = file_jobs(settings.photo, {}, outputs);
  if (!settings.align.parser.empty()) outputs.protect(settings.align.parser);
  const Target target =
      target_for(settings.out, settings.photo, jobs.front().pair.name,
                 {"mask", "masks", ".png"});
  for (FileJob& job : jobs) {
    job.out = target.file(job.pair.name);
    if (format_for(job.out) != ImageFormat::kPng) {
      fail("{}: a mask must end in .png", printable(job.out.string()));
    }
    outputs.plan(job.out);
  }
  return jobs;
}

int parse_all(const Settings& settings) {
  if (settings.align.parser.empty()) {
    throw UsageError("no parser given: name its file, or set LIMNER_PARSER");
  }
  PhotoOptions options = photo_options(settings.align);
  options.lenient = true;
  Outputs outputs;
  const std::vector<FileJob> jobs = plan_jobs(settings, outputs);
  FaceMakerOptions networks;
  networks.parser = settings.align.parser;
  std::vector<FaceMaker> makers =
      makers_for(workers_for(jobs.size()), FaceMaker(networks));
  makers.front().parser();  // one that cannot be opened ends all
  const auto side = static_cast<int>(settings.side);
  const auto body = [&](BatchItem& item) {
    const FileJob& job = jobs[item.index];
    FaceMaker& maker = makers[item.worker];
    const fs::path& file = job.pair.sketch;
    const AlignedPhoto photo = maker.photo(file, options);
    item.told.add(file, photo);
    Image mask = naming(file.string(),
                        [&] { return maker.parser().parse(photo.image); });
    if (side > 0) mask = resize(mask, side, side, Filter::kNearest);
    outputs.prepare(job.out);
    write_image(job.out, mask);
  };
  const auto [failures, told] =
      run_batch({jobs.size(), "parse", settings.quiet}, makers.size(), body);
  report(told, settings.quiet);
  if (!settings.quiet) {
    if (jobs.size() == 1) {
      say("{}\n", shown(jobs.front().out));
    } else {
      say("{} of {} masks written\n", jobs.size() - failures, jobs.size());
    }
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace

Command parse_command() {
  auto settings = std::make_shared<Settings>();
  Settings* s = settings.get();
  Command command;
  command.name = "parse";
  command.summary = "Tells the parts of a face in a photo";
  command.details = {
      "PHOTO is a photo of a face, or a folder of them. Writes a PNG whose "
      "pixel "
      "values are the 19 labels of CelebAMask-HQ (0 is background), as `limner "
      "sketch` reads it. Of a photo that is not aligned the mask shows what "
      "`limner align` cuts out; to have both, align the photo first.",
      "  limner parse photo.jpg -o mask.png",
  };
  command.options = {
      needed(path("PHOTO", "", &s->photo,
                  "a photo (PNG, JPEG, HEIC, ...), or a folder of them")),
      defaulting(path("-o,--out", "OUT", &s->out, "mask to write, or a folder"),
                 "NAME-mask.png or FOLDER-masks"),
      parser_option(&s->align.parser),
      no_align_option(&s->align.off),
      face_option(&s->align.face),
      defaulting(whole("--side", "N", &s->side, 0, 4096,
                       "side of the mask, taken from the nearest pixels; 0: "
                       "what the parser reads"),
                 "0"),
      flag("--quiet", &s->quiet, "print nothing but errors"),
  };
  command.run = [settings] { return parse_all(*settings); };
  return command;
}

}  // namespace limner::app
