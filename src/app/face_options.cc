#include "app/face_options.h"

#include <charconv>
#include <limits>
#include <system_error>
#include <utility>

#include "app/console.h"
#include "util/error.h"
#include "util/parallel.h"

namespace limner::app {
namespace {

// Says that --faithful, other than 1, is nothing that this model reads.
void tell_faithful(double faithful, const ModelConfig& config, bool quiet) {
  if (faithful == 1 || config.faithfulness || quiet) return;
  say("--faithful {}: this model does not use it\n", faithful);
}

}  // namespace

Option labeler_option(std::filesystem::path* labeler) {
  return network_option("--labeler", "LIMNER_LABELER", labeler,
                        "the stroke labeler, which gives classes to strokes "
                        "that have none");
}

Option parser_option(std::filesystem::path* parser) {
  return network_option("--parser", "LIMNER_PARSER", parser,
                        "the face parser, which tells the parts of a face in a "
                        "photo");
}

Option shapes_option(std::filesystem::path* shapes) {
  Option option = network_option("--shapes", "LIMNER_SHAPES", shapes,
                                 "the face shapes that a drawing is fitted to");
  option.fallback = "LIMNER_SHAPES, or the bundled ones";
  return option;
}

Option faithful_fit_option(std::string* faithful) {
  return text("--faithful", "X|auto", faithful,
              "how closely the drawing is followed, 0 to 1: 1 as drawn, 0 as "
              "the nearest plausible face; auto: as suits how far it is from "
              "one");
}

Option bald_option(bool* bald) {
  return flag("--bald", bald,
              "add no hair: a head that is drawn without stays bald");
}

std::optional<double> faithful_number(const std::string& text) {
  if (text == "auto") return std::nullopt;
  double number = -1;
  const auto* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end || !(number >= 0) ||
      !(number <= 1)) {
    fail("--faithful must be a number from 0 to 1 or auto, got '{}'",
         printable(text));
  }
  return number;
}

Option index_option(int64_t* index) {
  return whole("--index", "N", index, 0, std::numeric_limits<int32_t>::max(),
               "which drawing of an ndjson file, counted from 0");
}

Option as_option(std::string* as) {
  return choice("--as", as, {"content", "labels", "picture"},
                "whether a PNG of few colours is a label image or a picture of "
                "lines; content: what its colours look like");
}

PngKind png_kind(const std::string& as) {
  if (as == "labels") return PngKind::kLabels;
  if (as == "picture") return PngKind::kPicture;
  return PngKind::kByContent;
}

Option no_align_option(bool* off) {
  return flag("--no-align", off,
              "take photos as they are, rather than to find the face and align "
              "it");
}

Option face_option(std::string* face) {
  return defaulting(text("--face", "N", face,
                         "which face of a photo with several: a number from 1 "
                         "(the largest), or `largest`"),
                    "the only one");
}

int face_choice(const std::string& face) {
  if (face.empty()) return kOnlyFace;
  if (face == "largest") return kLargestFace;
  int number = 0;
  const char* end = face.data() + face.size();
  const auto [stop, error] = std::from_chars(face.data(), end, number);
  if (error != std::errc() || stop != end || number < 1) {
    throw UsageError(
        fmt::format("--face must be a number from 1 or `largest`, got \"{}\"",
                    printable(face, 40)));
  }
  return number;
}

PhotoOptions photo_options(const AlignSettings& settings) {
  PhotoOptions options;
  options.align = !settings.off;
  options.face = face_choice(settings.face);
  return options;
}

DrawingOptions drawing_options(const FaceSettings& settings) {
  DrawingOptions options;
  options.faithful = faithful_number(settings.faithful);
  options.prepare.add_hair = !settings.bald;
  return options;
}

void protect_networks(const FaceSettings& settings, const Common& common,
                      Outputs& outputs) {
  outputs.protect(common.model);
  for (const std::filesystem::path* file :
       {&settings.labeler, &settings.align.parser, &settings.shapes}) {
    if (!file->empty()) outputs.protect(*file);
  }
}

Precision precision_of(const Common& common) {
  if (common.precision == "exact") return Precision::kExact;
  if (common.precision == "bf16") return Precision::kBf16;
  return Precision::kFast;
}

FaceMaker open_maker(const Common& common, FaceMakerOptions networks) {
  if (common.model.empty()) {
    throw UsageError("no model given: name its file, or set LIMNER_MODEL");
  }
  set_threads(static_cast<int>(common.threads));
  networks.model = common.model;
  networks.engine.precision = precision_of(common);
  return FaceMaker(networks);
}

FaceMaker open_maker(const Common& common, const FaceSettings& settings,
                     const EngineOptions& engine) {
  FaceMakerOptions networks;
  networks.labeler = settings.labeler;
  networks.parser = settings.align.parser;
  networks.shapes = settings.shapes;
  networks.engine = engine;
  FaceMaker maker = open_maker(common, networks);
  const int full = maker.config().size;
  if (settings.preview > full) {
    fail("--preview {} is larger than the model's pictures of {} px",
         settings.preview, full);
  }
  if (maker.shapes() == nullptr) {
    tell_faithful(faithful_number(settings.faithful).value_or(1),
                  maker.config(), common.quiet);
  }
  return maker;
}

int side_of(const FaceSettings& settings, const ModelConfig& config) {
  return settings.preview == 0 ? config.size
                               : static_cast<int>(settings.preview);
}

std::vector<FaceMaker> makers_for(size_t workers, FaceMaker first) {
  std::vector<FaceMaker> makers;
  makers.push_back(std::move(first));
  while (makers.size() < workers) makers.push_back(makers.front().sharing());
  return makers;
}

void check_mask(const std::vector<int>& mask, const ModelConfig& config,
                const std::string& option) {
  for (const int code : mask) {
    if (code >= config.styles) {
      fail("{} lists code {}, but this model has codes 0 to {}", option, code,
           config.styles - 1);
    }
  }
}

}  // namespace limner::app
