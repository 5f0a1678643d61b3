// Where there is no OpenMP (LIMNER_PORTABLE).
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "util/team.h"

namespace limner::team {
namespace {

// Looks before a thread that waits goes to sleep: a layer's threads end within
// microseconds of one another, and waking one takes tens of them.
constexpr int kLooks = 4000;

// Waits until value() differs from `old`, on the condition when it takes long.
template <typename Value>
void wait_for_change(const std::atomic<Value>& value, Value old,
                     std::mutex& mutex, std::condition_variable& changed) {
  for (int look = 0; look < kLooks; ++look) {
    if (value.load(std::memory_order_acquire) != old) return;
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return value.load() != old; });
}

struct Work {
  const std::function<void(int, int)>* body = nullptr;
  int size = 1;
  // Of share_out(): the next item, threads that have no more, rounds done.
  std::atomic<int> next{0};
  std::atomic<int> arrived{0};
  std::atomic<uint32_t> round{0};
};

// What each thread works on; null: nothing. (By POSIX's means: variables of
// threads cannot be linked into a program of WebAssembly without threads.)
class OwnWork {
 public:
  OwnWork() {
    if (pthread_key_create(&key_, nullptr) != 0) std::terminate();
  }
  Work* get() const { return static_cast<Work*>(pthread_getspecific(key_)); }
  void set(Work* work) const { pthread_setspecific(key_, work); }

 private:
  pthread_key_t key_{};
};

const OwnWork& own_work() {
  static const OwnWork work;
  return work;
}

// The work of a thread whose loops run serially.
Work& alone() {
  static Work work;
  return work;
}

class Pool {
 public:
  ~Pool() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      job_.fetch_add(1);
      changed_.notify_all();
    }
    for (std::thread& thread : threads_) thread.join();
  }

  void run(int size, const std::function<void(int, int)>& body) {
    const std::lock_guard turn(turn_);
    Work work;
    work.body = &body;
    work.size = size;
    while (static_cast<int>(threads_.size()) < size - 1) {
      const int rank = static_cast<int>(threads_.size()) + 1;
      threads_.emplace_back(
          [this, rank, seen = job_.load()] { loop(rank, seen); });
    }
    pending_.store(size - 1);
    {
      const std::lock_guard lock(mutex_);
      work_ = &work;
      size_ = size;
      job_.fetch_add(1);
      changed_.notify_all();
    }
    own_work().set(&work);
    body(0, size);
    own_work().set(nullptr);
    for (int left = pending_.load(); left > 0; left = pending_.load()) {
      wait_for_change(pending_, left, mutex_, changed_);
    }
  }

  // All threads of a team end here together.
  void meet(Work& work) {
    const uint32_t round = work.round.load();
    if (work.arrived.fetch_add(1) + 1 < work.size) {
      wait_for_change(work.round, round, mutex_, changed_);
      return;
    }
    work.arrived.store(0);
    work.next.store(0);
    const std::lock_guard lock(mutex_);
    work.round.fetch_add(1);
    changed_.notify_all();
  }

 private:
  void loop(int rank, uint32_t seen) {
    while (true) {
      wait_for_change(job_, seen, mutex_, changed_);
      Work* work = nullptr;
      int size = 0;
      {
        const std::lock_guard lock(mutex_);
        if (ending_) return;
        seen = job_.load();
        work = work_;
        size = size_;
      }
      // The team may have ended without this thread: `work` is gone then.
      if (rank >= size) continue;
      own_work().set(work);
      (*work->body)(rank, size);
      own_work().set(nullptr);
      const std::lock_guard lock(mutex_);
      pending_.fetch_sub(1);
      changed_.notify_all();
    }
  }

  std::mutex turn_;   // of teams
  std::mutex mutex_;  // of what is waited for
  std::condition_variable changed_;
  std::atomic<uint32_t> job_{0};
  std::atomic<int> pending_{0};
  Work* work_ = nullptr;
  int size_ = 0;  // of the team of work_
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

Pool& pool() {
  static Pool pool;
  return pool;
}

}  // namespace

int processors() {
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

void work_alone() { own_work().set(&alone()); }

bool inside() { return own_work().get() != nullptr; }

void run(int threads, const std::function<void(int, int)>& body) {
  if (threads > 1 && !inside()) {
    pool().run(threads, body);
    return;
  }
  Work* const outer = own_work().get();
  own_work().set(&alone());
  body(0, 1);
  own_work().set(outer);
}

void share_out(int count, const std::function<void(int)>& body) {
  Work* const work = own_work().get();
  if (work == nullptr || work == &alone()) {
    for (int i = 0; i < count; ++i) body(i);
    return;
  }
  for (int i; (i = work->next.fetch_add(1)) < count;) body(i);
  pool().meet(*work);
}

}  // namespace limner::team
