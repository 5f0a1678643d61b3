#include "server/metrics.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>

namespace limner::server {
namespace {

std::string heading(const std::string& name, const std::string& type,
                    const std::string& help) {
  return fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

}  // namespace

void RequestCounts::add(const std::string& route, int status) {
  const std::lock_guard lock(mutex_);
  ++counts_[{route, status}];
}

std::string RequestCounts::text() const {
  std::string out = heading("limner_requests_total", "counter",
                            "Requests by route and status.");
  const std::lock_guard lock(mutex_);
  for (const auto& [key, count] : counts_) {
    out += fmt::format(
        "limner_requests_total{{route=\"{}\",status=\"{}\"}} "
        "{}\n",
        key.first, key.second, count);
  }
  return out;
}

std::string lanes_text(const std::map<std::string, const WorkLane*>& lanes) {
  std::string queue = heading("limner_queue_length", "gauge",
                              "Requests that wait for their turn.");
  std::string left = heading("limner_not_computed_total", "counter",
                             "Requests that did not come to their turn: "
                             "client gone, replaced, queue full, too late.");
  std::string waits = heading("limner_wait_seconds", "histogram",
                              "Time that requests waited for their turn.");
  std::string computes = heading("limner_compute_seconds", "histogram",
                                 "Time that computing took.");
  for (const auto& [name, lane] : lanes) {
    const LaneFigures figures = lane->figures();
    const std::string label = fmt::format("lane=\"{}\"", name);
    queue +=
        fmt::format("limner_queue_length{{{}}} {}\n", label, figures.waiting);
    const auto add = [&](const char* why, uint64_t count) {
      left += fmt::format("limner_not_computed_total{{{},why=\"{}\"}} {}\n",
                          label, why, count);
    };
    add("gone", figures.gone);
    add("replaced", figures.replaced);
    add("full", figures.refused);
    add("late", figures.late);
    waits += lane->waits().text("limner_wait_seconds", label);
    computes += lane->computes().text("limner_compute_seconds", label);
  }
  return queue + left + waits + computes;
}

std::string caches_text(const std::map<std::string, CacheFigures>& caches) {
  std::string hits = heading("limner_cache_hits_total", "counter",
                             "Values that were there already.");
  std::string misses = heading("limner_cache_misses_total", "counter",
                               "Values that were not there.");
  std::string entries =
      heading("limner_cache_entries", "gauge", "Values that are kept.");
  std::string bytes =
      heading("limner_cache_bytes", "gauge", "Memory of the kept values.");
  for (const auto& [name, figures] : caches) {
    const std::string label = fmt::format("cache=\"{}\"", name);
    const auto line = [&](const char* what, auto value) {
      return fmt::format("limner_cache_{}{{{}}} {}\n", what, label, value);
    };
    hits += line("hits_total", figures.hits);
    misses += line("misses_total", figures.misses);
    entries += line("entries", figures.entries);
    bytes += line("bytes", figures.bytes);
  }
  return hits + misses + entries + bytes;
}

std::string value_text(const std::string& name, const std::string& type,
                       const std::string& help, double value) {
  return heading(name, type, help) + fmt::format("{} {}\n", name, value);
}

uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t all = 0;
  uint64_t resident = 0;
  if (!(file >> all >> resident)) return 0;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace limner::server
