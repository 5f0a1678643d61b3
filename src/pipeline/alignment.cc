#include "pipeline/alignment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "image/resize.h"
#include "model/parser.h"
#include "nn/feature_map.h"
#include "pipeline/face_reading.h"
#include "pipeline/face_search.h"
#include "pipeline/network_file.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr int kLargestParser = 1024;
constexpr int kLargestCut = 1024;
// The parser reads faces of half its side and of its whole side well, so one
// reading covers frames of this range, in its sides.
constexpr double kMinRead = 0.39;
constexpr double kMaxRead = 0.80;
// Longer sides of the photo in the readings, in halves of the parser's side.
// The last one is what two squares of twice that side cover that overlap by a
// quarter of it.
constexpr std::array<double, 4> kReadings = {1, 2, 4, 7.5};
constexpr int kCells = 64;         // of the evidence, across the parser's side
constexpr double kMinFrame = 0.1;  // of the photo's longer side
constexpr double kMinPixels = 32;
constexpr double kBackground = 0.4;  // of the largest face
// Frames nearer than this, in sides of the larger, are of one face.
constexpr double kSameFace = 0.35;
constexpr size_t kCandidates = 6;  // of one reading
// Refining stops when a frame moves less than this, or after so many rounds.
constexpr double kStillScale = 0.03;
constexpr double kStillShift = 0.015;
constexpr double kStillAngle = 1.5;
constexpr int kRounds = 5;
// Faces of the validation pictures get 0.9 or more, in frames that are not
// theirs yet 0.7.
constexpr double kMinRough = 0.6;
// The quick look at a candidate misses some faces; those that look as much like
// one as this get a closer one. (Of faces nearly all, of what is none few.)
constexpr double kStrong = 0.86;
constexpr double kMinScore = 0.86;
constexpr double kMaxAngle = 50;
// How a frame is moved to confirm a face, and by how much its eyes and mouth
// may then be off, in distances between the eyes. Of the validation pictures
// they are off by 0.04 at most, what is no face mostly by more than 0.1.
constexpr double kMoveShift = 0.08;
constexpr double kMoveScale = 0.16;
constexpr double kMoveAngle = 10;
constexpr double kMaxOff = 0.08;

// Faces that a message names.
constexpr size_t kMaxNamed = 6;

// A photo in sizes that are at most twice what is asked for.
class Pyramid {
 public:
  explicit Pyramid(const Image& photo) : photo_(photo) {}

  // The photo with its longer side reduced to `longer`.
  const Image& at(int longer) {
    const auto found = sizes_.find(longer);
    if (found != sizes_.end()) return found->second;
    // From the next larger one that is there, which is much cheaper.
    const auto larger = sizes_.upper_bound(longer);
    const Image& from = larger != sizes_.end() ? larger->second : photo_;
    const double scale =
        static_cast<double>(longer) / std::max(photo_.width, photo_.height);
    const auto reduced = [&](int size) {
      return std::max(1, static_cast<int>(std::lround(size * scale)));
    };
    return sizes_[longer] = resize(from, reduced(photo_.width),
                                   reduced(photo_.height), Filter::kBilinear);
  }

  bool shows(Place place) const {
    return place.x > 0 && place.y > 0 && place.x < photo_.width &&
           place.y < photo_.height;
  }

  // The frame as a picture of `side`, from the coarsest size that is fine
  // enough.
  Image crop(const FaceFrame& frame, int side) {
    const int longer = std::max(photo_.width, photo_.height);
    const double wanted = longer * side / frame.side;
    const auto size = sizes_.lower_bound(static_cast<int>(std::ceil(wanted)));
    if (size == sizes_.end() || size->first >= longer) {
      return crop_frame(photo_, frame, side);
    }
    const Image& image = size->second;
    const double scale =
        static_cast<double>(std::max(image.width, image.height)) / longer;
    return crop_frame(image,
                      {{frame.centre.x * scale, frame.centre.y * scale},
                       frame.side * scale,
                       frame.angle},
                      side);
  }

 private:
  const Image& photo_;
  std::map<int, Image> sizes_;
};

// Stretches the levels of a picture whose middle is dark: the parser knows
// faces in good light.
void brighten_dark(Image& picture) {
  constexpr int kDark = 100;  // what is brightest in the middle
  constexpr double kShadow = 0.01;
  constexpr double kLight = 0.97;
  constexpr int kMinSpan = 20;
  const int edge = picture.width / 8;
  std::array<int, 256> counts = {};
  int all = 0;
  for (int y = edge; y < picture.height - edge; ++y) {
    for (int x = edge; x < picture.width - edge; ++x) {
      const uint8_t* p = picture.row(y) + 3 * x;
      ++counts[(299 * p[0] + 587 * p[1] + 114 * p[2]) / 1000];
      ++all;
    }
  }
  const auto level = [&](double share) {
    int seen = 0, at = 0;
    while (at < 255 && (seen += counts[at]) < share * all) ++at;
    return at;
  };
  const int shadow = level(kShadow);
  const int light = level(kLight);
  if (light >= kDark) return;
  const int span = std::max(light - shadow, kMinSpan);
  for (uint8_t& value : picture.pixels) {
    value =
        static_cast<uint8_t>(std::clamp((value - shadow) * 255 / span, 0, 255));
  }
}

// planar [3, side, side] in [-1, 1]: the square of a picture whose corner is
// (left, top); gray where it reaches beyond.
std::vector<float> planes_at(const Image& picture, int side, int left,
                             int top) {
  const size_t area = static_cast<size_t>(side) * side;
  std::vector<float> planes(3 * area, 0.0F);
  for (int y = std::max(0, -top); y < std::min(side, picture.height - top);
       ++y) {
    for (int x = std::max(0, -left); x < std::min(side, picture.width - left);
         ++x) {
      const uint8_t* pixel = picture.row(y + top) + 3 * (x + left);
      for (int c = 0; c < 3; ++c) {
        planes[c * area + static_cast<size_t>(y) * side + x] =
            static_cast<float>(pixel[c]) / 127.5F - 1.0F;
      }
    }
  }
  return planes;
}

double distance(Place a, Place b) { return std::hypot(a.x - b.x, a.y - b.y); }

// One parser for pictures of several sides. Thread-safe.
class Parsers {
 public:
  explicit Parsers(const Checkpoint& file)
      : file_(file, "parser"), side_(file_.whole("side", 1, kLargestParser)) {
    file_.whole("classes", Parser::kClasses, Parser::kClasses);
    of_side(side_);
  }

  int side() const { return side_; }

  const Parser& of_side(int side) {
    const std::lock_guard lock(mutex_);
    auto parser = parsers_.find(side);
    if (parser == parsers_.end()) {
      parser = parsers_.emplace(side, Parser(file_.tensors(), "", side)).first;
    }
    return parser->second;
  }

 private:
  const NetworkFile file_;
  const int side_;
  std::mutex mutex_;
  std::map<int, Parser> parsers_;
};

bool same_face(const FaceFrame& a, const FaceFrame& b) {
  const FaceFrame& larger = a.side > b.side ? a : b;
  const FaceFrame& smaller = a.side > b.side ? b : a;
  return change_between(larger, smaller).shift < kSameFace;
}

}  // namespace

bool is_aligned(const Image& photo, const FaceFrame& frame) {
  if (photo.width != photo.height) return false;
  const FrameChange change = change_between(whole_frame(photo), frame);
  return std::abs(std::log(change.scale)) <= std::log1p(kAlignedScale) &&
         change.shift <= kAlignedShift && change.angle <= kAlignedAngle;
}

int natural_side(const FaceFrame& frame) {
  return std::clamp(static_cast<int>(std::lround(frame.side)), 1, kLargestCut);
}

struct FaceFinder::Parts {
  explicit Parts(std::shared_ptr<Parsers> all)
      : parsers(std::move(all)), side(parsers->side()) {}

  std::vector<float> logits(const std::vector<float>& planes, int at) {
    return parsers->of_side(at).run(planes, workspace);
  }

  // What the parser sees in a frame, read at full or at half its side.
  FaceReading read(Pyramid& pyramid, const FaceFrame& frame,
                   bool half = false) {
    const int at = half ? half_side() : side;
    Image crop = pyramid.crop(frame, at);
    brighten_dark(crop);
    return read_face(logits(planes_at(crop, at, 0, 0), at), at);
  }

  // `limner-train` sees to it that parsers read half their side, too.
  int half_side() const { return side % 2 == 0 ? side / 2 : side; }

  // Where a face is near the candidate; none when there is no face.
  std::optional<FoundFace> refine(Pyramid& pyramid,
                                  const Candidate& candidate) {
    FaceFrame frame = candidate.frame;
    for (int round = 0; round < kRounds && pyramid.shows(frame.centre);
         ++round) {
      // Most candidates are none: a quick look tells.
      FaceReading reading = read(pyramid, frame, round == 0);
      const auto rough = [&] {
        return reading.complete && reading.score >= kMinRough;
      };
      if (round == 0 && !rough() && candidate.score >= kStrong) {
        reading = read(pyramid, frame);
      }
      if (!rough()) break;
      const FacePoints points = points_in_photo(frame, reading.points);
      const FaceFrame next = frame_of(points);
      const FrameChange change = change_between(frame, next);
      if (round > 0 && std::abs(change.scale - 1) < kStillScale &&
          change.shift < kStillShift && change.angle < kStillAngle) {
        FoundFace face = {points, next, reading.score};
        if (reading.score < kMinScore || !confirm(pyramid, face)) break;
        return face;
      }
      if (std::abs(next.angle) > kMaxAngle) break;
      if (round > 0 && (change.shift > 0.2 || change.angle > 15 ||
                        std::abs(std::log(change.scale)) > 0.3)) {
        break;
      }
      frame = next;
    }
    return std::nullopt;
  }

  // The parser learned from pictures that all have a face in the middle, and
  // sees one there in a texture, too. A real face keeps its place in the photo
  // when the frame is moved; an imagined one moves along. The mean of what is
  // seen in all frames is the most exact.
  bool confirm(Pyramid& pyramid, FoundFace& face) {
    const double apart = distance(face.points.left_eye, face.points.right_eye);
    std::vector<FacePoints> seen = {face.points};
    for (const int way : {-1, 1}) {
      FaceFrame moved = face.frame;
      moved.centre = to_photo(
          face.frame, {0.5 + way * kMoveShift, 0.5 - way * kMoveShift / 2});
      if (!pyramid.shows(moved.centre)) return false;
      moved.side *= std::exp(way * kMoveScale);
      moved.angle += way * kMoveAngle;
      const FaceReading reading = read(pyramid, moved);
      if (!reading.complete) return false;
      const FacePoints points = points_in_photo(moved, reading.points);
      const double off = (distance(points.left_eye, face.points.left_eye) +
                          distance(points.right_eye, face.points.right_eye) +
                          distance(points.mouth, face.points.mouth)) /
                         3 / apart;
      if (off > kMaxOff) return false;
      seen.push_back(points);
    }
    const auto mean = [&](Place FacePoints::*part) {
      Place sum;
      for (const FacePoints& points : seen) {
        sum = {sum.x + (points.*part).x, sum.y + (points.*part).y};
      }
      const auto count = static_cast<double>(seen.size());
      return Place{sum.x / count, sum.y / count};
    };
    face.points = {mean(&FacePoints::left_eye), mean(&FacePoints::right_eye),
                   mean(&FacePoints::mouth)};
    face.frame = frame_of(face.points);
    return true;
  }

  // Candidates of the photo with its longer side reduced to `longer`, in
  // pixels of the photo.
  std::vector<Candidate> search(Pyramid& pyramid, const Image& photo,
                                int longer) {
    const Image& picture = pyramid.at(longer);
    // Whole cells, so that squares and picture have one grid.
    const int cell = std::max(1, side / kCells);
    const int square = longer > side ? 2 * side : side;
    const int left = std::max(0, (square - picture.width) / 2 / cell * cell);
    const int top = std::max(0, (square - picture.height) / 2 / cell * cell);
    const auto starts = [&](int size) {
      std::vector<int> all = {0};
      if (size > square)
        all.push_back((size - square + cell - 1) / cell * cell);
      return all;
    };
    Evidence evidence(cell, std::max(square, picture.width + cell) / cell,
                      std::max(square, picture.height + cell) / cell);
    for (const int y : starts(picture.height)) {
      for (const int x : starts(picture.width)) {
        evidence.add(
            logits(planes_at(picture, square, x - left, y - top), square),
            square, x / cell, y / cell);
      }
    }
    std::vector<Candidate> found =
        candidates_of(evidence, kMinRead * side, kMaxRead * side, kCandidates);
    const double scale = static_cast<double>(photo.width) / picture.width;
    for (Candidate& candidate : found) {
      FaceFrame& frame = candidate.frame;
      frame.centre = {(frame.centre.x - left) * scale,
                      (frame.centre.y - top) * scale};
      frame.side *= scale;
    }
    return found;
  }

  std::shared_ptr<Parsers> parsers;
  int side;
  Workspace workspace;
};

FaceFinder::FaceFinder(const std::filesystem::path& parser)
    : FaceFinder(read_checkpoint(parser)) {}
FaceFinder::FaceFinder(const Checkpoint& parser)
    : parts_(new Parts(std::make_shared<Parsers>(parser))) {}
FaceFinder::FaceFinder(std::unique_ptr<Parts> parts)
    : parts_(std::move(parts)) {}
FaceFinder::~FaceFinder() = default;
FaceFinder::FaceFinder(FaceFinder&&) noexcept = default;
FaceFinder& FaceFinder::operator=(FaceFinder&&) noexcept = default;

FaceFinder FaceFinder::sharing() const {
  return FaceFinder(std::make_unique<Parts>(parts_->parsers));
}

std::optional<FoundFace> FaceFinder::find_aligned(const Image& photo) {
  if (photo.channels != 3 || photo.width != photo.height) return std::nullopt;
  Pyramid pyramid(photo);
  pyramid.at(parts_->side);
  const FaceFrame whole = whole_frame(photo);
  const FaceReading reading = parts_->read(pyramid, whole);
  if (!reading.complete || reading.score < kMinScore) return std::nullopt;
  const FacePoints points = points_in_photo(whole, reading.points);
  const FoundFace face = {points, frame_of(points), reading.score};
  if (!is_aligned(photo, face.frame)) return std::nullopt;
  return face;
}

std::vector<FoundFace> FaceFinder::find(const Image& photo) {
  if (photo.channels != 3 || photo.width < 1 || photo.height < 1) {
    fail("cannot look for faces in a picture of {} x {} pixels, {} channels",
         photo.width, photo.height, photo.channels);
  }
  const int longest = std::max(photo.width, photo.height);
  Pyramid pyramid(photo);
  const int side = parts_->side;
  // The finest one serves the others.
  pyramid.at(static_cast<int>(kReadings.back() / 2 * side));
  std::vector<FoundFace> faces;
  for (const double halves : kReadings) {
    const int longer = std::max(1, static_cast<int>(halves / 2 * side));
    // The largest frame that this reading finds, in the photo.
    const double max = kMaxRead * side * longest / longer;
    const double largest = faces.empty() ? 0 : faces.front().frame.side;
    if (max < std::max(kMinPixels, kBackground * largest)) break;
    for (const Candidate& candidate : parts_->search(pyramid, photo, longer)) {
      const auto known = [&](const FaceFrame& frame) {
        return std::any_of(faces.begin(), faces.end(), [&](const FoundFace& f) {
          return same_face(f.frame, frame);
        });
      };
      if (known(candidate.frame)) continue;
      const auto face = parts_->refine(pyramid, candidate);
      if (face && !known(face->frame)) faces.push_back(*face);
    }
    std::stable_sort(faces.begin(), faces.end(),
                     [](const FoundFace& a, const FoundFace& b) {
                       return a.frame.side > b.frame.side;
                     });
  }
  while (!faces.empty() && faces.back().frame.side <
                               std::max({kBackground * faces.front().frame.side,
                                         kMinFrame * longest, kMinPixels})) {
    faces.pop_back();
  }
  return faces;
}

Alignment align(FaceFinder& finder, const Image& photo, int face) {
  Alignment alignment;
  if (face <= 0) {
    if (const auto found = finder.find_aligned(photo)) {
      alignment.faces.push_back(*found);
      alignment.chosen = 0;
      alignment.kept = true;
      return alignment;
    }
  }
  alignment.faces = finder.find(photo);
  const auto count = static_cast<int>(alignment.faces.size());
  if (face > 0 && face <= count) alignment.chosen = face - 1;
  if (face == kOnlyFace && count == 1) alignment.chosen = 0;
  if (face == kLargestFace && count > 0) alignment.chosen = 0;
  return alignment;
}

const FoundFace& Alignment::face() const {
  if (chosen >= 0) return faces.at(chosen);
  if (faces.empty()) {
    fail(
        "no face was found in the photo; one has to be upright and at least a "
        "tenth of it, and show its eyes, nose and mouth: a mask, dark glasses "
        "or deep shadow hide them");
  }
  std::string where;
  for (size_t i = 0; i < std::min(faces.size(), kMaxNamed); ++i) {
    const FaceFrame& frame = faces[i].frame;
    where +=
        fmt::format("{}{} at {:.0f},{:.0f} ({:.0f} px)", i == 0 ? "" : ", ",
                    i + 1, frame.centre.x, frame.centre.y, frame.side);
  }
  if (faces.size() > kMaxNamed) where += ", ...";
  fail(
      "the photo has {} face{}: {}; choose one with --face N or --face largest",
      faces.size(), faces.size() == 1 ? "" : "s", where);
}

Image aligned_photo(const Image& photo, const Alignment& alignment, int side) {
  if (alignment.kept) {
    return side == 0 || side == photo.width
               ? photo
               : resize(photo, side, side, Filter::kLanczos);
  }
  const FaceFrame& frame = alignment.face().frame;
  return crop_frame(photo, frame, side == 0 ? natural_side(frame) : side);
}

}  // namespace limner
