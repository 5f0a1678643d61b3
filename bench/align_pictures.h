// Pictures for align_study: composed from aligned faces with masks of their
// parts, and without a face. The same draws give the same pictures.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "image/image.h"
#include "pipeline/alignment.h"
#include "util/random.h"

namespace limner {

struct Face {
  std::string id, source;  // source: where the photo is from
  Image photo, mask;
  FacePoints points;  // by the mask
  bool eyes = false;  // whether it shows both
};

// Those of a split in FACES/manifest.csv, after the first `first` of it. Throws
// Error where there are none.
std::vector<Face> read_faces(const std::filesystem::path& folder,
                             const std::string& split, size_t first,
                             size_t count);

// Without a face.
Image noise(Random& random, int width, int height);
Image gradient(Random& random, int width, int height);
// A piece of a photo that shows the part `wanted` alone, enlarged.
Image piece(Random& random, const std::vector<Face>& faces, int width,
            int height, int wanted);
// A face whose features are out of order: strips of it, shuffled.
Image shuffled(Random& random, const Face& face, int side);

inline const std::vector<std::string> kBackgrounds = {"noise", "gradient",
                                                      "photo"};

Image background(Random& random, const std::string& kind,
                 const std::vector<Face>& faces, int width, int height);

struct Shown {
  FaceFrame frame;    // true one, in the picture
  FacePoints points;  // of the eyes alone
  bool eyes;
  double angle, scale;
};

// Puts a face into the picture: its whole square, or the person alone.
Shown put(Image& picture, const Face& face, const FaceFrame& frame,
          bool person);

}  // namespace limner
