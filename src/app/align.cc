// limner align: photos -> their faces, cut out as FFHQ's.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/batch.h"
#include "app/commands.h"
#include "app/console.h"
#include "app/face_options.h"
#include "app/inputs.h"
#include "app/outputs.h"
#include "app/reports.h"
#include "image/codec.h"
#include "pipeline/notes.h"
#include "util/naming.h"

namespace limner::app {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMaxAlignedSide = 4096;

struct Settings {
  fs::path photo;
  fs::path out;
  fs::path parser;
  std::string face;
  std::string format = "png";
  int64_t side = 0;
  int64_t quality = 95;
  bool exact = false;
  bool print = false;
  bool json = false;
  bool quiet = false;
};

std::vector<FileJob> plan_jobs(const Settings& settings, Outputs& outputs) {
  // Of each pair, the sketch is the photo.
  std::vector<FileJob> jobs = file_jobs(settings.photo, {}, outputs);
  if (!settings.parser.empty()) outputs.protect(settings.parser);
  if (settings.print) return jobs;
  const Target target =
      target_for(settings.out, settings.photo, jobs.front().pair.name,
                 {"aligned", "aligned", picture_ending(settings.format)});
  for (FileJob& job : jobs) {
    job.out = target.file(job.pair.name);
    format_for(job.out);
    outputs.plan(job.out);
  }
  return jobs;
}

nlohmann::json to_json(Place place) { return {place.x, place.y}; }

nlohmann::json to_json(const FoundFace& face) {
  return {{"centre", to_json(face.frame.centre)},
          {"side", face.frame.side},
          {"angle", face.frame.angle},
          {"left_eye", to_json(face.points.left_eye)},
          {"right_eye", to_json(face.points.right_eye)},
          {"mouth", to_json(face.points.mouth)},
          {"score", face.score}};
}

// What was cut out: the whole photo when it was kept.
FaceFrame cut_of(const Image& photo, const Alignment& alignment) {
  return alignment.kept ? whole_frame(photo) : alignment.face().frame;
}

// From pixels of the photo to those of the cut-out: two rows [a, b, c] of
// x' = a x + b y + c.
nlohmann::json transform_of(const FaceFrame& frame, int side) {
  const auto image = [&](Place place) {
    const Place at = to_frame(frame, place);
    return Place{at.x * side, at.y * side};
  };
  const Place zero = image({0, 0});
  const Place x = image({1, 0});
  const Place y = image({0, 1});
  return {{x.x - zero.x, y.x - zero.x, zero.x},
          {x.y - zero.y, y.y - zero.y, zero.y}};
}

nlohmann::json to_json(const Settings& settings, const FileJob& job,
                       const Image& photo, const Alignment& alignment,
                       int side) {
  nlohmann::json out = {{"photo", job.pair.sketch.string()},
                        {"size", {photo.width, photo.height}},
                        {"faces", nlohmann::json::array()}};
  for (const FoundFace& face : alignment.faces) {
    out["faces"].push_back(to_json(face));
  }
  if (settings.print) return out;
  out["chosen"] = alignment.chosen + 1;
  out["kept"] = alignment.kept;
  out["out"] = job.out.string();
  out["out_side"] = side;
  out["transform"] = transform_of(cut_of(photo, alignment), side);
  return out;
}

// The faces of a photo, a line each.
std::string faces_text(const FileJob& job, const Alignment& alignment) {
  const std::string name = job.pair.sketch.string();
  if (alignment.faces.empty()) return fmt::format("{}: no face\n", name);
  std::string text;
  for (size_t i = 0; i < alignment.faces.size(); ++i) {
    text += fmt::format("{}: {}: {}{}\n", name, i + 1,
                        face_text(alignment.faces[i]),
                        alignment.kept ? ", which is aligned" : "");
  }
  return text;
}

class Aligning {
 public:
  Aligning(const Settings& settings, const std::vector<FileJob>& jobs,
           Outputs& outputs)
      : settings_(settings),
        jobs_(jobs),
        outputs_(outputs),
        face_(face_choice(settings.face)),
        makers_(makers_for(workers_for(jobs.size()), maker_of(settings))),
        reports_(jobs.size()) {}

  // Returns how many photos failed.
  size_t run() {
    const bool bar = !settings_.quiet && !settings_.json && !settings_.print;
    const BatchResult result =
        run_batch({jobs_.size(), "align", !bar}, makers_.size(),
                  [&](BatchItem& item) { align_one(item); });
    report(result.told, settings_.quiet || settings_.json);
    return result.failures;
  }

  // With --json, of each photo that did not fail; null of others.
  const std::vector<nlohmann::json>& reports() const { return reports_; }

 private:
  static FaceMaker maker_of(const Settings& settings) {
    FaceMakerOptions networks;
    networks.parser = settings.parser;
    FaceMaker maker(networks);
    maker.finder();  // one that cannot be opened ends all
    return maker;
  }

  void align_one(BatchItem& item) {
    const FileJob& job = jobs_[item.index];
    FaceMaker& maker = makers_[item.worker];
    PhotoOptions as_it_is;
    as_it_is.align = false;
    const AlignedPhoto read = maker.photo(job.pair.sketch, as_it_is);
    item.told.add(job.pair.sketch, read);
    const Image& photo = read.image;
    Alignment alignment = align(maker.finder(), photo, face_);
    int side = 0;
    if (settings_.exact) alignment.kept = false;
    if (!settings_.print) {
      const Image picture = naming(job.pair.sketch.string(), [&] {
        return aligned_photo(photo, alignment,
                             static_cast<int>(settings_.side));
      });
      side = picture.width;
      outputs_.prepare(job.out);
      write_image(job.out, picture, static_cast<int>(settings_.quality));
    }
    if (settings_.json) {
      reports_[item.index] = to_json(settings_, job, photo, alignment, side);
    } else if (settings_.quiet) {
      return;
    } else if (settings_.print) {
      item.told.text = faces_text(job, alignment);
    } else if (jobs_.size() == 1) {
      item.told.text = fmt::format(
          "{} ({} x {}): {}{}\n", shown(job.out), side, side,
          face_text(alignment.face()),
          alignment.kept ? ", which is aligned: the photo as it is" : "");
    }
  }

  const Settings& settings_;
  const std::vector<FileJob>& jobs_;
  Outputs& outputs_;
  const int face_;
  std::vector<FaceMaker> makers_;
  std::vector<nlohmann::json> reports_;
};

int align_all(const Settings& settings) {
  if (settings.json && settings.quiet) {
    throw UsageError("give --json or --quiet, not both");
  }
  if (settings.print && !settings.out.empty()) {
    throw UsageError("--print writes no picture: give it or --out, not both");
  }
  if (settings.parser.empty()) {
    throw UsageError("no parser given: name its file, or set LIMNER_PARSER");
  }
  Outputs outputs;
  const std::vector<FileJob> jobs = plan_jobs(settings, outputs);
  Aligning aligning(settings, jobs, outputs);
  const size_t failures = aligning.run();
  if (settings.json) {
    print_reports(aligning.reports(), fs::is_directory(settings.photo));
  } else if (jobs.size() > 1 && !settings.quiet && !settings.print) {
    say("{} of {} faces written\n", jobs.size() - failures, jobs.size());
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace

Command align_command() {
  auto settings = std::make_shared<Settings>();
  Settings* s = settings.get();
  Command command;
  command.name = "align";
  command.summary = "Finds the face in a photo and cuts it out, upright";
  command.details = {
      "PHOTO is any photo, or a folder of them. The face has to be upright "
      "within about 30 degrees, and its square at least a tenth of the photo's "
      "longer side. What is cut out is the square of the FFHQ data set: eyes a "
      "little above the middle, the face filling it. A square photo whose face "
      "lies so already, within 10 % in size, 5 % in place and 6 degrees, is "
      "written as it is.",
      "A photo without a face, or with several and no --face, is an error that "
      "says so. Faces of less than 0.4 of the largest one's size count as "
      "background.",
      "  limner align photo.jpg -o face.png",
      "  limner align party.jpg --print",
      "  limner align party.jpg --face 2",
  };
  command.options = {
      needed(path("PHOTO", "", &s->photo,
                  "a photo (PNG, JPEG, HEIC, ...), or a folder of them")),
      defaulting(path("-o,--out", "OUT", &s->out,
                      "picture to write (.png .jpg .jpeg .webp), or a folder; "
                      "folders of photos keep their subfolders"),
                 "NAME-aligned.png or FOLDER-aligned"),
      face_option(&s->face),
      defaulting(whole("--side", "N", &s->side, 0, kMaxAlignedSide,
                       "side of the picture; 0: that of the face's square in "
                       "the photo, at most 1024"),
                 "0"),
      flag("--exact", &s->exact, "cut out also a face that is aligned already"),
      flag("--print", &s->print,
           "print the faces that are found, the largest first, and write no "
           "picture"),
      flag("--json", &s->json,
           "print faces, places of eyes and mouth, and the transform from the "
           "photo to the picture as JSON"),
      parser_option(&s->parser),
      choice("--format", &s->format, {"png", "jpeg", "webp"},
             "format of pictures that are written to a folder or to a name "
             "that is not given"),
      whole("--quality", "N", &s->quality, 1, 100,
            "quality of JPEG and WebP; 100 makes WebP lossless"),
      flag("--quiet", &s->quiet, "print nothing but errors"),
  };
  command.run = [settings] { return align_all(*settings); };
  return command;
}

}  // namespace limner::app
