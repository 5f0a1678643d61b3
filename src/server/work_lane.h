// One thread that computes, for the many that wait for it. Inside of a web page
// there are no many: what asks computes itself.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "server/fair_queue.h"
#include "server/histogram.h"

namespace limner::server {

struct LaneLimits {
  size_t waiting = 32;  // jobs, besides the one that is computed
  double seconds = 60;  // that a job may wait
};

struct LaneFigures {
  size_t waiting = 0;
  uint64_t gone = 0;      // clients that went away while waiting
  uint64_t replaced = 0;  // by a newer request of the drawing
  uint64_t refused = 0;   // the queue was full
  uint64_t late = 0;      // waited too long
};

class WorkLane {
 public:
  explicit WorkLane(const LaneLimits& limits);
  // Ends as stop() does, and waits for the thread.
  ~WorkLane();
  WorkLane(const WorkLane&) = delete;
  WorkLane& operator=(const WorkLane&) = delete;

  // Who asks: see FairQueue.
  struct Asker {
    std::string client;
    std::string key;
    std::function<bool()> gone;  // whether nobody waits any more; may be empty
  };

  // Runs work() on the lane's thread when its turn comes, and waits for it.
  // Returns the seconds that it took, and says in *waited how long the turn
  // took to come. What work() throws is thrown here.
  // Throws HttpError where it does not come to run: 409 for one that was
  // replaced, 503 when the queue is full or the wait too long, and at the end;
  // 499 for a client that went away, to whom nobody can say so. Any thread but
  // the lane's.
  double run(const Asker& asker, const std::function<void()>& work,
             double* waited = nullptr);

  // What waits is answered with 503; what runs goes on to its end. Any thread.
  void stop();

  LaneFigures figures() const;
  Histogram waits() const;
  Histogram computes() const;

 private:
  enum class State { kWaiting, kRunning, kDone, kGone, kReplaced, kPushedOut };
  struct Job;

  void loop();
  void finish(Job& job, State state);
  [[noreturn]] void refuse(const std::string& why);
  int retry_after() const;

  const LaneLimits limits_;
  mutable std::mutex mutex_;
  std::condition_variable work_there_;
  FairQueue<Job*> queue_;
  LaneFigures figures_;
  Histogram waits_, computes_;
  bool ending_ = false;
  std::thread thread_;  // last: uses the rest
};

}  // namespace limner::server
