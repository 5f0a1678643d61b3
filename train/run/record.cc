#include "train/run/record.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include "image/codec.h"
#include "train/run/report.h"
#include "util/error.h"
#include "util/files.h"

namespace limner::train {
namespace {

namespace fs = std::filesystem;

constexpr size_t kSheetsShown = 4;
constexpr std::chrono::milliseconds kRedraw{200};

bool on_terminal() { return ::isatty(STDERR_FILENO) == 1; }

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

// "0:09", "12:34", "1:02:03".
std::string clock_text(double seconds) {
  const auto total =
      static_cast<int64_t>(std::clamp(std::ceil(seconds), 0.0, 3.6e8));
  if (total < 3600) return fmt::format("{}:{:02}", total / 60, total % 60);
  return fmt::format("{}:{:02}:{:02}", total / 3600, total / 60 % 60,
                     total % 60);
}

std::vector<fs::path> last_sheets(const fs::path& folder) {
  std::vector<fs::path> sheets;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".png") sheets.push_back(entry.path());
  }
  std::sort(sheets.begin(), sheets.end());
  if (sheets.size() > kSheetsShown) {
    sheets.erase(sheets.begin(), sheets.end() - kSheetsShown);
  }
  return sheets;
}

}  // namespace

void tell(const std::string& text) {
  // On a terminal a progress line may stand here: it is wiped first.
  put((on_terminal() ? "\r\033[K" : "") + text + "\n");
}

bool attempt(const std::string& what, const std::function<void()>& body) {
  try {
    body();
    return true;
  } catch (const Error& error) {
    tell(fmt::format("warning: {}: {}", what, error.what()));
    return false;
  }
}

Record::Record(fs::path folder, nlohmann::json settings, int64_t step,
               int64_t steps)
    : folder_(std::move(folder)),
      settings_(std::move(settings)),
      steps_(steps),
      metrics_(folder_ / "metrics.jsonl", step) {
  make_folders(folder_ / "sheets");
  events_ = std::make_unique<EventFile>(folder_ / "events", step + 1);
}

void Record::losses(int64_t step, double seconds, double images_per_second,
                    const std::map<std::string, double>& losses) {
  attempt("the losses are not recorded", [&] {
    metrics_.append({{"step", step},
                     {"seconds", seconds},
                     {"images_per_second", images_per_second},
                     {"losses", losses}});
    std::map<std::string, double> scalars;
    for (const auto& [name, value] : losses) scalars["losses/" + name] = value;
    scalars["speed/images_per_second"] = images_per_second;
    events_->scalars(step, scalars);
  });
}

void Record::validation(int64_t step,
                        const std::map<std::string, double>& values) {
  if (values.empty()) return;
  attempt("the validation is not recorded", [&] {
    metrics_.append({{"step", step}, {"validation", values}});
    std::map<std::string, double> scalars;
    for (const auto& [name, value] : values) {
      scalars["validation/" + name] = value;
    }
    events_->scalars(step, scalars);
  });
}

void Record::sheet(int64_t step, const Image& image) {
  attempt("the sample sheet is not kept", [&] {
    write_image(folder_ / "sheets" / fmt::format("{:07}.png", step), image);
    events_->picture(step, "sheet", image);
  });
}

void Record::report(int64_t step, const std::string& status) {
  attempt("the report is not up to date", [&] {
    Report report;
    report.title = "Training in " + fs::absolute(folder_).filename().string();
    report.status = status;
    report.step = step;
    report.steps = steps_;
    report.settings = settings_;
    report.metrics = read_metrics(folder_ / "metrics.jsonl");
    report.sheets = last_sheets(folder_ / "sheets");
    write_file(folder_ / "report.html", report_html(report));
  });
}

ProgressLine::ProgressLine(int64_t, int64_t steps)
    : terminal_(on_terminal()), steps_(steps) {}

ProgressLine::~ProgressLine() {
  if (terminal_) put("\r\033[K");
}

void ProgressLine::show(int64_t step,
                        const std::map<std::string, double>& losses,
                        double images_per_second, double steps_per_second,
                        bool due) {
  const auto now = std::chrono::steady_clock::now();
  if (!due && (!terminal_ || now - drawn_ < kRedraw)) return;
  drawn_ = now;
  std::string line = steps_ > 0 ? fmt::format("step {}/{}", step, steps_)
                                : fmt::format("step {}", step);
  for (const auto& [name, value] : losses) {
    line += fmt::format("  {} {:.4g}", name, value);
  }
  line += fmt::format("  {:.1f} images/s", images_per_second);
  if (steps_ > 0 && steps_per_second > 0) {
    const auto left = static_cast<double>(std::max<int64_t>(steps_ - step, 0));
    line += fmt::format("  {} left", clock_text(left / steps_per_second));
  }
  put(terminal_ ? "\r" + line + "\033[K" : line + "\n");
}

}  // namespace limner::train
