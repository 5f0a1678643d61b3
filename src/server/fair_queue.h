// Who is served next.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <utility>

namespace limner::server {

// Jobs that wait, each of a client (an address) and of one of the client's
// drawings (a key). Clients take turns, and so do the drawings of a client, so
// that neither many requests nor many keys buy more than one client's share. A
// drawing with a key has one job at most: a newer one takes the older's place.
// Job: cheap to copy and comparable, such as a pointer. Not thread-safe.
template <typename Job>
class FairQueue {
 public:
  // most: jobs that may wait.
  explicit FairQueue(size_t max) : max_(max) {}

  struct Pushed {
    bool added = false;           // false: the queue is full
    std::optional<Job> replaced;  // the older job of this drawing
    // The job that left a full queue for this one: the newest of the client
    // that has the most, when that has at least two more than this client.
    std::optional<Job> pushed_out;
  };

  // key: "" for jobs that replace none.
  Pushed push(const std::string& client, const std::string& key, Job job) {
    Pushed result;
    const auto own = find(client);
    if (own != clients_.end() && !key.empty()) {
      for (Drawing& drawing : own->drawings) {
        if (drawing.key != key) continue;
        result.added = true;
        result.replaced = std::exchange(drawing.jobs.front(), job);
        return result;
      }
    }
    if (size_ >= max_) {
      const size_t count = own == clients_.end() ? 0 : own->count;
      result.pushed_out = push_out(count);
      if (!result.pushed_out) return result;
    }
    add(client, key, job);
    result.added = true;
    return result;
  }

  // The next job, which leaves the queue.
  std::optional<Job> pop() {
    if (clients_.empty()) return std::nullopt;
    Client& client = clients_.front();
    Drawing& drawing = client.drawings.front();
    const Job job = drawing.jobs.front();
    drawing.jobs.pop_front();
    --client.count;
    --size_;
    // Whoever was served goes to the end of its line.
    if (drawing.jobs.empty()) {
      client.drawings.pop_front();
    } else {
      client.drawings.splice(client.drawings.end(), client.drawings,
                             client.drawings.begin());
    }
    if (client.drawings.empty()) {
      clients_.pop_front();
    } else {
      clients_.splice(clients_.end(), clients_, clients_.begin());
    }
    return job;
  }

  // Takes a job out; false when it is not there.
  bool remove(Job job) {
    for (auto client = clients_.begin(); client != clients_.end(); ++client) {
      auto& drawings = client->drawings;
      for (auto drawing = drawings.begin(); drawing != drawings.end();
           ++drawing) {
        const auto found =
            std::find(drawing->jobs.begin(), drawing->jobs.end(), job);
        if (found == drawing->jobs.end()) continue;
        drawing->jobs.erase(found);
        --client->count;
        --size_;
        if (drawing->jobs.empty()) drawings.erase(drawing);
        if (drawings.empty()) clients_.erase(client);
        return true;
      }
    }
    return false;
  }

  size_t size() const { return size_; }

 private:
  struct Drawing {
    std::string key;
    std::deque<Job> jobs;  // more than one only without a key
  };
  struct Client {
    std::string name;
    std::list<Drawing> drawings;  // the next to be served first
    size_t count = 0;
  };
  using ClientPlace = typename std::list<Client>::iterator;

  ClientPlace find(const std::string& name) {
    return std::find_if(clients_.begin(), clients_.end(),
                        [&](const Client& c) { return c.name == name; });
  }

  void add(const std::string& name, const std::string& key, Job job) {
    auto client = find(name);
    if (client == clients_.end()) {
      client = clients_.insert(clients_.end(), Client{name, {}, 0});
    }
    ++client->count;
    ++size_;
    auto& drawings = client->drawings;
    const auto same =
        std::find_if(drawings.begin(), drawings.end(),
                     [&](const Drawing& d) { return d.key == key; });
    if (same != drawings.end()) {
      same->jobs.push_back(job);
    } else {
      drawings.push_back({key, {job}});
    }
  }

  std::optional<Job> push_out(size_t count) {
    const auto largest = std::max_element(
        clients_.begin(), clients_.end(),
        [](const Client& a, const Client& b) { return a.count < b.count; });
    if (largest == clients_.end() || largest->count < count + 2) {
      return std::nullopt;
    }
    const Job job = largest->drawings.back().jobs.back();
    remove(job);
    return job;
  }

  const size_t max_;
  size_t size_ = 0;
  std::list<Client> clients_;  // the next to be served first
};

}  // namespace limner::server
