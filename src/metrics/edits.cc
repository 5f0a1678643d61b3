#include "metrics/edits.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <initializer_list>

#include "data/dataset.h"
#include "image/resize.h"
#include "util/error.h"

namespace limner {
namespace {

// The parts' names have the person's sides, boxes the image's: the left eye
// lies on the image's right.

bool is_one_of(uint8_t label, std::initializer_list<Part> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](Part part) { return part == label; });
}

// The box around the pixels of some parts, both ends included.
struct Box {
  int left = 1 << 30, top = 1 << 30, right = -1, bottom = -1;
  int pixels = 0;

  double x() const { return 0.5 * (left + right); }
  double y() const { return 0.5 * (top + bottom); }
};

Box box_of(const Image& mask, std::initializer_list<Part> parts) {
  Box box;
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      if (!is_one_of(mask.row(y)[x], parts)) continue;
      box.left = std::min(box.left, x);
      box.right = std::max(box.right, x);
      box.top = std::min(box.top, y);
      box.bottom = std::max(box.bottom, y);
      ++box.pixels;
    }
  }
  return box;
}

// Whether there is enough of a part to be worth an edit: 1/1000 of the picture.
bool shows(const Image& mask, const Box& box) {
  return box.pixels * 1000 >= mask.width * mask.height;
}

// A share of the side in pixels.
int share(const Image& mask, double part) {
  return static_cast<int>(std::lround(part * mask.width));
}

// Gives pixels for which wanted(x, y, label) holds the label `to`. Returns how
// many.
int paint(Image& mask, Part to,
          const std::function<bool(int, int, uint8_t)>& wanted) {
  const Image old = mask;
  int count = 0;
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      if (!wanted(x, y, old.row(y)[x])) continue;
      mask.row(y)[x] = to;
      ++count;
    }
  }
  return count;
}

bool enough(const Image& mask, int pixels) {
  return pixels * 1000 >= mask.width * mask.height;
}

// Moves the pixels of a part down (dy > 0) or up; skin takes their place.
void shift(Image& mask, std::initializer_list<Part> parts, int dy) {
  const Image old = mask;
  for (uint8_t& label : mask.pixels) {
    if (is_one_of(label, parts)) label = kSkin;
  }
  for (int y = 0; y < mask.height; ++y) {
    const int to = y + dy;
    if (to < 0 || to >= mask.height) continue;
    for (int x = 0; x < mask.width; ++x) {
      const uint8_t label = old.row(y)[x];
      if (is_one_of(label, parts)) mask.row(to)[x] = label;
    }
  }
}

bool add_glasses(Image& mask) {
  const Box left = box_of(mask, {kRightEye});
  const Box right = box_of(mask, {kLeftEye});
  if (!shows(mask, left) || !shows(mask, right) ||
      box_of(mask, {kGlasses}).pixels > 0) {
    return false;
  }
  // Lenses about as wide as the gap between the eyes' centres allows.
  const double apart = right.x() - left.x();
  const double wide = 0.42 * apart, high = 0.34 * apart;
  const auto in_lens = [&](const Box& eye, int x, int y) {
    const double u = (x - eye.x()) / wide;
    const double v = (y - eye.y() - 0.06 * apart) / high;
    return u * u + v * v <= 1.0;
  };
  return enough(mask, paint(mask, kGlasses, [&](int x, int y, uint8_t label) {
                  if (!is_one_of(label, {kSkin, kNose, kHair})) return false;
                  const bool bridge =
                      x > left.x() && x < right.x() &&
                      std::abs(y - 0.5 * (left.y() + right.y())) < 0.03 * apart;
                  return in_lens(left, x, y) || in_lens(right, x, y) || bridge;
                }));
}

bool take_off_glasses(Image& mask) {
  return enough(mask, paint(mask, kSkin, [](int, int, uint8_t label) {
                  return label == kGlasses;
                }));
}

bool raise_brows(Image& mask) {
  if (!shows(mask, box_of(mask, {kRightBrow})) ||
      !shows(mask, box_of(mask, {kLeftBrow}))) {
    return false;
  }
  shift(mask, {kRightBrow, kLeftBrow}, -share(mask, 0.03));
  return true;
}

bool lower_mouth(Image& mask) {
  if (!shows(mask, box_of(mask, {kUpperLip, kLowerLip}))) return false;
  shift(mask, {kUpperLip, kMouth, kLowerLip}, share(mask, 0.03));
  return true;
}

bool open_mouth(Image& mask) {
  const Box upper = box_of(mask, {kUpperLip});
  const Box lower = box_of(mask, {kLowerLip});
  if (!shows(mask, upper) || !shows(mask, lower) ||
      box_of(mask, {kMouth}).pixels > 0) {
    return false;
  }
  const Image old = mask;
  shift(mask, {kLowerLip}, share(mask, 0.04));
  // Between the lips, column by column.
  for (int x = upper.left; x <= upper.right; ++x) {
    int from = -1, to = -1;
    for (int y = 0; y < mask.height; ++y) {
      if (old.row(y)[x] == kUpperLip) from = y + 1;
      if (to < 0 && mask.row(y)[x] == kLowerLip) to = y;
    }
    for (int y = from; from >= 0 && y < to; ++y) mask.row(y)[x] = kMouth;
  }
  return true;
}

bool add_hat(Image& mask) {
  const Box brows = box_of(mask, {kRightBrow, kLeftBrow});
  if (!shows(mask, brows) || box_of(mask, {kHat}).pixels > 0) return false;
  const int brim = brows.top - share(mask, 0.05);
  const int around = share(mask, 0.03);
  const Image old = mask;
  const auto is_head = [&](int x, int y) {
    return x >= 0 && x < old.width && y >= 0 && y < old.height &&
           is_one_of(old.row(y)[x], {kHair, kSkin});
  };
  return enough(mask, paint(mask, kHat, [&](int x, int y, uint8_t) {
                  return y < brim &&
                         (is_head(x, y) || is_head(x - around, y) ||
                          is_head(x + around, y) || is_head(x, y + around));
                }));
}

bool take_off_hat(Image& mask) {
  return enough(mask, paint(mask, kHair, [](int, int, uint8_t label) {
                  return label == kHat;
                }));
}

bool add_bangs(Image& mask) {
  const Box brows = box_of(mask, {kRightBrow, kLeftBrow});
  if (!shows(mask, brows) || !shows(mask, box_of(mask, {kHair})) ||
      box_of(mask, {kHat}).pixels > 0) {
    return false;
  }
  return enough(mask, paint(mask, kHair, [&](int, int y, uint8_t label) {
                  return label == kSkin && y < brows.top - share(mask, 0.005);
                }));
}

bool lengthen_hair(Image& mask) {
  const Box hair = box_of(mask, {kHair});
  const Box face = box_of(mask, {kSkin});
  const Box eyes = box_of(mask, {kRightEye, kLeftEye});
  if (!shows(mask, hair) || !shows(mask, eyes) ||
      box_of(mask, {kHat}).pixels > 0) {
    return false;
  }
  const int wide = share(mask, 0.09);
  return enough(mask, paint(mask, kHair, [&](int x, int y, uint8_t label) {
                  const bool beside =
                      (x >= face.left - wide && x < face.left + wide / 3) ||
                      (x <= face.right + wide && x > face.right - wide / 3);
                  return beside && y > eyes.bottom &&
                         is_one_of(label, {kBackground, kCloth, kNeck,
                                           kRightEar, kLeftEar});
                }));
}

bool add_earrings(Image& mask) {
  if (box_of(mask, {kEarring}).pixels > 0) return false;
  const int radius = share(mask, 0.018);
  bool any = false;
  for (const Part ear : {kRightEar, kLeftEar}) {
    const Box box = box_of(mask, {ear});
    if (!shows(mask, box)) continue;
    any = true;
    paint(mask, kEarring, [&](int x, int y, uint8_t) {
      return std::hypot(x - box.x(), y - box.bottom - radius) <= radius;
    });
  }
  return any;
}

// [s,s] of 0 and 1: where `a` and `b` differ, grown by `radius` to all sides.
Image grown_difference(const Image& a, const Image& b, int radius) {
  Image out(a.width, a.height, 1);
  for (int y = 0; y < a.height; ++y) {
    for (int x = 0; x < a.width; ++x) {
      if (a.row(y)[x] == b.row(y)[x]) continue;
      for (int j = std::max(0, y - radius);
           j <= std::min(a.height - 1, y + radius); ++j) {
        for (int i = std::max(0, x - radius);
             i <= std::min(a.width - 1, x + radius); ++i) {
          out.row(j)[i] = 1;
        }
      }
    }
  }
  return out;
}

}  // namespace

const std::vector<MaskEdit>& mask_edits() {
  static const std::vector<MaskEdit> edits = {
      {"add glasses", add_glasses},
      {"take off glasses", take_off_glasses},
      {"raise the brows", raise_brows},
      {"open the mouth", open_mouth},
      {"move the mouth down", lower_mouth},
      {"add bangs", add_bangs},
      {"lengthen the hair", lengthen_hair},
      {"put on a hat", add_hat},
      {"take off a hat", take_off_hat},
      {"add earrings", add_earrings},
  };
  return edits;
}

EditChange change_of(const EditedPictures& p) {
  const auto same = [](const Image& a, const Image& b) {
    return a.width == b.width && a.height == b.height &&
           a.channels == b.channels;
  };
  if (!same(p.mask_before, p.mask_after) ||
      !same(p.mask_before, p.parts_before) ||
      !same(p.mask_before, p.parts_after) || !same(p.before, p.after) ||
      p.before.channels != 3) {
    fail("pictures of an edit do not have the same sides");
  }
  EditChange change;
  int64_t changed = 0, was = 0, is = 0;
  for (size_t i = 0; i < p.mask_before.pixels.size(); ++i) {
    const uint8_t wanted = p.mask_after.pixels[i];
    if (p.mask_before.pixels[i] == wanted) continue;
    ++changed;
    was += p.parts_before.pixels[i] == wanted ? 1 : 0;
    is += p.parts_after.pixels[i] == wanted ? 1 : 0;
  }
  if (changed == 0) fail("an edit changed nothing");
  change.was = static_cast<double>(was) / static_cast<double>(changed);
  change.is = static_cast<double>(is) / static_cast<double>(changed);

  const Image region = resize(
      grown_difference(p.mask_before, p.mask_after, share(p.mask_before, 0.03)),
      p.before.width, p.before.height, Filter::kNearest);
  double sums[2] = {0, 0};
  int64_t counts[2] = {0, 0};
  for (size_t i = 0; i < region.pixels.size(); ++i) {
    const int side = region.pixels[i];
    for (size_t c = 0; c < 3; ++c) {
      sums[side] +=
          std::abs(p.before.pixels[3 * i + c] - p.after.pixels[3 * i + c]);
    }
    counts[side] += 3;
  }
  change.inside =
      sums[1] / static_cast<double>(std::max<int64_t>(1, counts[1]));
  change.outside =
      sums[0] / static_cast<double>(std::max<int64_t>(1, counts[0]));
  return change;
}

}  // namespace limner
