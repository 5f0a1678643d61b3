// For tests: small folders of made-up faces.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "data/dataset.h"
#include "image/codec.h"
#include "support/pictures.h"
#include "util/files.h"

namespace limner {

// A mask [side,side,1] of a head with two eyes (4 on the right, 5 on the
// left), brows, nose, mouth, ears, hair, neck and cloth. `variant` moves it a
// little.
inline Image face_mask(int side, int variant = 0) {
  Image mask(side, side, 1);
  const auto disc = [&](double cx, double cy, double rx, double ry, int label) {
    fill_disc(mask, cx + 0.01 * variant, cy, rx, ry, label);
  };
  disc(0.5, 0.4, 0.36, 0.36, kHair);
  disc(0.5, 1.1, 0.45, 0.25, kCloth);
  disc(0.5, 0.8, 0.14, 0.15, kNeck);
  disc(0.78, 0.5, 0.05, 0.09, kLeftEar);
  disc(0.22, 0.5, 0.05, 0.09, kRightEar);
  disc(0.5, 0.5, 0.27, 0.32, kSkin);
  disc(0.62, 0.44, 0.06, 0.03, kLeftEye);
  disc(0.38, 0.44, 0.06, 0.03, kRightEye);
  disc(0.62, 0.37, 0.08, 0.02, kLeftBrow);
  disc(0.38, 0.37, 0.08, 0.02, kRightBrow);
  disc(0.5, 0.54, 0.05, 0.08, kNose);
  disc(0.5, 0.67, 0.09, 0.03, kUpperLip);
  disc(0.5, 0.69, 0.08, 0.03, kLowerLip);
  return mask;
}

// A picture whose colours follow the mask and the place.
inline Image face_photo(const Image& mask, int variant = 0) {
  Image photo(mask.width, mask.height, 3);
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      uint8_t* to = photo.row(y) + 3 * x;
      to[0] = static_cast<uint8_t>(60 + 10 * mask.row(y)[x]);
      to[1] = static_cast<uint8_t>(80 + 100 * x / mask.width);
      to[2] = static_cast<uint8_t>(90 + 100 * y / mask.height + variant);
    }
  }
  return photo;
}

// manifest.csv with `train` and `val` faces of 64 pixels.
inline void write_manifest(const std::filesystem::path& folder, int train,
                           int val) {
  make_folders(folder / "images");
  make_folders(folder / "masks");
  std::string lines = "id,source,grayscale,dark,split\n";
  for (int i = 0; i < train + val; ++i) {
    const Image mask = face_mask(64, i % 5);
    const std::string id = fmt::format("{:05}", i);
    write_image(folder / "images" / (id + ".png"), face_photo(mask, i % 50));
    write_image(folder / "masks" / (id + ".png"), mask);
    lines += fmt::format("{},\"a, b\",{},{},{}\n", id, i % 2, i == 1 ? 1 : 0,
                         i < train ? "train" : "val");
  }
  write_file(folder / "manifest.csv", lines);
}

// The part names of CelebAMask-HQ's files, by label.
constexpr const char* kPartFiles[kMaskLabels] = {
    "",       "skin",  "nose",   "eye_g", "l_eye", "r_eye", "l_brow",
    "r_brow", "l_ear", "r_ear",  "mouth", "u_lip", "l_lip", "hair",
    "hat",    "ear_r", "neck_l", "neck",  "cloth"};

// Photo and part masks of face `number` in CelebAMask-HQ's layout.
inline void write_celeba_face(const std::filesystem::path& folder, int number,
                              int variant = 0) {
  const Image mask = face_mask(64, variant);
  make_folders(folder / "CelebA-HQ-img");
  write_image(folder / "CelebA-HQ-img" / fmt::format("{}.jpg", number),
              face_photo(face_mask(128, variant), variant));
  const std::filesystem::path masks =
      folder / "CelebAMask-HQ-mask-anno" / std::to_string(number / 2000);
  make_folders(masks);
  for (int part = 1; part < kMaskLabels; ++part) {
    Image cover(64, 64, 3);
    bool any = false;
    for (size_t k = 0; k < mask.pixels.size(); ++k) {
      // Skin reaches under the parts of the face, as in the original.
      const bool under = part == kSkin && mask.pixels[k] >= kNose &&
                         mask.pixels[k] <= kLowerLip;
      if (mask.pixels[k] != part && !under) continue;
      for (int c = 0; c < 3; ++c) cover.pixels[3 * k + c] = 255;
      any = true;
    }
    if (!any) continue;
    write_image(masks / fmt::format("{:05}_{}.png", number, kPartFiles[part]),
                cover);
  }
}

}  // namespace limner
