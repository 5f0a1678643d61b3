#include "data/parts.h"

#include <algorithm>

#include "sketch/labels.h"
#include "sketch/mask_sketch.h"
#include "util/error.h"

namespace limner {
namespace {

struct PartLook {
  const char* name;
  std::array<uint8_t, 3> colour;  // left and right of a pair are related
};

constexpr std::array<PartLook, kMaskLabels> kLooks = {{
    {"background", {0, 0, 0}},      {"skin", {232, 190, 172}},
    {"nose", {255, 140, 60}},       {"glasses", {90, 90, 255}},
    {"eye_right", {40, 200, 120}},  {"eye_left", {20, 140, 90}},
    {"brow_right", {150, 220, 40}}, {"brow_left", {110, 170, 30}},
    {"ear_right", {240, 120, 200}}, {"ear_left", {190, 80, 150}},
    {"mouth", {120, 0, 30}},        {"upper_lip", {230, 40, 70}},
    {"lower_lip", {250, 90, 110}},  {"hair", {130, 85, 50}},
    {"hat", {70, 160, 230}},        {"earring", {255, 225, 50}},
    {"necklace", {200, 170, 20}},   {"neck", {205, 145, 120}},
    {"cloth", {110, 110, 140}},
}};

const PartLook& look_of(int part) {
  if (part < 0 || part >= kMaskLabels) {
    fail("part {} is none of 0 to {}", part, kMaskLabels - 1);
  }
  return kLooks[part];
}

}  // namespace

const char* part_name(int part) { return look_of(part).name; }

const std::array<uint8_t, 3>& part_colour(int part) {
  return look_of(part).colour;
}

int mirrored_part(int label) {
  return label >= kLeftEye && label <= kRightEar ? label ^ 1 : label;
}

Image paint_parts(const Image& mask) {
  check_labels(mask, kMaskLabels - 1, "the mask");
  Image painted(mask.width, mask.height, 3);
  uint8_t* to = painted.pixels.data();
  for (const uint8_t part : mask.pixels) {
    to = std::copy_n(kLooks[part].colour.begin(), 3, to);
  }
  return painted;
}

}  // namespace limner
