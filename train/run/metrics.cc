#include "train/run/metrics.h"

#include <utility>

#include "util/error.h"
#include "util/files.h"

namespace limner::train {
namespace {

using nlohmann::json;

// Calls visit(line's text, its object) for every whole line.
template <typename Visit>
void for_each_line(const std::filesystem::path& path, const Visit& visit) {
  if (!std::filesystem::exists(path)) return;
  const std::vector<unsigned char> bytes = read_file(path);
  const std::string text(bytes.begin(), bytes.end());
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find('\n', begin);
    if (end == std::string::npos) return;  // was being written
    const std::string line = text.substr(begin, end - begin);
    const json object = json::parse(line, nullptr, false);
    if (object.is_object() && object.contains("step") &&
        object["step"].is_number_integer()) {
      visit(line, object);
    }
    begin = end + 1;
  }
}

}  // namespace

Metrics::Metrics(const std::filesystem::path& path, int64_t step) {
  std::string kept;
  if (step > 0) {
    for_each_line(path, [&](const std::string& line, const json& object) {
      if (object["step"].get<int64_t>() <= step) kept += line + "\n";
    });
  }
  write_file(path, kept);
  file_ = std::make_unique<AppendFile>(path);
}

void Metrics::append(const json& line) { file_->append(line.dump() + "\n"); }

std::vector<json> read_metrics(const std::filesystem::path& path) {
  std::vector<json> lines;
  for_each_line(path, [&](const std::string&, const json& object) {
    lines.push_back(object);
  });
  return lines;
}

void Averages::add(const std::map<std::string, double>& losses) {
  for (const auto& [name, value] : losses) {
    sums_[name].sum += value;
    ++sums_[name].count;
  }
}

std::map<std::string, double> Averages::take() {
  std::map<std::string, double> means;
  for (const auto& [name, entry] : sums_) {
    means[name] = entry.sum / static_cast<double>(entry.count);
  }
  sums_.clear();
  return means;
}

json Averages::save() const {
  json saved = json::object();
  for (const auto& [name, entry] : sums_) {
    saved[name] = {entry.sum, entry.count};
  }
  return saved;
}

void Averages::load(const json& saved) {
  sums_.clear();
  for (const auto& [name, pair] : saved.items()) {
    sums_[name] = {pair.at(0).get<double>(), pair.at(1).get<int64_t>()};
  }
}

}  // namespace limner::train
