// limner shapes: where the parts of faces lie, learnt from masks.
#include <memory>
#include <optional>
#include <vector>

#include "app/commands.h"
#include "app/console.h"
#include "app/inventory.h"
#include "app/outputs.h"
#include "data/dataset.h"
#include "pipeline/shape_file.h"
#include "sketch/learn_examples.h"
#include "sketch/learn_shapes.h"
#include "util/error.h"
#include "util/progress.h"

namespace limner::app {
namespace {

struct Settings {
  std::filesystem::path data;
  std::filesystem::path out = "shapes.safetensors";
  int64_t components = 64;
  int64_t examples = 320;
  bool quiet = false;
};

// The points of all whole faces and their mirror images, in the order of the
// faces, and what may become examples.
std::vector<FaceSample> sample_faces(const Dataset& faces, bool quiet,
                                     std::vector<FaceExample>* examples) {
  std::unique_ptr<Progress> progress;
  if (!quiet) progress = std::make_unique<Progress>("shapes", faces.size());
  std::vector<FaceSample> samples;
  for (int64_t i = 0; i < faces.size(); ++i) {
    const auto face = faces.load(i);
    const Image& mask = face.mask;
    if (examples != nullptr) {
      if (std::optional<FaceExample> example = example_of(mask, face.photo)) {
        examples->push_back(std::move(*example));
      }
    }
    for (const Image& image : {mask, mirrored_mask(mask)}) {
      if (std::optional<FaceSample> sample = sample_face(image)) {
        samples.push_back(std::move(*sample));
      }
    }
    if (progress) progress->advance();
  }
  return samples;
}

int learn(const Settings& settings) {
  if (settings.out.extension() != ".safetensors") {
    fail("{}: the output must end in .safetensors", settings.out.string());
  }
  Outputs outputs;
  outputs.plan(settings.out);
  const std::unique_ptr<Dataset> faces = open_dataset(settings.data, "train");
  std::vector<FaceExample> examples;
  const std::vector<FaceSample> samples = sample_faces(
      *faces, settings.quiet, settings.examples > 0 ? &examples : nullptr);
  FaceShapes shapes =
      learn_face_shapes(samples, static_cast<int>(settings.components));
  shapes.set_examples(choose_examples(std::move(examples), shapes,
                                      static_cast<int>(settings.examples)));
  outputs.prepare(settings.out);
  const std::string digest = write_face_shapes(settings.out, shapes);
  if (!settings.quiet) {
    const auto bytes =
        static_cast<uint64_t>(std::filesystem::file_size(settings.out));
    say("{}: shapes of {} of {} faces and mirror images, {} components, {} "
        "examples, {}\nsha256 {}\n",
        shown(settings.out), samples.size(), 2 * faces->size(),
        shapes.components(), shapes.examples().size(), bytes_text(bytes),
        digest);
  }
  return 0;
}

}  // namespace

Command shapes_command() {
  auto settings = std::make_shared<Settings>();
  Settings* s = settings.get();
  Command command;
  command.name = "shapes";
  command.summary = "Learns where the parts of faces lie, from masks";
  command.details = {
      "FACES is a folder of photos of faces with part masks: manifest.csv, "
      "images/ and masks/, or CelebAMask-HQ as downloaded. From the masks of "
      "its training faces comes a small statistical model of a face's lines, "
      "and some of them are kept as examples, which --faithful of `limner "
      "generate` and --fit of `limner label` use. "
      "`limner convert --add-shapes` puts it into a model's file.",
      "  limner shapes faces -o shapes.safetensors",
      "  limner convert model.safetensors with.safetensors --type bf16 "
      "--add-shapes shapes.safetensors",
  };
  command.options = {
      needed(path("FACES", "", &s->data, "a folder of faces with masks")),
      path("-o,--out", "FILE", &s->out,
           "the file to write, ending in .safetensors"),
      whole("--components", "N", &s->components, 1, kMaxShapeComponents,
            "how many numbers tell a face"),
      whole("--examples", "N", &s->examples, 0, 2048,
            "how many of the faces are kept as they are: what drawings are "
            "completed with"),
      flag("--quiet", &s->quiet, "print nothing but errors"),
  };
  command.run = [settings] { return learn(*settings); };
  return command;
}

}  // namespace limner::app
