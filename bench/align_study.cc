// How well faces are found in photos, and how exactly their eyes: on pictures
// composed from aligned faces with masks of their parts, and on pictures
// without a face.
//
//   align_study PARSER FACES [--split NAME] [--first N] [--count N]
//       [--each ROUNDS] [--folder OUT] [--sources NAMES] [--only PART]
//
// FACES: a folder with manifest.csv (first field: id, second: source, last:
// split), images/ID.jpg and masks/ID.png, 19 labels. OUT gets the pictures that
// went wrong. NAMES: beginnings of the sources, with commas, whose photos are
// shown in their own backgrounds, as they are and harmed. PART: composed,
// photos or textures. The same files give the same pictures on any machine.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "align_pictures.h"
#include "align_scenes.h"
#include "image/codec.h"
#include "util/error.h"
#include "util/random.h"

namespace limner {
namespace {

namespace fs = std::filesystem;

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
  const double max = std::min(8.0 * side, 1600.0);
  return static_cast<int>(1.15 * side + (max - 1.15 * side) * random.uniform());
}

// Aligned photos as they are.
void keep_aligned(FaceFinder& finder, const std::vector<Face>& faces) {
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
}

// `face`'s photo around its place, going on as its mirrored and blurred self.
Image own_background(Random& random, const Face& face, const FaceFrame& frame,
                     int width, int height) {
  const int square = std::max(width, height);
  FaceFrame view = {{}, 256.0 * square / frame.side, -frame.angle};
  const Place middle = to_frame(frame, {square / 2.0, square / 2.0});
  view.centre = {middle.x * 256, middle.y * 256};
  if (std::abs(view.centre.x - 128) > 0.6 * view.side ||
      std::abs(view.centre.y - 128) > 0.6 * view.side || view.side > 4000) {
    return noise(random, width, height);
  }
  return crop_frame(face.photo, view, square);
}

void show_one(Random& random, Study& study, const std::vector<Face>& faces,
              size_t i, int round) {
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
  const FaceFrame frame = {{margin + (width - 2 * margin) * random.uniform(),
                            margin + (height - 2 * margin) * random.uniform()},
                           side,
                           turn};
  const std::string kind = i % 4 == 3 ? "own" : kBackgrounds[i % 4];
  Image picture = kind == "own"
                      ? own_background(random, faces[i], frame, width, height)
                      : background(random, kind, faces, width, height);
  const bool person = kind != "own" && random.uniform() < 0.5;
  const Shown shown = put(picture, faces[i], frame, person);
  study.look(picture, {shown}, {"1 one face", "  on " + kind},
             fmt::format("one-{}-{}", faces[i].id, round));
}

// Whether `source` begins with one of `names`, which commas part.
bool is_of(const std::string& source, const std::string& names) {
  for (size_t at = 0; at < names.size();) {
    const size_t end = std::min(names.find(',', at), names.size());
    if (source.compare(0, end - at, names, at, end - at) == 0) return true;
    at = end + 1;
  }
  return false;
}

// A whole photo of a person, smaller than the picture, whose background goes on
// around it; as it is and harmed.
void show_photos(Study& study, const std::vector<Face>& faces) {
  std::vector<std::string> kinds = kHarms;
  kinds.insert(kinds.begin(), "as they are");
  for (const Face& face : faces) {
    for (size_t k = 0; k < kinds.size(); ++k) {
      Random random(2027, std::stoull(face.id) * kinds.size() + k);
      const double side = random.between(80, 320);
      const int square = static_cast<int>(
          side * random.between(1.3, std::min(6.0, 900 / side)));
      const double margin = 0.5 * side;
      FaceFrame frame = {{random.between(margin, square - margin),
                          random.between(margin, square - margin)},
                         side,
                         random.between(-15, 15)};
      Image photo = own_background(random, face, frame, square, square);
      Shown shown = put(photo, face, frame, false);
      if (k > 0) {
        harm(random, kinds[k], shown.frame, photo);
        shown.eyes = false;  // they may have moved with it
      }
      std::vector<std::string> rows = {"5 photos, " + kinds[k]};
      if (k > 0) rows.emplace_back("5 photos, harmed: all");
      study.look(photo, {shown}, rows,
                 fmt::format("photo-{}-{}", face.id, kinds[k]));
    }
  }
}

void show_textures(Study& study, int count) {
  for (int i = 0; i < count; ++i) {
    Random random(2028, static_cast<uint64_t>(i));
    const std::string& kind = kTextures[i % kTextures.size()];
    const int width = 300 + static_cast<int>(random.next() % 600);
    const int height = 300 + static_cast<int>(random.next() % 600);
    study.look(texture(random, kind, width, height), {},
               {"6 textures", "6   " + kind},
               fmt::format("texture-{}-{}", kind, i));
  }
}

// Two faces, neither hiding the other.
void show_two(Random& random, Study& study, const std::vector<Face>& faces,
              size_t i, int round) {
  const Face& other = faces[(i + 7) % faces.size()];
  const double first = 100 + 200 * random.uniform();
  const double second = first * (0.5 + random.uniform());
  const int w =
      static_cast<int>((first + second) * (1.05 + 0.8 * random.uniform()));
  const int h =
      static_cast<int>(std::max(first, second) * (1.1 + random.uniform()));
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

void show_none(Random& random, Study& study, const std::vector<Face>& faces,
               int count) {
  for (int i = 0; i < count; ++i) {
    const int width = 300 + static_cast<int>(random.next() % 1000);
    const int height = 300 + static_cast<int>(random.next() % 1000);
    const auto none = [&](const Image& picture, const std::string& kind) {
      study.look(picture, {}, {"3 no face", "3   " + kind},
                 fmt::format("none-{}-{}", kind, i));
    };
    none(noise(random, width, height), "noise");
    none(gradient(random, width, height), "gradient");
    none(piece(random, faces, width, height, 0), "background");
    none(piece(random, faces, width, height, 13), "hair");
    none(piece(random, faces, width, height, 18), "clothes");
    none(piece(random, faces, width, height, 1), "skin");
    none(shuffled(random, faces[i % faces.size()],
                  300 + static_cast<int>(random.next() % 500)),
         "face in pieces");
  }
}

// Twelve megapixels.
void show_large(Random& random, Study& study, const std::vector<Face>& faces) {
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
}

void show_composed(FaceFinder& finder, Study& study,
                   const std::vector<Face>& faces, int each) {
  keep_aligned(finder, faces);
  Random random(2026);
  for (int round = 0; round < each; ++round) {
    for (size_t i = 0; i < faces.size(); ++i) {
      show_one(random, study, faces, i, round);
      if (i % 3 == 0) show_two(random, study, faces, i, round);
    }
  }
  show_none(random, study, faces,
            each * static_cast<int>(faces.size() + 5) / 6);
  show_large(random, study, faces);
}

void run(int argc, char** argv) {
  if (argc < 3) fail("usage: align_study PARSER FACES [--folder OUT] ...");
  std::map<std::string, std::string> options = {
      {"--split", "val"},  {"--folder", ""},  {"--each", "1"}, {"--first", "0"},
      {"--count", "1000"}, {"--sources", ""}, {"--only", ""}};
  for (int i = 3; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
  FaceFinder finder{fs::path(argv[1])};
  const std::vector<Face> faces =
      read_faces(argv[2], options["--split"], std::stoul(options["--first"]),
                 std::stoul(options["--count"]));
  Study study(finder, options["--folder"]);
  const std::string& only = options["--only"];
  const auto wanted = [&](const char* part) {
    return only.empty() || only == part;
  };
  if (wanted("composed")) {
    show_composed(finder, study, faces, std::stoi(options["--each"]));
  }
  if (wanted("photos") && !options["--sources"].empty()) {
    std::vector<Face> photos;
    std::copy_if(faces.begin(), faces.end(), std::back_inserter(photos),
                 [&](const Face& face) {
                   return is_of(face.source, options["--sources"]);
                 });
    show_photos(study, photos);
  }
  constexpr int kTexturePictures = 100;
  if (wanted("textures")) show_textures(study, kTexturePictures);
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
