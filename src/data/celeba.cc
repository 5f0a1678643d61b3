// CelebAMask-HQ as downloaded: a photo of 1024 pixels and, for each part that
// can be seen, a black and white picture of 512 pixels. Or merged, as its
// scripts do it: one picture of part numbers a face.
#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>

#include "data/layouts.h"
#include "image/codec.h"
#include "util/error.h"

namespace limner {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPhotos = "CelebA-HQ-img";
constexpr const char* kMasks = "CelebAMask-HQ-mask-anno";
// What people call the folder of merged masks.
constexpr std::array<const char*, 2> kMerged = {"CelebAMask-HQ-mask",
                                                "CelebAMaskHQ-mask"};
constexpr int kFolderSize = 2000;  // numbers in each folder of masks
constexpr int kFirstHeldOut = 27000;

// Labels 1..18. Later parts cover earlier ones.
constexpr std::array<const char*, kMaskLabels> kNames = {
    "",       "skin",  "nose",   "eye_g", "l_eye", "r_eye", "l_brow",
    "r_brow", "l_ear", "r_ear",  "mouth", "u_lip", "l_lip", "hair",
    "hat",    "ear_r", "neck_l", "neck",  "cloth"};

// The number that `text` is, digits only; -1 for anything else.
int number_of(const std::string& text) {
  int number = -1;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  return result.ec == std::errc() && result.ptr == end && text[0] != '-'
             ? number
             : -1;
}

// Hidden files are none of the set's: file managers write them, and disks
// that other systems read keep what they cannot hold beside it (._NAME).
bool is_hidden(const fs::path& file) {
  return file.filename().string()[0] == '.';
}

// The numbers that name files of an ending, ascending.
std::vector<int> numbers_in(const fs::path& folder, const char* ending) {
  std::vector<int> numbers;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().extension() != ending || is_hidden(file.path())) continue;
    const int number = number_of(file.path().stem().string());
    if (number >= 0) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

// Where the numbers of a split begin and end. numbers: ascending.
using Place = std::vector<int>::const_iterator;

std::pair<Place, Place> of_split(const std::vector<int>& numbers,
                                 const std::string& split) {
  Place border =
      std::lower_bound(numbers.begin(), numbers.end(), kFirstHeldOut);
  if (border == numbers.end()) {
    border = numbers.end() - static_cast<int64_t>((numbers.size() + 9) / 10);
  }
  return split == "train" ? std::pair(numbers.begin(), border)
                          : std::pair(border, numbers.end());
}

class CelebA : public Dataset {
 public:
  CelebA(fs::path folder, const std::string& split)
      : folder_(std::move(folder)) {
    std::map<int, uint32_t> parts = list_parts();
    const std::vector<int> numbers = numbers_in(folder_ / kPhotos, ".jpg");
    for (const int number : numbers) {
      if (parts.count(number) == 0 || !(parts[number] >> kSkin & 1U)) {
        fail("{}: no such file; the photo {} needs it",
             printable(mask_path(number, kSkin).string(), 4096),
             printable(photo_path(number).string(), 4096));
      }
    }
    for (const auto& mask : parts) {
      if (!std::binary_search(numbers.begin(), numbers.end(), mask.first)) {
        fail("{}: no such file; the masks in {} need it",
             printable(photo_path(mask.first).string(), 4096),
             printable(mask_path(mask.first, kSkin).parent_path().string(),
                       4096));
      }
    }
    const auto [first, end] = of_split(numbers, split);
    for (auto at = first; at != end; ++at) {
      const int number = *at;
      numbers_.push_back(number);
      parts_.push_back(parts[number]);
      entries_.push_back({std::to_string(number), false, false});
    }
  }

  int64_t size() const override {
    return static_cast<int64_t>(entries_.size());
  }
  const FaceEntry& entry(int64_t i) const override { return entries_.at(i); }

  Face load(int64_t i) const override {
    const int number = numbers_.at(i);
    const fs::path photo = photo_path(number);
    Face face;
    face.photo = read_rgb(photo);
    check_square(face.photo, photo);
    for (int part = 1; part < kMaskLabels; ++part) {
      if (!(parts_[i] >> part & 1U)) continue;
      const fs::path path = mask_path(number, part);
      const Image cover = read_rgb(path);
      check_square(cover, path);
      if (face.mask.width == 0) face.mask = Image(cover.width, cover.width, 1);
      if (cover.width != face.mask.width) {
        fail("{}: is {} pixels wide; the face's other masks are {}",
             printable(path.string(), 4096), cover.width, face.mask.width);
      }
      for (size_t k = 0; k < face.mask.pixels.size(); ++k) {
        if (cover.pixels[3 * k] >= 128) face.mask.pixels[k] = part;
      }
    }
    if (std::find(face.mask.pixels.begin(), face.mask.pixels.end(), kSkin) ==
        face.mask.pixels.end()) {
      fail("{}: shows no skin; expected the mask of a face",
           printable(mask_path(number, kSkin).string(), 4096));
    }
    return face;
  }

  // A file for a part means that it can be seen.
  std::vector<uint32_t> parts() const override { return parts_; }

 private:
  fs::path photo_path(int number) const {
    return folder_ / kPhotos / fmt::format("{}.jpg", number);
  }
  fs::path mask_path(int number, int part) const {
    return folder_ / kMasks / std::to_string(number / kFolderSize) /
           fmt::format("{:05}_{}.png", number, kNames[part]);
  }

  // The parts that have a file, as bits, by number.
  std::map<int, uint32_t> list_parts() const {
    if (!fs::is_directory(folder_ / kMasks)) {
      fail("{}: no such folder; it belongs to {}",
           printable((folder_ / kMasks).string(), 4096), kPhotos);
    }
    std::map<int, uint32_t> parts;
    for (const auto& folder : fs::directory_iterator(folder_ / kMasks)) {
      if (!folder.is_directory()) continue;
      const int expected = number_of(folder.path().filename().string());
      for (const auto& file : fs::directory_iterator(folder)) {
        if (is_hidden(file.path())) continue;
        const std::string name = file.path().stem().string();
        const size_t gap = name.find('_');
        if (file.path().extension() != ".png" || gap == std::string::npos) {
          continue;
        }
        const int number = number_of(name.substr(0, gap));
        const auto part =
            std::find(kNames.begin() + 1, kNames.end(), name.substr(gap + 1));
        if (number < 0 || number / kFolderSize != expected ||
            part == kNames.end()) {
          fail(
              "{}: is no part mask of this folder; expected {}/K/NNNNN_skin"
              ".png and the like, K = N / {}",
              printable(file.path().string(), 4096), kMasks, kFolderSize);
        }
        parts[number] |= 1U << (part - kNames.begin());
      }
    }
    return parts;
  }

  fs::path folder_;
  std::vector<int> numbers_;
  std::vector<uint32_t> parts_;
  std::vector<FaceEntry> entries_;
};

class MergedCelebA : public Dataset {
 public:
  MergedCelebA(fs::path folder, fs::path masks, const std::string& split)
      : folder_(std::move(folder)), masks_(std::move(masks)) {
    const std::vector<int> numbers = numbers_in(folder_ / kPhotos, ".jpg");
    const std::vector<int> masked = numbers_in(masks_, ".png");
    if (numbers != masked) {
      fail("{} and {} do not hold the same numbers: N.jpg and N.png of each",
           printable((folder_ / kPhotos).string(), 4096),
           printable(masks_.string(), 4096));
    }
    const auto [first, end] = of_split(numbers, split);
    numbers_.assign(first, end);
    for (const int number : numbers_) {
      entries_.push_back({std::to_string(number), false, false});
    }
  }

  int64_t size() const override {
    return static_cast<int64_t>(entries_.size());
  }
  const FaceEntry& entry(int64_t i) const override { return entries_.at(i); }

  Face load(int64_t i) const override {
    const std::string number = std::to_string(numbers_.at(i));
    const fs::path photo = folder_ / kPhotos / (number + ".jpg");
    const fs::path mask = masks_ / (number + ".png");
    Face face;
    face.photo = read_rgb(photo);
    check_square(face.photo, photo);
    face.mask = read_indices(mask);
    check_square(face.mask, mask);
    const auto wrong =
        std::find_if(face.mask.pixels.begin(), face.mask.pixels.end(),
                     [](uint8_t value) { return value >= kMaskLabels; });
    if (wrong != face.mask.pixels.end()) {
      fail("{}: part {}, expected 0 to {}", printable(mask.string(), 4096),
           *wrong, kMaskLabels - 1);
    }
    if (std::find(face.mask.pixels.begin(), face.mask.pixels.end(), kSkin) ==
        face.mask.pixels.end()) {
      fail("{}: shows no skin; expected the mask of a face",
           printable(mask.string(), 4096));
    }
    return face;
  }

 private:
  fs::path folder_;
  fs::path masks_;
  std::vector<int> numbers_;
  std::vector<FaceEntry> entries_;
};

}  // namespace

std::unique_ptr<Dataset> open_celeba(const fs::path& folder,
                                     const std::string& split) {
  for (const char* merged : kMerged) {
    if (!fs::is_directory(folder / kMasks) &&
        fs::is_directory(folder / merged)) {
      return std::make_unique<MergedCelebA>(folder, folder / merged, split);
    }
  }
  return std::make_unique<CelebA>(folder, split);
}

}  // namespace limner
