// What the server counts, in Prometheus' text format 0.0.4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "server/bounded_cache.h"
#include "server/work_lane.h"

namespace limner::server {

// Requests by route and status. Thread-safe.
class RequestCounts {
 public:
  void add(const std::string& route, int status);
  std::string text() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, uint64_t> counts_;
};

// By name ("faces"), as the label `lane` or `cache`.
std::string lanes_text(const std::map<std::string, const WorkLane*>& lanes);
std::string caches_text(const std::map<std::string, CacheFigures>& caches);

// One value with its help and type ("gauge", "counter").
std::string value_text(const std::string& name, const std::string& type,
                       const std::string& help, double value);

// Memory of this process that is resident, in bytes; 0 where it cannot be told.
uint64_t resident_bytes();

}  // namespace limner::server
