// Many files through one command.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/console.h"
#include "util/error.h"
#include "util/parallel.h"
#include "util/progress.h"

namespace limner::app {

// An Error that every other item of a batch would meet, too.
class ErrorOfAll : public Error {
 public:
  using Error::Error;
};

// How many items of a batch are worked on side by side, each on one thread:
// that takes less time than one after the other on all threads, unless there
// are fewer items than threads.
inline size_t workers_for(size_t count) {
  const auto team = static_cast<size_t>(threads());
  return count < team ? 1 : team;
}

// Calls body(worker, i) for every i from 0 to count - 1, with a progress bar
// unless `quiet`. Workers 0 .. workers - 1 take the next i in turn, each in a
// thread of its own; a single one works in the caller's. An item that throws
// Error is told on standard error, in the order of items, and does not stop the
// others; an Error of a single item, an ErrorOfAll and other exceptions go on,
// once the workers have ended what they were at. Returns how many failed.
template <typename Body>
size_t run_batch_on(size_t workers, size_t count, const std::string& label,
                    bool quiet, const Body& body) {
  std::optional<Progress> progress;
  if (!quiet) progress.emplace(label, static_cast<int64_t>(count));
  std::atomic<size_t> next{0};
  std::mutex mutex;  // of all below
  std::vector<bool> ended(count);
  std::vector<std::optional<std::string>> errors(count);
  size_t told = 0, failures = 0;
  const auto finished = [&](size_t i, std::optional<std::string> error) {
    const std::lock_guard lock(mutex);
    if (error) ++failures;
    errors[i] = std::move(error);
    ended[i] = true;
    for (; told < count && ended[told]; ++told) {
      if (errors[told]) complain("{}", *errors[told]);
    }
    if (progress) progress->advance();
  };
  const auto work = [&](size_t worker) {
    for (size_t i = next++; i < count; i = next++) {
      try {
        body(worker, i);
        finished(i, std::nullopt);
      } catch (const ErrorOfAll&) {
        next = count;
        throw;
      } catch (const Error& error) {
        if (count == 1) throw;
        finished(i, printable(error.what(), 1000));
      } catch (...) {
        next = count;
        throw;
      }
    }
  };
  if (workers <= 1) {
    work(0);
  } else {
    std::vector<std::function<void()>> tasks;
    for (size_t w = 0; w < workers; ++w)
      tasks.emplace_back([&, w] { work(w); });
    run_tasks(tasks);
  }
  return failures;
}

// The same one after the other: body(i).
template <typename Body>
size_t run_batch(size_t count, const std::string& label, bool quiet,
                 const Body& body) {
  return run_batch_on(1, count, label, quiet,
                      [&](size_t, size_t i) { body(i); });
}

}  // namespace limner::app
