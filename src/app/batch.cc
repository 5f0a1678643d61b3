#include "app/batch.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include "app/console.h"
#include "util/naming.h"
#include "util/parallel.h"
#include "util/progress.h"

namespace limner::app {
namespace {

class Running {
 public:
  Running(const Batch& batch, const std::function<void(BatchItem&)>& body)
      : batch_(batch),
        body_(body),
        ended_(batch.count),
        steps_(batch.count),
        errors_(batch.count) {
    result_.told.resize(batch.count);
    if (!batch.quiet) {
      bar_.emplace(batch.label,
                   static_cast<int64_t>(batch.count) * batch.steps);
    }
  }

  // What one worker does until there is nothing left.
  void work(size_t worker) {
    for (size_t i = next_++; i < batch_.count; i = next_++) {
      BatchItem item;
      item.worker = worker;
      item.index = i;
      item.step = [this, i] { step(i); };
      try {
        body_(item);
        finish(item, std::nullopt);
      } catch (const ErrorOfAll&) {
        stop(i);
      } catch (const Error& error) {
        if (batch_.count == 1) {
          stop(i);
        } else {
          finish(item, printable(error.what(), 1000));
        }
      } catch (...) {
        stop(i);
      }
    }
  }

  BatchResult result() {
    bar_.reset();
    if (thrown_) std::rethrow_exception(thrown_);
    return std::move(result_);
  }

 private:
  void step(size_t i) {
    const std::lock_guard lock(mutex_);
    ++steps_[i];
    if (bar_) bar_->advance();
  }

  void finish(BatchItem& item, std::optional<std::string> error) {
    const std::lock_guard lock(mutex_);
    const size_t i = item.index;
    if (error) ++result_.failures;
    errors_[i] = std::move(error);
    result_.told[i] = std::move(item.told);
    ended_[i] = true;
    for (; told_ < batch_.count && ended_[told_]; ++told_) {
      if (errors_[told_]) complain("{}", *errors_[told_]);
      say_text(result_.told[told_].text);
    }
    if (bar_) bar_->advance(std::max<int64_t>(batch_.steps - steps_[i], 0));
  }

  // No worker begins another item. All before the first that stops have begun,
  // so which one that is depends on the items alone.
  void stop(size_t i) {
    next_ = batch_.count;
    const std::lock_guard lock(mutex_);
    if (thrown_ && thrown_at_ < i) return;
    thrown_ = std::current_exception();
    thrown_at_ = i;
  }

  const Batch& batch_;
  const std::function<void(BatchItem&)>& body_;
  std::atomic<size_t> next_{0};
  std::mutex mutex_;  // of all below
  std::optional<Progress> bar_;
  std::vector<bool> ended_;
  std::vector<int64_t> steps_;
  std::vector<std::optional<std::string>> errors_;
  BatchResult result_;
  size_t told_ = 0;
  std::exception_ptr thrown_;
  size_t thrown_at_ = 0;
};

}  // namespace

size_t workers_for(size_t count) {
  const auto team = static_cast<size_t>(threads());
  return count < team ? 1 : team;
}

void Told::add(const std::filesystem::path& file, const AlignedPhoto& photo) {
  const std::string name = shown(file);
  if (!photo.note.empty()) photos.push_back(name + ": " + photo.note);
  if (!photo.warning.empty()) {
    warnings.push_back("warning: " + name + ": " + photo.warning);
  }
}

void Told::add(const std::filesystem::path& file, const Sketch& sketch) {
  for (const std::string& note : sketch.notes) {
    drawings.push_back(shown(file) + ": " + note);
  }
}

BatchResult run_batch(const Batch& batch, size_t workers,
                      const std::function<void(BatchItem&)>& body) {
  Running running(batch, body);
  if (workers <= 1) {
    running.work(0);
  } else {
    std::vector<std::function<void()>> tasks;
    for (size_t w = 0; w < workers; ++w) {
      tasks.emplace_back([&running, w] { running.work(w); });
    }
    run_tasks(tasks);
  }
  return running.result();
}

void report(const std::vector<Told>& told, bool quiet) {
  for (const Told& one : told) {
    for (const std::string& line : one.warnings) complain("{}", line);
  }
  if (quiet) return;
  for (const auto lines : {&Told::photos, &Told::drawings}) {
    for (const Told& one : told) {
      for (const std::string& line : one.*lines) say("{}\n", line);
    }
  }
}

}  // namespace limner::app
