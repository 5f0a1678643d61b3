// The layout manifest.csv, images/, masks/.
#include <algorithm>
#include <sstream>
#include <unordered_set>
#include <utility>

#include "data/layouts.h"
#include "image/codec.h"
#include "sketch/labels.h"
#include "util/error.h"
#include "util/files.h"

namespace limner {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxManifest = uint64_t{1} << 30;

// The fields of one line: commas part them, quotes may enclose them, and a
// quote within quotes is doubled.
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"') {
      if (quoted && i + 1 < line.size() && line[i + 1] == '"') {
        fields.back() += line[++i];
      } else {
        quoted = !quoted;
      }
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

// A name that stays inside its folder.
bool plain(const std::string& id) {
  return !id.empty() && id[0] != '.' &&
         id.find_first_of(std::string("/\\\0", 3)) == std::string::npos;
}

class Manifest : public Dataset {
 public:
  Manifest(fs::path folder, const std::string& split)
      : folder_(std::move(folder)) {
    const fs::path path = folder_ / "manifest.csv";
    const std::string shown = printable(path.string(), 4096);
    const std::vector<unsigned char> bytes = read_file(path, kMaxManifest);
    std::istringstream text(std::string(bytes.begin(), bytes.end()));
    std::string line;
    std::vector<std::string> header;
    std::unordered_set<std::string> seen;
    for (int number = 1; std::getline(text, line); ++number) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      if (line.empty()) continue;
      const std::vector<std::string> fields = fields_of(line);
      if (header.empty()) {
        header = fields;
        for (const char* name : {"id", "split"}) {
          if (column(header, name) < 0) {
            fail("{}: has no column {} in its first line", shown, name);
          }
        }
        continue;
      }
      if (fields.size() != header.size()) {
        fail("{}: line {} has {} fields, expected {}", shown, number,
             fields.size(), header.size());
      }
      const auto value = [&](const char* name) {
        const int at = column(header, name);
        return at < 0 ? std::string() : fields[at];
      };
      if (!plain(value("id"))) {
        fail("{}: line {}: the id \"{}\" is no plain file name", shown, number,
             printable(value("id")));
      }
      if (!seen.insert(value("id")).second) {
        fail("{}: line {}: the id {} was there before", shown, number,
             printable(value("id")));
      }
      if (value("split") != split) continue;
      entries_.push_back(
          {value("id"), value("grayscale") == "1", value("dark") == "1"});
    }
  }

  int64_t size() const override {
    return static_cast<int64_t>(entries_.size());
  }
  const FaceEntry& entry(int64_t i) const override { return entries_.at(i); }

  Face load(int64_t i) const override {
    const std::string& id = entry(i).id;
    fs::path photo = folder_ / "images" / (id + ".jpg");
    const fs::path png = folder_ / "images" / (id + ".png");
    if (!fs::exists(photo) && fs::exists(png)) photo = png;
    Face face;
    face.photo = read_rgb(photo);
    check_square(face.photo, photo);
    face.mask = read_mask(i);
    return face;
  }

  std::vector<uint32_t> parts() const override {
    std::vector<uint32_t> parts(size());
    for_each(size(), 0, [&](int64_t i) { parts[i] = parts_of(read_mask(i)); });
    return parts;
  }

 private:
  // -1 where there is none.
  static int column(const std::vector<std::string>& header, const char* name) {
    const auto at = std::find(header.begin(), header.end(), name);
    return at == header.end() ? -1 : static_cast<int>(at - header.begin());
  }

  Image read_mask(int64_t i) const {
    const fs::path path = folder_ / "masks" / (entry(i).id + ".png");
    Image mask = read_labels(path, kMaskLabels - 1);
    check_square(mask, path);
    if (std::find(mask.pixels.begin(), mask.pixels.end(), kSkin) ==
        mask.pixels.end()) {
      fail("{}: has no skin (label {}); expected the mask of a face",
           printable(path.string(), 4096), static_cast<int>(kSkin));
    }
    return mask;
  }

  fs::path folder_;
  std::vector<FaceEntry> entries_;
};

}  // namespace

std::unique_ptr<Dataset> open_manifest(const fs::path& folder,
                                       const std::string& split) {
  return std::make_unique<Manifest>(folder, split);
}

}  // namespace limner
