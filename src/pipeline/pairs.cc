#include "pipeline/pairs.h"

#include <algorithm>
#include <deque>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "image/codec.h"
#include "util/endings.h"
#include "util/error.h"

namespace limner {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMaxName = 4096;  // paths are shown whole

std::string shown(const fs::path& path) {
  return printable(path.string(), kMaxName);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes a run of digits off the front of `text`, and returns it without
// leading zeros.
std::string_view take_number(std::string_view& text) {
  size_t end = 0;
  while (end < text.size() && is_digit(text[end])) ++end;
  std::string_view digits = text.substr(0, end);
  text.remove_prefix(end);
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

// The order of a character: a folder's end before all else, so that a folder's
// files stay together.
int rank(char c) { return c == '/' ? 0 : 1 + static_cast<unsigned char>(c); }

// Numbers by value, all else by byte: "2" < "10", "a/9" < "a-b/1".
bool natural_less(const std::string& left, const std::string& right) {
  std::string_view a = left;
  std::string_view b = right;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a[0]) && is_digit(b[0])) {
      const std::string_view m = take_number(a);
      const std::string_view n = take_number(b);
      if (m.size() != n.size()) return m.size() < n.size();
      if (m != n) return m < n;
    } else {
      if (a[0] != b[0]) return rank(a[0]) < rank(b[0]);
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  if (a.empty() != b.empty()) return a.empty();
  return left < right;  // "1" and "01"
}

struct Entry {
  std::string name;  // relative, without ending
  fs::path path;
  bool usual = true;  // no file of another program's
};

using Counts = std::map<std::string, int64_t>;

// Which endings count.
PictureEndings endings_of(SketchFiles files) {
  PictureEndings out = picture_endings();
  if (files == SketchFiles::kDrawings) {
    out.usual.insert(out.usual.end(), {".svg", ".json", ".ndjson"});
    out.others.insert(
        out.others.end(),
        {".svgz", ".pdf", ".inkml", ".excalidraw", ".tldr", ".kra", ".ora"});
  }
  return out;
}

bool is_among(const std::vector<std::string>& endings, const std::string& one) {
  return std::find(endings.begin(), endings.end(), one) != endings.end();
}

// What file managers leave in folders of pictures.
bool is_of_system(const fs::path& path) {
  const std::string name = path.filename().string();
  return name == "Thumbs.db" || name == "desktop.ini";
}

// Searches a folder. Each real folder is entered once, whatever links lead to
// it, so that loops of links end; links are followed last, so that a folder
// below the root goes by its own name rather than a link's.
class Search {
 public:
  Search(SketchFiles files, Counts& left_out)
      : endings_(endings_of(files)), left_out_(left_out) {}

  std::vector<Entry> run(const fs::path& root) {
    enter(root, "");
    while (!links_.empty()) {
      const Entry link = links_.front();
      links_.pop_front();
      enter(link.path, link.name + "/");
    }
    return std::move(found_);
  }

 private:
  void enter(const fs::path& folder, const std::string& prefix) {
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (error) fail("{}: cannot open: {}", shown(folder), error.message());
    if (!entered_.insert(real.string()).second) return;

    std::vector<fs::path> children;
    fs::directory_iterator it(folder, error);
    for (; !error && it != fs::directory_iterator(); it.increment(error)) {
      if (it->path().filename().string()[0] != '.') {
        children.push_back(it->path());
      }
    }
    if (error) fail("{}: cannot open: {}", shown(folder), error.message());
    std::sort(children.begin(), children.end());  // disks have no order

    for (const fs::path& child : children) {
      std::error_code ignored;  // a link to nothing is no picture
      const fs::file_status status = fs::status(child, ignored);
      const std::string name = child.filename().string();
      if (fs::is_directory(status)) {
        if (fs::is_symlink(child, ignored)) {
          links_.push_back({prefix + name, child});
        } else {
          enter(child, prefix + name + "/");
        }
      } else if (fs::is_regular_file(status)) {
        take(child, prefix);
      }
    }
  }

  void take(const fs::path& file, const std::string& prefix) {
    const std::string ending = lower_case_ending(file);
    const bool usual = is_among(endings_.usual, ending);
    if (usual || is_among(endings_.others, ending)) {
      found_.push_back({prefix + file.stem().string(), file, usual});
    } else if (!is_of_system(file)) {
      ++left_out_[ending.empty() ? "without an ending" : ending];
    }
  }

  PictureEndings endings_;
  Counts& left_out_;
  std::vector<Entry> found_;
  std::deque<Entry> links_;
  std::set<std::string> entered_;
};

// Drops others where there is a usual one of the same name.
void drop_copies(std::vector<Entry>& entries, Counts& left_out) {
  std::set<std::string> usual;
  for (const Entry& entry : entries) {
    if (entry.usual) usual.insert(entry.name);
  }
  const auto is_copy = [&](const Entry& entry) {
    if (entry.usual || usual.count(entry.name) == 0) return false;
    ++left_out[lower_case_ending(entry.path) +
               " beside a file of the same name"];
    return true;
  };
  entries.erase(std::remove_if(entries.begin(), entries.end(), is_copy),
                entries.end());
}

// The files at `path`, sorted, each name once, at least one.
std::vector<Entry> files_at(const fs::path& path, SketchFiles files,
                            Counts& left_out) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    if (status.type() != fs::file_type::not_found) {
      fail("{}: cannot open: {}", shown(path), error.message());
    }
    fail("{}: no such file or folder", shown(path));
  }
  if (!fs::is_directory(status)) return {{path.stem().string(), path}};

  std::vector<Entry> entries = Search(files, left_out).run(path);
  if (entries.empty()) {
    const PictureEndings endings = endings_of(files);
    const std::string others = counted(left_out);
    fail("{}: no {} ({} {}) in this folder{}", shown(path),
         files == SketchFiles::kPictures ? "pictures" : "drawings",
         fmt::join(endings.usual, " "), fmt::join(endings.others, " "),
         others.empty() ? "" : ", only " + others);
  }
  drop_copies(entries, left_out);
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return natural_less(a.name, b.name);
  });
  const auto twin = std::adjacent_find(
      entries.begin(), entries.end(),
      [](const Entry& a, const Entry& b) { return a.name == b.name; });
  if (twin != entries.end()) {
    fail("{} and {} have the same name but for the ending; keep one of them",
         shown(twin[0].path), shown(twin[1].path));
  }
  return entries;
}

Pairing pair_by_name(const std::vector<Entry>& sketches,
                     const std::vector<Entry>& photos) {
  Pairing result;
  std::vector<fs::path> left_photos;
  auto sketch = sketches.begin();
  auto photo = photos.begin();
  while (sketch != sketches.end() || photo != photos.end()) {
    if (photo == photos.end() ||
        (sketch != sketches.end() && natural_less(sketch->name, photo->name))) {
      result.unpaired.push_back((sketch++)->path);
    } else if (sketch == sketches.end() ||
               natural_less(photo->name, sketch->name)) {
      left_photos.push_back((photo++)->path);
    } else {
      result.pairs.push_back({sketch->name, sketch->path, photo->path});
      ++sketch;
      ++photo;
    }
  }
  if (result.pairs.empty()) {
    fail("no sketch has a photo of the same name: {} and {}, for example",
         shown(sketches[0].path), shown(photos[0].path));
  }
  result.unpaired.insert(result.unpaired.end(), left_photos.begin(),
                         left_photos.end());
  return result;
}

}  // namespace

std::string counted(const std::map<std::string, int64_t>& kinds) {
  std::string out;
  for (const auto& [kind, count] : kinds) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count,
                       printable(kind, kMaxName));
  }
  return out;
}

Pairing find_pairs(const fs::path& sketches, const fs::path& photos,
                   SketchFiles files) {
  Counts left_out;
  const std::vector<Entry> drawn = files_at(sketches, files, left_out);
  if (!photos.empty() && fs::is_directory(photos)) {
    const std::vector<Entry> taken =
        files_at(photos, SketchFiles::kPictures, left_out);
    Pairing result = pair_by_name(drawn, taken);
    result.left_out = std::move(left_out);
    return result;
  }
  // One photo, or none, for all.
  if (!photos.empty()) {
    files_at(photos, SketchFiles::kPictures, left_out);  // that it exists
  }
  Pairing result;
  result.left_out = std::move(left_out);
  for (const Entry& entry : drawn) {
    result.pairs.push_back({entry.name, entry.path, photos});
  }
  return result;
}

}  // namespace limner
