// The layout of a face model: which tensors it has, their names and shapes, and
// the few numbers that all of these follow from. Loading, `convert`,
// `make-random`, the configuration and train/modules read it here. What the
// networks compute stands in encoder.h, generator.h and structure.h.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "weights/tensor.h"

namespace limner {

// The numbers ----------------------------------------------------------------

// An IR-SE body. The defaults are those of IR-SE 50.
struct BodyConfig {
  std::array<int, 4> widths = {64, 128, 256, 512};  // channels a group
  std::array<int, 4> units = {3, 4, 14, 3};         // residual units a group
  int reduction = 16;  // channels over those inside of a squeeze

  // Channels of the map of side `side` >> level: level 0 is the input layer's,
  // level 1 to 4 those that the groups end with.
  int map_channels(int level) const {
    return widths[static_cast<size_t>(std::max(0, level - 1))];
  }
};

// GradualStyleEncoder ("Encoding in Style", Richardson et al., 2021).
struct EncoderConfig {
  BodyConfig body;
  int inputs = 3;  // channels of the picture
  int side = 256;  // of the picture in pixels, 32 times a power of two
  int first = 0;   // the styles [first, last) have heads
  int last = 18;
  // The last channel of the picture is the same number everywhere. Training
  // computes it apart from the others, so that a plane of zeros changes no bit
  // of what they give.
  bool plane = false;

  int style_width() const { return body.widths[3]; }
  int map_channels(int level) const { return body.map_channels(level); }
};

// StyleGAN2's mapping and synthesis networks (Karras et al., 2020).
struct GeneratorConfig {
  int style_width = 512;
  int mapping_layers = 8;
  // Channels at 4 px, 8 px, ... : as many as there are resolutions, 1 to 10.
  std::vector<int> channels = {512, 512, 512, 512, 512, 256, 128, 64, 32};
  // The full picture is sharpened by this much (nn/styled.h); 0: as published.
  double sharpening = 0.0;

  int size() const { return 4 << (channels.size() - 1); }
  int styles() const { return 2 * static_cast<int>(channels.size()); }
};

// A whole model. ModelConfig says what each option does.
struct FaceConfig {
  EncoderConfig sketch_coarse;  // style 0
  EncoderConfig sketch_fine;    // styles [0, split)
  EncoderConfig face_fine;      // styles [split, styles)
  GeneratorConfig generator;
  int split = 8;
  bool add_latent_avg = true;
  bool keep_strokes = false;
  int sketch_fold = 1;
  bool structure_maps = false;
  bool faithfulness = false;  // the sketch encoders' `inputs` count its channel
  int look_components = 0;

  // Stroke classes: what the sketch encoders' inputs stand for.
  int labels() const;
};

// Channels at 4 px to `size` px as published: 512 up to 64 px, then halved
// with each doubling, all over `divisor`.
std::vector<int> official_channels(int size, int divisor);

// The published model for pictures of `size` px with every width over
// `divisor` (1: the official one). `split` is 8, or less where there are too
// few styles for that. Throws Error on sizes that make no model.
FaceConfig official_config(int size, int divisor);

// Throws Error, opening with `source` where it is not empty, when the parts do
// not fit together.
void check_config(const FaceConfig& config, const std::string& source = "");

// Which map of an encoder's pyramid the head of `style` reads: 0 the coarse one
// (c3, 1/16 of the side), 1 the middle (p2), 2 the fine (p1). Published rule:
// styles below 3, below 7, the rest.
int head_level(int style);

// Which map of an encoder's body (its level, see BodyConfig) goes to the
// generator's resolution `level` (0 at 4 px, 1 at 8 px, ...) of a model with
// structure maps, whose encoder reads `side` px: the one of its side; -1: none.
int structure_body_level(int side, int level);

// The names and shapes
// ---------------------------------------------------------

// Where a model's networks stand in its file.
extern const char* const kSketchCoarse;  // "encoder_sketch_coarse."
extern const char* const kSketchFine;    // "encoder_sketch_fine."
extern const char* const kFaceFine;      // "encoder_face_fine."
extern const char* const kGenerator;     // "decoder."
extern const char* const kStructure;     // "structure."
// Single tensors.
extern const char* const kLatentAvg;  // "latent_avg": [styles, width]
extern const char* const kLooksMean;  // see looks.h
extern const char* const kLooksComponents;

// One tensor; no name: there is none.
struct TensorLayout {
  std::string name;
  Shape shape;
};

// Layers by the name before their tensors' (".weight", ".bias").
struct ConvLayout {
  std::string name;
  int in = 0, out = 0, kernel = 0;
  TensorLayout weight;  // [out, in, kernel, kernel]
  TensorLayout bias;    // [out]; may be none
};
struct LinearLayout {
  std::string name;
  int in = 0, out = 0;
  TensorLayout weight, bias;  // [out, in], [out]
};
struct NormLayout {  // a BatchNorm
  std::string name;
  int channels = 0;
  TensorLayout weight, bias, mean, variance;  // [channels]
};

// Batch norm, conv3x3, PReLU, conv3x3 with stride, batch norm, squeeze and
// excitation; the shortcut is the input, subsampled, or where channels differ
// conv1x1 and batch norm.
struct UnitLayout {
  int in = 0, out = 0, stride = 1;
  ConvLayout shortcut;  // no name where in == out
  NormLayout shortcut_norm;
  NormLayout norm;
  ConvLayout first;
  TensorLayout slopes;  // [out]
  ConvLayout second;
  NormLayout second_norm;
  ConvLayout squeeze, excite;
};

struct BodyLayout {
  ConvLayout input;
  NormLayout input_norm;
  TensorLayout input_slopes;
  std::array<std::vector<UnitLayout>, 4> groups;  // each halves the side
};

// Stride-2 convolutions down to one pixel, then an equalized linear layer.
struct HeadLayout {
  int style = 0;
  int level = 0;  // head_level()
  std::vector<ConvLayout> convs;
  LinearLayout linear;
};

struct EncoderLayout {
  EncoderConfig config;
  BodyLayout body;
  std::vector<HeadLayout> heads;
  // From c2 to p2 and from c1 to p1; no name where no head reads that.
  ConvLayout lateral1, lateral2;
};

// A convolution whose input a style code scales.
struct ModulatedLayout {
  std::string name;
  int in = 0, out = 0;
  TensorLayout weight;      // [1, out, in, kernel, kernel]
  LinearLayout modulation;  // style_width -> in
};
struct StyledLayout {
  int side = 0;  // of the result
  ModulatedLayout conv;
  TensorLayout blur;  // [4, 4]; of those that double the side alone
  TensorLayout noise_weight, bias, noise;  // [1], [out], [1, 1, side, side]
};
struct ColourLayout {     // to_rgb
  TensorLayout bias;      // [1, 3, 1, 1]
  TensorLayout upsample;  // [4, 4]; none at 4 px
  ModulatedLayout conv;
};

struct GeneratorLayout {
  GeneratorConfig config;
  std::vector<LinearLayout> mapping;
  TensorLayout constant;              // [1, channels, 4, 4]
  std::vector<StyledLayout> convs;    // at 4 px one, then two a resolution
  std::vector<ColourLayout> colours;  // one a resolution
};

struct StructureLayout {
  int level = 0;       // of the generator
  int body_level = 0;  // of the W+ encoder's maps
  ConvLayout conv;
};

struct FaceLayout {
  EncoderLayout sketch_coarse, sketch_fine, face_fine;
  GeneratorLayout generator;
  std::vector<StructureLayout> structure;
  TensorLayout latent_avg;
  TensorLayout looks_mean, looks_components;  // [rows, width], [k, rows, width]
};

// prefix: what the names open with.
BodyLayout body_layout(const BodyConfig& config, int inputs,
                       const std::string& prefix);
EncoderLayout encoder_layout(const EncoderConfig& config,
                             const std::string& prefix);
GeneratorLayout generator_layout(const GeneratorConfig& config,
                                 const std::string& prefix);
FaceLayout face_layout(const FaceConfig& config);

// All tensors, network after network.
std::vector<TensorLayout> tensors_of(const FaceLayout& layout);

inline std::vector<float> load_values(const TensorMap& tensors,
                                      const TensorLayout& tensor) {
  return load_values(tensors, tensor.name, tensor.shape);
}

}  // namespace limner
