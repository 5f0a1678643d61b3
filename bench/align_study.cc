// How well faces are found in photos, and how exactly their eyes: on pictures
// composed from aligned faces with masks of their parts, and on pictures
// without a face.
//
//   align_study PARSER FACES [--split NAME] [--first N] [--count N]
//       [--each ROUNDS] [--folder OUT]
//
// FACES: a folder with manifest.csv (first field: id, last: split),
// images/ID.jpg and masks/ID.png, 19 labels. OUT gets the pictures that went
// wrong. The same files give the same pictures on any machine.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "image/codec.h"
#include "image/resize.h"
#include "pipeline/alignment.h"
#include "util/error.h"
#include "util/random.h"

namespace limner {
namespace {

namespace fs = std::filesystem;

struct Face {
  std::string id;
  Image photo, mask;
  FacePoints points;  // by the mask
  bool eyes = false;  // whether it shows both
};

Place middle_of(const Image& mask, int label, int* count) {
  double x = 0, y = 0;
  *count = 0;
  for (int j = 0; j < mask.height; ++j) {
    for (int i = 0; i < mask.width; ++i) {
      if (mask.row(j)[i] != label) continue;
      x += i + 0.5;
      y += j + 0.5;
      ++*count;
    }
  }
  const double n = std::max(1, *count);
  return {x / n, y / n};
}

std::vector<Face> read_faces(const fs::path& folder, const std::string& split,
                             size_t first, size_t count) {
  std::ifstream manifest(folder / "manifest.csv");
  std::vector<Face> faces;
  std::string line;
  while (std::getline(manifest, line) && faces.size() < count) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.substr(line.rfind(',') + 1) != split) continue;
    if (first > 0) {
      --first;
      continue;
    }
    Face face;
    face.id = line.substr(0, line.find(','));
    face.photo = read_rgb(folder / "images" / (face.id + ".jpg"));
    face.mask = read_indices(folder / "masks" / (face.id + ".png"));
    int left = 0, right = 0;
    face.points.left_eye = middle_of(face.mask, 5, &left);
    face.points.right_eye = middle_of(face.mask, 4, &right);
    face.eyes = left > 20 && right > 20;
    faces.push_back(std::move(face));
  }
  if (faces.empty()) fail("{}: no faces of split '{}'", folder.string(), split);
  return faces;
}

// Pictures without a face ----------------------------------------------------

Image noise(Random& random, int width, int height) {
  // Octaves of coarse noise, enlarged smoothly; in colours or gray.
  Image sum(width, height, 3);
  std::vector<float> total(sum.pixels.size(), 0.0F);
  const bool gray = random.uniform() < 0.3;
  const double roughness = 0.4 + 0.5 * random.uniform();
  double strength = 110;
  for (int cells = 2; cells < 400; cells *= 2) {
    Image grid(cells, std::max(1, cells * height / width), 3);
    for (size_t i = 0; i < grid.pixels.size(); ++i) {
      grid.pixels[i] = gray && i % 3 != 0
                           ? grid.pixels[i - 1]
                           : static_cast<uint8_t>(random.next() >> 24);
    }
    const Image large = resize(grid, width, height, Filter::kBicubic);
    for (size_t i = 0; i < total.size(); ++i) {
      total[i] += static_cast<float>(strength * (large.pixels[i] - 128) / 128);
    }
    strength *= roughness;
  }
  for (size_t i = 0; i < total.size(); ++i) {
    sum.pixels[i] =
        static_cast<uint8_t>(std::clamp(128.0F + total[i], 0.0F, 255.0F));
  }
  return sum;
}

Image gradient(Random& random, int width, int height) {
  double ends[2][3];
  for (auto& end : ends) {
    for (double& c : end) c = 255 * random.uniform();
  }
  const double turn = 2 * M_PI * random.uniform();
  const double ripple = random.uniform() < 0.5 ? 0 : 40 * random.uniform();
  const double length = 10 + 100 * random.uniform();
  Image image(width, height, 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double along = x * std::cos(turn) + y * std::sin(turn);
      const double t = 0.5 + 0.5 * along / (width + height);
      for (int c = 0; c < 3; ++c) {
        const double value = ends[0][c] + (ends[1][c] - ends[0][c]) * t +
                             ripple * std::sin(along / length);
        image.row(y)[3 * x + c] =
            static_cast<uint8_t>(std::clamp(value, 0.0, 255.0));
      }
    }
  }
  return image;
}

// A piece of a photo that shows only parts that `wanted` says, enlarged.
template <typename Wanted>
Image piece(Random& random, const std::vector<Face>& faces, int width,
            int height, const Wanted& wanted) {
  for (int trial = 0; trial < 4000; ++trial) {
    const Face& face = faces[random.next() % faces.size()];
    const int w = 36 + static_cast<int>(random.next() % 70);
    const int h = std::clamp(w * height / width, 16, 200);
    const int x0 = static_cast<int>(random.next() % (256 - w));
    const int y0 = static_cast<int>(random.next() % (256 - h));
    bool fits = true;
    for (int y = y0; fits && y < y0 + h; ++y) {
      for (int x = x0; fits && x < x0 + w; ++x) {
        fits = wanted(face.mask.row(y)[x]);
      }
    }
    if (!fits) continue;
    Image part(w, h, 3);
    for (int y = 0; y < h; ++y) {
      std::copy_n(face.photo.row(y0 + y) + size_t{3} * x0, size_t{3} * w,
                  part.row(y));
    }
    return resize(part, width, height, Filter::kBicubic);
  }
  return noise(random, width, height);
}

// A face whose features are out of order: strips of it, shuffled.
Image shuffled(Random& random, const Face& face, int side) {
  const int strips = 6 + static_cast<int>(random.next() % 4);
  const Image large = resize(face.photo, side, side, Filter::kBicubic);
  Image image(side, side, 3);
  std::vector<int> order(static_cast<size_t>(strips) * strips);
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  for (size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[random.next() % i]);
  }
  const int size = side / strips;
  for (size_t i = 0; i < order.size(); ++i) {
    const int to_x = static_cast<int>(i) % strips * size;
    const int to_y = static_cast<int>(i) / strips * size;
    const int from_x = order[i] % strips * size;
    const int from_y = order[i] / strips * size;
    for (int y = 0; y < size; ++y) {
      std::copy_n(large.row(from_y + y) + size_t{3} * from_x, size_t{3} * size,
                  image.row(to_y + y) + size_t{3} * to_x);
    }
  }
  return image;
}

const std::vector<std::string> kBackgrounds = {"noise", "gradient", "photo"};

Image background(Random& random, const std::string& kind,
                 const std::vector<Face>& faces, int width, int height) {
  if (kind == "noise") return noise(random, width, height);
  if (kind == "gradient") return gradient(random, width, height);
  return piece(random, faces, width, height, [](int p) { return p == 0; });
}

// Faces in them --------------------------------------------------------------

struct Shown {
  FaceFrame frame;    // true one, in the picture
  FacePoints points;  // of the eyes alone
  bool eyes;
  double angle, scale;
};

// Puts a face into the picture: its whole square, or the person alone.
Shown put(Image& picture, const Face& face, const FaceFrame& frame,
          bool person) {
  const int size = std::max(8, static_cast<int>(std::lround(frame.side)));
  const Image photo = resize(face.photo, size, size, Filter::kLanczos);
  Image alpha(256, 256, 1);
  for (size_t i = 0; i < alpha.pixels.size(); ++i) {
    alpha.pixels[i] = !person || face.mask.pixels[i] != 0 ? 255 : 0;
  }
  alpha = resize(alpha, size, size, Filter::kBilinear);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const Place at = to_frame(frame, {x + 0.5, y + 0.5});
      const double u = at.x * size - 0.5;
      const double v = at.y * size - 0.5;
      if (!(u > -0.5 && v > -0.5 && u < size - 0.5 && v < size - 0.5)) continue;
      const int i = std::clamp(static_cast<int>(std::floor(u)), 0, size - 2);
      const int j = std::clamp(static_cast<int>(std::floor(v)), 0, size - 2);
      const double s = std::clamp(u - i, 0.0, 1.0);
      const double t = std::clamp(v - j, 0.0, 1.0);
      const auto mix = [&](const Image& from, int c) {
        const auto value = [&](int dx, int dy) {
          return static_cast<double>(
              from.row(j + dy)[(i + dx) * from.channels + c]);
        };
        return (1 - t) * ((1 - s) * value(0, 0) + s * value(1, 0)) +
               t * ((1 - s) * value(0, 1) + s * value(1, 1));
      };
      const double share = mix(alpha, 0) / 255;
      for (int c = 0; c < 3; ++c) {
        uint8_t& out = picture.row(y)[3 * x + c];
        out = static_cast<uint8_t>(
            std::lround(out + (mix(photo, c) - out) * share));
      }
    }
  }
  const auto scaled = [&](Place p) {
    return to_photo(frame, {p.x / 256, p.y / 256});
  };
  return {frame,
          {scaled(face.points.left_eye), scaled(face.points.right_eye), {}},
          face.eyes,
          frame.angle,
          frame.side / 256};
}

// Results --------------------------------------------------------------------

// Processor time, which does not depend on what else the machine does.
double seconds_since(std::clock_t start) {
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

struct Tally {
  int faces = 0, found = 0, pictures = 0, extra = 0;
  std::vector<double> eye_error, scale_error, shift_error, angle_error, times;
};

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(
      std::lround(share * static_cast<double>(values.size() - 1)))];
}

class Study {
 public:
  Study(FaceFinder& finder, fs::path out)
      : finder_(finder), out_(std::move(out)) {}

  void look(const Image& picture, const std::vector<Shown>& shown,
            const std::vector<std::string>& rows, const std::string& name) {
    const std::clock_t start = std::clock();
    const std::vector<FoundFace> found = finder_.find(picture);
    const double seconds = seconds_since(start);
    std::vector<bool> used(found.size());
    bool wrong = false;
    for (const std::string& row : rows) {
      Tally& tally = tallies_[row];
      ++tally.pictures;
      tally.times.push_back(seconds);
    }
    for (const Shown& face : shown) {
      const FoundFace* best = nullptr;
      for (size_t i = 0; i < found.size(); ++i) {
        const FrameChange change = change_between(face.frame, found[i].frame);
        if (change.shift < 0.2 && std::abs(std::log(change.scale)) < 0.3) {
          best = &found[i];
          used[i] = true;
        }
      }
      wrong = wrong || best == nullptr;
      const int turn = static_cast<int>(std::abs(face.angle)) / 10;
      std::vector<std::string> all = rows;
      if (shown.size() == 1) {
        all.push_back(
            fmt::format("  turned by {} to {}", 10 * turn, 10 * turn + 10));
        all.push_back(face.scale < 0.5   ? "  scale 0.3 to 0.5"
                      : face.scale < 0.9 ? "  scale 0.5 to 0.9"
                                         : "  scale 0.9 to 1.5");
      }
      for (const std::string& row : all) {
        Tally& tally = tallies_[row];
        ++tally.faces;
        if (best == nullptr) continue;
        ++tally.found;
        const FrameChange change = change_between(face.frame, best->frame);
        tally.scale_error.push_back(std::abs(change.scale - 1));
        tally.shift_error.push_back(change.shift);
        tally.angle_error.push_back(change.angle);
        if (!face.eyes) continue;
        const auto distance = [](Place a, Place b) {
          return std::hypot(a.x - b.x, a.y - b.y);
        };
        const double apart =
            distance(face.points.left_eye, face.points.right_eye);
        tally.eye_error.push_back(
            (distance(face.points.left_eye, best->points.left_eye) +
             distance(face.points.right_eye, best->points.right_eye)) /
            2 / apart);
      }
    }
    for (size_t i = 0; i < found.size(); ++i) {
      if (used[i]) continue;
      wrong = true;
      for (const std::string& row : rows) ++tallies_[row].extra;
      fmt::print("{}: no face at {:.0f},{:.0f}, side {:.0f}, score {:.2f}\n",
                 name, found[i].frame.centre.x, found[i].frame.centre.y,
                 found[i].frame.side, found[i].score);
    }
    if (wrong && !out_.empty()) {
      fs::create_directories(out_);
      write_image(out_ / (name + ".png"), picture);
    }
  }

  void print() const {
    fmt::print(
        "{:24} {:>8} {:>6} {:>7} {:>11} {:>11} {:>13} {:>13} {:>13} {:>13}\n",
        "", "pictures", "faces", "found", "false ones", "CPU s", "eyes %",
        "scale %", "shift %", "degrees");
    for (const auto& [name, t] : tallies_) {
      const auto both = [](const std::vector<double>& values, double factor) {
        return fmt::format("{:.2f} / {:.2f}", factor * quantile(values, 0.5),
                           factor * quantile(values, 0.95));
      };
      fmt::print(
          "{:24} {:>8} {:>6} {:>7} {:>11} {:>11} {:>13} {:>13} {:>13} "
          "{:>13}\n",
          name, t.pictures, t.faces,
          t.faces == 0 ? std::string("-")
                       : fmt::format("{:.1f} %", 100.0 * t.found / t.faces),
          t.extra, both(t.times, 1), both(t.eye_error, 100),
          both(t.scale_error, 100), both(t.shift_error, 100),
          both(t.angle_error, 1));
    }
    fmt::print(
        "Columns with two numbers: median / 95 %. Eyes: of the distance "
        "between them; shift: of the frame's side.\n");
  }

 private:
  FaceFinder& finder_;
  fs::path out_;
  std::map<std::string, Tally> tallies_;
};

// The longer side of a picture in which a frame of `side` is well above the
// smallest that is looked for.
int canvas(Random& random, double side) {
  const double most = std::min(8.0 * side, 1600.0);
  return static_cast<int>(1.15 * side +
                          (most - 1.15 * side) * random.uniform());
}

void run(int argc, char** argv) {
  if (argc < 3) fail("usage: align_study PARSER FACES [--folder OUT] ...");
  std::map<std::string, std::string> options = {{"--split", "val"},
                                                {"--folder", ""},
                                                {"--each", "1"},
                                                {"--first", "0"},
                                                {"--count", "1000"}};
  for (int i = 3; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
  FaceFinder finder{fs::path(argv[1])};
  const std::vector<Face> faces =
      read_faces(argv[2], options["--split"], std::stoul(options["--first"]),
                 std::stoul(options["--count"]));
  Study study(finder, options["--folder"]);
  const int each = std::stoi(options["--each"]);

  // As they are.
  std::vector<double> times, scale, shift, angle;
  int kept = 0;
  for (const Face& face : faces) {
    const std::clock_t start = std::clock();
    const auto found = finder.find_aligned(face.photo);
    times.push_back(seconds_since(start));
    if (!found) {
      fmt::print("{}: not seen to be aligned\n", face.id);
      continue;
    }
    ++kept;
    const FrameChange change =
        change_between(whole_frame(face.photo), found->frame);
    scale.push_back(std::abs(change.scale - 1));
    shift.push_back(change.shift);
    angle.push_back(change.angle);
  }
  fmt::print(
      "aligned photos: {} of {} kept; off by (95 %) scale {:.1f} %, shift "
      "{:.1f} "
      "%, {:.1f} degrees; largest {:.1f} %, {:.1f} %, {:.1f}; {:.3f} s\n",
      kept, faces.size(), 100 * quantile(scale, 0.95),
      100 * quantile(shift, 0.95), quantile(angle, 0.95),
      100 * quantile(scale, 1), 100 * quantile(shift, 1), quantile(angle, 1),
      quantile(times, 0.5));

  Random random(2026);
  for (int round = 0; round < each; ++round) {
    for (size_t i = 0; i < faces.size(); ++i) {
      // One face.
      const double scaling =
          std::exp(std::log(0.3) + std::log(1.5 / 0.3) * random.uniform());
      const double side = 256 * scaling;
      const double turn = -30 + 60 * random.uniform();
      const int longer = canvas(random, side);
      const int shorter =
          std::max(static_cast<int>(longer * (0.55 + 0.45 * random.uniform())),
                   static_cast<int>(1.1 * side));
      const bool wide = random.uniform() < 0.5;
      const int width = wide ? std::max(longer, shorter) : shorter;
      const int height = wide ? shorter : std::max(longer, shorter);
      // The inner face stays in the picture.
      const double margin = 0.42 * side;
      const FaceFrame frame = {
          {margin + (width - 2 * margin) * random.uniform(),
           margin + (height - 2 * margin) * random.uniform()},
          side,
          turn};
      const std::string kind = i % 4 == 3 ? "own" : kBackgrounds[i % 4];
      Image picture;
      if (kind == "own") {
        // The photo goes on as its mirrored and blurred self.
        const int square = std::max(width, height);
        FaceFrame view = {{}, 256.0 * square / side, -turn};
        const Place middle = to_frame(frame, {square / 2.0, square / 2.0});
        view.centre = {middle.x * 256, middle.y * 256};
        if (std::abs(view.centre.x - 128) > 0.6 * view.side ||
            std::abs(view.centre.y - 128) > 0.6 * view.side ||
            view.side > 4000) {
          picture = noise(random, width, height);
        } else {
          picture = crop_frame(faces[i].photo, view, square);
        }
      } else {
        picture = background(random, kind, faces, width, height);
      }
      const bool person = kind != "own" && random.uniform() < 0.5;
      const Shown shown = put(picture, faces[i], frame, person);
      study.look(picture, {shown}, {"1 one face", "  on " + kind},
                 fmt::format("one-{}-{}", faces[i].id, round));

      // Two faces, neither hiding the other.
      if (i % 3 == 0) {
        const Face& other = faces[(i + 7) % faces.size()];
        const double first = 100 + 200 * random.uniform();
        const double second = first * (0.5 + random.uniform());
        const int w = static_cast<int>((first + second) *
                                       (1.05 + 0.8 * random.uniform()));
        const int h = static_cast<int>(std::max(first, second) *
                                       (1.1 + random.uniform()));
        const std::string on = kBackgrounds[random.next() % 3];
        Image both = background(random, on, faces, w, h);
        const auto spot = [&](double s, double low, double high) {
          return FaceFrame{{low + s / 2 + (high - low - s) * random.uniform(),
                            s / 2 + (h - s) * random.uniform()},
                           s,
                           -20 + 40 * random.uniform()};
        };
        const double border = w * first / (first + second);
        const bool cut = random.uniform() < 0.5;
        const std::vector<Shown> two = {
            put(both, faces[i], spot(first, 0, border), cut),
            put(both, other, spot(second, border, w), cut)};
        study.look(both, two, {"2 two faces"},
                   fmt::format("two-{}-{}", faces[i].id, round));
      }
    }
  }

  // No face.
  const int empty = each * static_cast<int>(faces.size() + 5) / 6;
  for (int i = 0; i < empty; ++i) {
    const int width = 300 + static_cast<int>(random.next() % 1000);
    const int height = 300 + static_cast<int>(random.next() % 1000);
    const auto none = [&](const Image& picture, const std::string& kind) {
      study.look(picture, {}, {"3 no face", "3   " + kind},
                 fmt::format("none-{}-{}", kind, i));
    };
    const auto only = [](int label) {
      return [label](int part) { return part == label; };
    };
    none(noise(random, width, height), "noise");
    none(gradient(random, width, height), "gradient");
    none(piece(random, faces, width, height, only(0)), "background");
    none(piece(random, faces, width, height, only(13)), "hair");
    none(piece(random, faces, width, height, only(18)), "clothes");
    none(piece(random, faces, width, height, only(1)), "skin");
    none(shuffled(random, faces[i % faces.size()],
                  300 + static_cast<int>(random.next() % 500)),
         "face in pieces");
  }

  // Twelve megapixels.
  for (int i = 0; i < 6; ++i) {
    const bool face = i < 4;
    Image picture = background(random, kBackgrounds[i % 3], faces, 4000, 3000);
    std::vector<Shown> shown;
    if (face) {
      const double side = i % 2 == 0 ? 600 : 1600;
      shown.push_back(put(picture, faces[i], {{2200, 1500}, side, 10}, true));
    }
    study.look(picture, shown,
               {face ? "4 12 megapixels, face" : "4 12 megapixels, none"},
               fmt::format("large-{}", i));
  }
  study.print();
}

}  // namespace
}  // namespace limner

int main(int argc, char** argv) {
  try {
    limner::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "align_study: {}\n", error.what());
    return 1;
  }
  return 0;
}
