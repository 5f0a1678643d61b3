// Options of the commands that read drawings and photos and make faces, and the
// face maker that they ask for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/options.h"
#include "app/outputs.h"
#include "pipeline/face_maker.h"

namespace limner::app {

// --labeler, or the environment variable LIMNER_LABELER, or the bundled one.
Option labeler_option(std::filesystem::path* labeler);
// --parser, or the environment variable LIMNER_PARSER, or the bundled one.
Option parser_option(std::filesystem::path* parser);
// --index: which drawing of an ndjson file.
Option index_option(int64_t* index);
// --as: which way a PNG of few colours is read.
Option as_option(std::string* as);
PngKind png_kind(const std::string& as);
// --no-align and --face, which go with a command's parser_option().
Option no_align_option(bool* off);
Option face_option(std::string* face);
// --shapes, or the environment variable LIMNER_SHAPES, or the bundled ones.
Option shapes_option(std::filesystem::path* shapes);
// --faithful of commands that read drawings as strokes: a number or "auto".
Option faithful_fit_option(std::string* faithful);
// A number 0 to 1, or none for "auto". Throws Error for other texts.
std::optional<double> faithful_number(const std::string& text);

// How photos are aligned: --parser, --no-align, --face.
struct AlignSettings {
  std::filesystem::path parser;
  bool off = false;
  std::string face;
};

// The face that --face means; "" is kOnlyFace. Throws UsageError for what is
// neither a number from 1 nor "largest".
int face_choice(const std::string& face);

// What they ask for. Throws UsageError as face_choice() does.
PhotoOptions photo_options(const AlignSettings& settings);

// --bald: no hair is added.
Option bald_option(bool* bald);

// The drawings and the looks of the commands that make faces of both, and how.
struct FaceSettings {
  std::filesystem::path drawing;
  std::filesystem::path appearance;
  std::optional<int64_t> random;
  int64_t preview = 0;  // side in pixels; 0: the full picture
  std::string faithful = "auto";
  bool bald = false;
  std::filesystem::path labeler;
  std::filesystem::path shapes;
  AlignSettings align;
};

// What --faithful and --bald ask for. Throws Error as faithful_number() does.
DrawingOptions drawing_options(const FaceSettings& settings);

// The model and the networks, which no output may overwrite.
void protect_networks(const FaceSettings& settings, const Common& common,
                      Outputs& outputs);

// What --precision asked for.
Precision precision_of(const Common& common);

// Applies --threads and opens --model with --precision; `networks` says the
// rest.
FaceMaker open_maker(const Common& common, FaceMakerOptions networks = {});

// As above with the networks of `settings`, whose encoders `engine` names. Says
// where --faithful is nothing that the model reads. Throws Error where
// --preview is larger than the model's pictures.
FaceMaker open_maker(const Common& common, const FaceSettings& settings,
                     const EngineOptions& engine);

// The side of the faces in pixels.
int side_of(const FaceSettings& settings, const ModelConfig& config);

// A maker for each worker of a batch.
std::vector<FaceMaker> makers_for(size_t workers, FaceMaker first);

// Throws Error when `mask` lists a code that the model does not have;
// `option` names the option that gave it.
void check_mask(const std::vector<int>& mask, const ModelConfig& config,
                const std::string& option);

}  // namespace limner::app
