// Any drawing and any looks -> a face: the one way in for the command line, the
// server and programs that embed limner.
//
//   file or strokes -> labels -> codes --.
//                                        +-> codes of the face -> picture
//   photos or seeds ----------> codes ---'
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "image/image.h"
#include "pipeline/alignment.h"
#include "pipeline/codes.h"
#include "pipeline/drawings.h"
#include "pipeline/engine.h"
#include "pipeline/parsing.h"
#include "pipeline/trait_file.h"
#include "sketch/stroke.h"
#include "util/span.h"

namespace limner {

// The files of the networks; "" for none.
struct FaceMakerOptions {
  std::filesystem::path model;    // without it there are no codes and pictures
  std::filesystem::path labeler;  // without it strokes need their classes
  std::filesystem::path parser;   // without it photos are taken as they are
  std::filesystem::path shapes;   // without them drawings are not fitted
  EngineOptions engine;
};

// A model with the labeler, the parser and the shapes that its file holds, if
// any. Throws
// Error as read_checkpoint() does.
FaceMakerOptions all_networks_of(const std::filesystem::path& model);

// What a file is read as.
enum class ReadAs {
  kDrawing,  // a label image as it is, anything else as strokes
  kLabels,   // a label image alone
  kStrokes,  // strokes alone, those of a label image traced
};

struct DrawingOptions {
  ReadAs as = ReadAs::kDrawing;
  ReadOptions read;
  // Of strokes; label images are taken as they are.
  PrepareOptions prepare;
  // How closely the lines are followed, 0 to 1: how far strokes are fitted to
  // plausible faces, where there are shapes, and what the network is told (see
  // Engine::embed_sketch()). None: as the fit chooses; 1 without a fit.
  std::optional<double> faithful = 1;
};

// A drawing as it was given: a label image or strokes.
struct GivenDrawing {
  std::string name;          // in front of errors; "" for none
  Image labels;              // [h,w,1]; no pixels: strokes
  Drawing drawing;           // strokes
  bool traced = false;       // they come from a picture of lines
  bool from_labels = false;  // they come from a label image
  // What was left out or changed on reading, a line each.
  std::vector<std::string> notes;
};

// A drawing as the sketch encoders read it.
struct Sketch {
  Image labels;  // [h,w,1], class numbers
  SketchCodes codes;
  // Of strokes:
  std::vector<std::string> notes;  // of reading, and notes_on()
  std::vector<int> doubtful;       // see Labelled
  double faithful = 1;             // what was used
};

struct PhotoOptions {
  // Finds the face and cuts it out, where there is a parser.
  bool align = true;
  // Which of several, see pipeline/alignment.h.
  int face = kOnlyFace;
  // A square photo without a face is taken as it is, with a warning.
  bool lenient = false;
  // What to do about a photo without a face, in the message.
  std::string way_out = "--no-align takes it as it is";
};

// A photo as the photo encoder and the parser read it.
struct AlignedPhoto {
  Image image;           // RGB
  bool aligned = false;  // a face was found: it lies as training faces do
  std::optional<FaceFrame> frame;  // where, in pixels of the photo
  std::string note;                // what was done, if anything
  std::string warning;             // taken as it is, without a face
};

// Looks and their share of a mixture.
struct WeighedLooks {
  AppearanceCodes codes;
  double weight = 1;
};

struct MadeFace {
  Sketch sketch;
  FaceCodes codes;
  Image picture;  // RGB
};

// Serves one thread at a time; sharing() makes another for another thread. The
// labeler and the parser are opened when they are first needed. All throw Error
// for files that cannot be read or used, with the file's name, and, for a
// labeler that cannot be opened, ErrorOfAll.
class FaceMaker {
 public:
  // Opens the model. Throws Error.
  explicit FaceMaker(const FaceMakerOptions& options);
  ~FaceMaker();
  FaceMaker(FaceMaker&&) noexcept;
  FaceMaker& operator=(FaceMaker&&) noexcept;

  // Another one with the same networks in memory. It needs this one no longer.
  FaceMaker sharing() const;

  bool has_labeler() const;
  bool has_parser() const;

  // The networks themselves, which are opened by this; Error when there is no
  // such file.
  Engine& engine();
  const ModelConfig& config() const;
  const StrokeLabeler& labeler();
  // Null when there is no file, or it holds none.
  const FaceShapes* shapes();
  FaceFinder& finder();
  PhotoParser& parser();

  // Drawings ------------------------------------------------------------------

  // Reads a drawing from a file of any format, or from its bytes; `name` stands
  // in messages.
  GivenDrawing read(const std::filesystem::path& file,
                    const DrawingOptions& options = {}) const;
  GivenDrawing read(Bytes file, const std::string& name,
                    const DrawingOptions& options = {}) const;

  // The strokes with their classes, where they were drawn: label_drawing().
  Labelled label(const Drawing& drawing, const LabelOptions& options = {});

  // The same, moved into the frame and fitted as options.faithful asks:
  // prepare_drawing(). Every drawing of strokes comes by here.
  PreparedDrawing prepare(const Drawing& drawing,
                          const DrawingOptions& options = {});

  // A drawing's labels and codes.
  Sketch sketch(GivenDrawing given, const DrawingOptions& options = {});

  // Photos --------------------------------------------------------------------

  // Reads a photo from a file or its bytes, and aligns it.
  AlignedPhoto photo(const std::filesystem::path& file,
                     const PhotoOptions& options = {});
  AlignedPhoto photo(Bytes file, const std::string& name,
                     const PhotoOptions& options = {});
  // The same of a photo in memory, RGB; `name`: in front of errors, "" for
  // none.
  AlignedPhoto align(Image photo, const std::string& name,
                     const PhotoOptions& options = {});

  // Looks ---------------------------------------------------------------------

  AppearanceCodes looks(const Image& photo);  // of an aligned photo
  AppearanceCodes looks(uint64_t seed);       // see random_appearance()

  // A mixture of at least one; weights sum to 1. Codes of photos are offsets to
  // what the drawing gives, random ones may not be: where both are mixed, the
  // offsets become codes in their own right, for this drawing alone.
  AppearanceCodes mixture(const std::vector<WeighedLooks>& looks,
                          const SketchCodes& sketch);

  // What the model's file says about traits of looks; see trait_file.h.
  const std::vector<LookTrait>& traits() const;

  // Looks with traits changed: by id, how much, usually -1 to 1. Throws Error
  // for an id that the model does not have.
  AppearanceCodes changed(AppearanceCodes looks,
                          const std::map<std::string, double>& traits) const;

  // Faces ---------------------------------------------------------------------

  // stop_at: see Engine::render().
  MadeFace make(GivenDrawing drawing, const AppearanceCodes& looks,
                const DrawingOptions& options = {}, int stop_at = 0);

 private:
  struct Networks;

  explicit FaceMaker(std::shared_ptr<Networks> networks);
  GivenDrawing label_image_of(Image labels, const std::string& name) const;
  const StrokeLabeler* labeler_for(const Drawing& drawing, bool keep_given);

  std::shared_ptr<Networks> networks_;  // what all that share have
  std::optional<Engine> engine_;
  std::optional<FaceFinder> finder_;
  std::optional<PhotoParser> parser_;
};

}  // namespace limner
