#include "server/work_lane.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "server/messages.h"

namespace limner::server {
namespace {

using Clock = std::chrono::steady_clock;

// How often a waiting request looks whether its client is still there.
constexpr std::chrono::milliseconds kLook{50};
constexpr int kLongestRetry = 60;  // seconds
constexpr int kClientGone = 499;

#ifdef __EMSCRIPTEN__
constexpr bool kOwnThread = false;
#else
constexpr bool kOwnThread = true;
#endif

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

// Lives in run(), which does not return before the queue has let go of it.
struct WorkLane::Job {
  const std::function<void()>* work = nullptr;
  const Asker* asker = nullptr;
  State state = State::kWaiting;
  std::exception_ptr error;
  Clock::time_point since = Clock::now();
  double waited = 0, took = 0;
  std::condition_variable changed;
};

WorkLane::WorkLane(const LaneLimits& limits)
    : limits_(limits), queue_(limits.waiting) {
  if (kOwnThread) thread_ = std::thread([this] { loop(); });
}

WorkLane::~WorkLane() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void WorkLane::stop() {
  const std::lock_guard lock(mutex_);
  ending_ = true;
  while (const auto job = queue_.pop()) finish(**job, State::kPushedOut);
  work_there_.notify_all();
}

void WorkLane::finish(Job& job, State state) {
  job.state = state;
  job.changed.notify_all();
}

int WorkLane::retry_after() const {
  const double each = std::max(computes_.mean(), 0.05);
  const double all = each * static_cast<double>(queue_.size() + 1);
  return std::clamp(static_cast<int>(std::ceil(all)), 1, kLongestRetry);
}

void WorkLane::refuse(const std::string& why) {
  throw HttpError(503, why, retry_after());
}

double WorkLane::run(const Asker& asker, const std::function<void()>& work,
                     double* waited) {
  if (!kOwnThread) {
    const Clock::time_point start = Clock::now();
    work();
    return seconds_since(start);
  }
  Job job;
  job.work = &work;
  job.asker = &asker;
  std::unique_lock lock(mutex_);
  if (ending_) refuse("the server is ending");
  const auto pushed = queue_.push(asker.client, asker.key, &job);
  if (pushed.replaced) {
    ++figures_.replaced;
    finish(**pushed.replaced, State::kReplaced);
  }
  if (pushed.pushed_out) {
    ++figures_.refused;
    finish(**pushed.pushed_out, State::kPushedOut);
  }
  if (!pushed.added) {
    ++figures_.refused;
    refuse("too many requests wait already");
  }
  work_there_.notify_one();

  while (job.state == State::kWaiting) {
    job.changed.wait_for(lock, kLook);
    if (job.state != State::kWaiting) break;
    const bool late = seconds_since(job.since) > limits_.seconds;
    if (!late && !(asker.gone && asker.gone())) continue;
    queue_.remove(&job);
    ++(late ? figures_.late : figures_.gone);
    if (late) refuse("this request waited too long for its turn");
    job.state = State::kGone;
  }
  job.changed.wait(lock, [&] { return job.state != State::kRunning; });
  switch (job.state) {
    case State::kGone:
      throw HttpError(kClientGone, "the client went away");
    case State::kReplaced:
      throw HttpError(409, "replaced by a newer request of this drawing");
    case State::kPushedOut:
      refuse(ending_ ? "the server is ending"
                     : "too many requests wait already");
    default:
      break;
  }
  if (job.error) std::rethrow_exception(job.error);
  if (waited != nullptr) *waited = job.waited;
  return job.took;
}

void WorkLane::loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    work_there_.wait(lock, [&] { return ending_ || queue_.size() > 0; });
    const auto next = queue_.pop();
    if (!next) return;  // ending
    Job& job = **next;
    if (job.asker->gone && job.asker->gone()) {
      ++figures_.gone;
      finish(job, State::kGone);
      continue;
    }
    job.state = State::kRunning;
    job.waited = seconds_since(job.since);
    waits_.add(job.waited);
    lock.unlock();
    const Clock::time_point start = Clock::now();
    std::exception_ptr error;
    try {
      (*job.work)();
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    job.took = seconds_since(start);
    computes_.add(job.took);
    job.error = std::move(error);
    finish(job, State::kDone);
  }
}

LaneFigures WorkLane::figures() const {
  const std::lock_guard lock(mutex_);
  LaneFigures figures = figures_;
  figures.waiting = queue_.size();
  return figures;
}

Histogram WorkLane::waits() const {
  const std::lock_guard lock(mutex_);
  return waits_;
}

Histogram WorkLane::computes() const {
  const std::lock_guard lock(mutex_);
  return computes_;
}

}  // namespace limner::server
