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
#include "sketch/learn_shapes.h"
#include "util/error.h"
#include "util/progress.h"

namespace limner::app {
namespace {

struct Settings {
  std::filesystem::path data;
  std::filesystem::path out = "shapes.safetensors";
  int64_t components = 64;
  bool quiet = false;
};

// The points of all whole faces and their mirror images, in the order of the
// faces.
std::vector<FaceSample> sample_faces(const Dataset& faces, bool quiet) {
  std::unique_ptr<Progress> progress;
  if (!quiet) progress = std::make_unique<Progress>("shapes", faces.size());
  std::vector<FaceSample> samples;
  for (int64_t i = 0; i < faces.size(); ++i) {
    const Image mask = faces.load(i).mask;
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
  const std::vector<FaceSample> samples = sample_faces(*faces, settings.quiet);
  const FaceShapes shapes =
      learn_face_shapes(samples, static_cast<int>(settings.components));
  outputs.prepare(settings.out);
  const std::string digest = write_face_shapes(settings.out, shapes);
  if (!settings.quiet) {
    const auto bytes =
        static_cast<uint64_t>(std::filesystem::file_size(settings.out));
    say("{}: shapes of {} of {} faces and mirror images, {} components, {}\n"
        "sha256 {}\n",
        settings.out.string(), samples.size(), 2 * faces->size(),
        shapes.components(), bytes_text(bytes), digest);
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
      "which --faithful of `limner generate` and --fit of `limner label` use. "
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
      flag("--quiet", &s->quiet, "print nothing but errors"),
  };
  command.run = [settings] { return learn(*settings); };
  return command;
}

}  // namespace limner::app
