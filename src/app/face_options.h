// Options of the commands that read drawings and photos and make faces, and the
// face maker that they ask for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/options.h"
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

// Says that --faithful, other than 1, is nothing that this model reads.
void tell_faithful(double faithful, const ModelConfig& config, bool quiet);

// What --precision asked for.
Precision precision_of(const Common& common);

// Applies --threads and opens --model with --precision; `networks` says the
// rest.
FaceMaker open_maker(const Common& common, FaceMakerOptions networks = {});

// A maker for each worker of a batch.
std::vector<FaceMaker> makers_for(size_t workers, FaceMaker first);

// Throws Error when `mask` lists a code that the model does not have;
// `option` names the option that gave it.
void check_mask(const std::vector<int>& mask, const ModelConfig& config,
                const std::string& option);

}  // namespace limner::app
