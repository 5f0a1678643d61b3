// limner eval: a folder of results against a folder of photos.
#include <algorithm>
#include <memory>
#include <utility>

#include "app/eval.h"
#include "app/inputs.h"
#include "app/outputs.h"
#include "data/dataset.h"
#include "image/codec.h"
#include "sketch/labels.h"
#include "util/error.h"
#include "util/naming.h"
#include "util/progress.h"

namespace limner::app {
namespace {

namespace fs = std::filesystem;

void check_folder(const fs::path& folder, const char* option) {
  if (fs::is_directory(folder)) return;
  fail("{}: {} is no folder", option, printable(folder.string()));
}

Image read_square(const fs::path& file) {
  Image picture = read_rgb(file);
  if (picture.width != picture.height) {
    fail("{}: is {}x{} pixels; pictures of faces must be square",
         printable(file.string()), picture.width, picture.height);
  }
  return picture;
}

class FolderRun {
 public:
  FolderRun(const EvalSettings& settings, Judges& judges)
      : settings_(settings), judges_(judges) {
    check_folder(settings.results, "--results");
    check_folder(settings.references, "--references");
    if (!settings.masks.empty()) check_folder(settings.masks, "--masks");
    std::vector<Pair> pairs = paired(settings.results, settings.references);
    const auto size = static_cast<int>(pairs.size());
    for (const int i :
         some_of(size, settings.limit.value_or(size), settings.seed, "faces")) {
      pairs_.push_back(std::move(pairs[i]));
    }
  }

  Evaluation measure() {
    Evaluation out;
    out.has_masks = !settings_.masks.empty();
    ResultSet set;
    set.name = "results";
    std::unique_ptr<Progress> progress;
    if (!settings_.common.quiet) {
      progress = std::make_unique<Progress>(
          "results", static_cast<int64_t>(pairs_.size()));
    }
    for (const Pair& pair : pairs_) {
      const Image result = read_square(pair.sketch);
      const Image photo = read_square(pair.photo);
      const Image small = reduced(photo, result.width);
      out.side = std::max(out.side, result.width);
      Seen reference = look_at(judges_, small);
      const Image mask = mask_of(pair);
      if (out.has_masks) {
        out.at_side.add(mask, reference.parts);
        out.full.add(mask, small.width == photo.width
                               ? reference.parts
                               : judges_.parser.label(photo));
      }
      const int index = static_cast<int>(out.photos.size());
      out.photo_names.push_back(pair.name);
      out.photos.push_back(std::move(reference.appearance));
      out.reference_features.add(reference);
      Score& score =
          add_result(pair.name, look_at(judges_, result), index,
                     {out.has_masks ? &mask : nullptr, &reference.parts}, set);
      naming(pair.sketch.string(),
             [&] { compare_pictures(judges_, result, photo, score); });
      if (progress) progress->advance();
    }
    out.sets.push_back(std::move(set));
    out.about = {
        {"results", settings_.results.string()},
        {"references", settings_.references.string()},
        {"faces", pairs_.size()},
        {"seed", settings_.seed},
        {"set_reference", fmt::format("the {} references", pairs_.size())},
    };
    if (out.has_masks) out.about["masks"] = settings_.masks.string();
    return out;
  }

  Shown show(size_t index) {
    const Pair& pair = pairs_.at(index);
    Shown shown;
    shown.photo = read_square(pair.photo);
    shown.result = read_square(pair.sketch);
    shown.parts = judges_.parser.label(shown.result);
    shown.mask = mask_of(pair);
    return shown;
  }

 private:
  // Without pixels when there are no masks.
  Image mask_of(const Pair& pair) const {
    if (settings_.masks.empty()) return {};
    const fs::path file = named(settings_.masks, pair.name, ".png");
    const Image mask = read_labels(file, kMaskLabels - 1);
    if (mask.width != mask.height) {
      fail("{}: is {}x{} pixels; masks of faces must be square",
           printable(file.string()), mask.width, mask.height);
    }
    return mask_for(judges_.parser, mask);
  }

  const EvalSettings settings_;
  Judges& judges_;
  std::vector<Pair> pairs_;
};

}  // namespace

Measured measure_folders(const EvalSettings& settings, Judges& judges) {
  const auto run = std::make_shared<FolderRun>(settings, judges);
  Measured measured;
  measured.evaluation = run->measure();
  measured.show = [run](size_t, size_t index) { return run->show(index); };
  return measured;
}

}  // namespace limner::app
