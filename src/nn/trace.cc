#include "nn/trace.h"

#include <utility>

#include "util/error.h"
#include "util/stopwatch.h"

namespace limner {
namespace {

#ifdef __EMSCRIPTEN__
// Nothing is traced inside of a page, and what is linked without threads can
// have no variable of theirs.
Trace* current = nullptr;
#else
thread_local Trace* current = nullptr;
#endif

}  // namespace

Trace::Trace() {
  if (current != nullptr) fail("this thread is being traced already");
  current = this;
}

Trace::~Trace() { current = nullptr; }

TracedScope::TracedScope(const char* name, const ConvShape* shape,
                         const char* algorithm) {
  if (current == nullptr || current->inside_) return;
  trace_ = current;
  trace_->inside_ = true;
  call_.name = name;
  if (shape != nullptr) call_.shape = *shape;
  call_.algorithm = algorithm;
  start_ = stopwatch();
}

void TracedScope::end() {
  call_.milliseconds = stopwatch() - start_;
  trace_->calls_.push_back(std::move(call_));
  trace_->inside_ = false;
}

}  // namespace limner
