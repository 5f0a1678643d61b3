// Values that are kept as long as there is room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace limner::server {

struct CacheFigures {
  uint64_t hits = 0;
  uint64_t misses = 0;
  size_t entries = 0;
  size_t bytes = 0;
};

// Keeps at most `max_entries` values of `max_bytes` together; what was used
// longest ago goes first. Values that were handed out live on as long as
// somebody holds them. Thread-safe.
template <typename Value>
class BoundedCache {
 public:
  BoundedCache(size_t max_entries, size_t max_bytes)
      : max_entries_(max_entries), max_bytes_(max_bytes) {}

  // The value of a key, or null.
  std::shared_ptr<Value> find(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(key);
    if (found == index_.end()) {
      ++figures_.misses;
      return nullptr;
    }
    ++figures_.hits;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->value;
  }

  // Keeps a value, in the place of one of the same key. bytes: its size with
  // all that it owns. One larger than the whole cache is not kept.
  void put(const std::string& key, std::shared_ptr<Value> value, size_t bytes) {
    const std::lock_guard lock(mutex_);
    if (const auto found = index_.find(key); found != index_.end()) {
      remove(found->second);
    }
    if (bytes > max_bytes_ || max_entries_ == 0) return;
    while (figures_.bytes > max_bytes_ - bytes ||
           entries_.size() >= max_entries_) {
      remove(std::prev(entries_.end()));
    }
    entries_.push_front({key, std::move(value), bytes});
    index_[key] = entries_.begin();
    figures_.bytes += bytes;
    figures_.entries = entries_.size();
  }

  CacheFigures figures() const {
    const std::lock_guard lock(mutex_);
    return figures_;
  }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<Value> value;
    size_t bytes;
  };
  using Place = typename std::list<Entry>::iterator;

  void remove(Place place) {
    figures_.bytes -= place->bytes;
    index_.erase(place->key);
    entries_.erase(place);
    figures_.entries = entries_.size();
  }

  const size_t max_entries_;
  const size_t max_bytes_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // the last used first
  std::unordered_map<std::string, Place> index_;
  CacheFigures figures_;
};

}  // namespace limner::server
