#include "train/data/loader.h"

#include <omp.h>

#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "train/data/samples.h"
#include "util/error.h"
#include "util/parallel.h"

namespace limner::train {

// Threads that each prepare whole batches. A batch is asked for by its step
// and filed by it, so that the order in which threads finish does not matter.
class Loader::Pool {
 public:
  Pool(const Dataset& dataset, const LoaderOptions& options)
      : maker_(dataset, options), ahead_(options.ahead) {
    threads();  // settled before several threads ask at once
    threads_.reserve(options.workers);
    for (int i = 0; i < options.workers; ++i) {
      threads_.emplace_back([this] { work(); });
    }
  }

  ~Pool() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ending_ = true;
    }
    wanted_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  Batch next() {
    std::unique_lock<std::mutex> lock(mutex_);
    ready_.wait(lock, [this] { return done_.count(step_) > 0; });
    const auto found = done_.find(step_);
    if (found->second.error) std::rethrow_exception(found->second.error);
    Batch batch = std::move(found->second.batch);
    done_.erase(found);
    ++step_;
    wanted_.notify_all();
    return batch;
  }

  void seek(int64_t step) {
    const std::lock_guard<std::mutex> lock(mutex_);
    step_ = step;
    claimed_ = step;
    ++generation_;
    done_.clear();
    wanted_.notify_all();
  }

 private:
  struct Done {
    Batch batch;
    std::exception_ptr error;
  };

  void work() {
    // The threads here are the parallelism: no teams inside.
    omp_set_max_active_levels(0);
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      wanted_.wait(lock,
                   [this] { return ending_ || claimed_ < step_ + ahead_; });
      if (ending_) return;
      const int64_t step = claimed_++;
      const int64_t generation = generation_;
      lock.unlock();
      Done done;
      try {
        done.batch = maker_.batch(step);
      } catch (...) {
        done.error = std::current_exception();
      }
      lock.lock();
      // A seek may have come between.
      if (generation != generation_) continue;
      done_[step] = std::move(done);
      ready_.notify_all();
    }
  }

  SampleMaker maker_;
  const int64_t ahead_;
  std::mutex mutex_;
  std::condition_variable wanted_;
  std::condition_variable ready_;
  int64_t step_ = 0;        // that next() gives
  int64_t claimed_ = 0;     // the first that no thread has begun
  int64_t generation_ = 0;  // counts seeks
  std::map<int64_t, Done> done_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

Loader::Loader(const Dataset& dataset, const LoaderOptions& options)
    : pool_(std::make_unique<Pool>(dataset, options)) {}

Loader::~Loader() = default;

Batch Loader::next() { return pool_->next(); }

void Loader::seek(int64_t step) {
  if (step < 0) fail("loader: the step must be 0 or more, got {}", step);
  pool_->seek(step);
}

}  // namespace limner::train
