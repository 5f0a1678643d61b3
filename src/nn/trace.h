// Which layers a pass through the networks runs and how long each takes, for
// `limner bench --roofline`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nn/conv.h"

namespace limner {

struct TracedCall {
  const char* name;  // "conv", "transposed_conv", "styled_tail"...
  std::optional<ConvShape> shape;  // of a convolution
  std::string algorithm;           // of a convolution
  double milliseconds;
};

// While one lives, the layers that this thread runs are noted. Layers inside of
// another are part of that. One a thread at a time.
class Trace {
 public:
  Trace();
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  const std::vector<TracedCall>& calls() const { return calls_; }

 private:
  friend class TracedScope;
  std::vector<TracedCall> calls_;
  bool inside_ = false;
};

// The life of a layer's call. Costs one look at a thread's variable when
// nothing is traced.
class TracedScope {
 public:
  explicit TracedScope(const char* name, const ConvShape* shape = nullptr,
                       const char* algorithm = "");
  ~TracedScope() {
    if (trace_ != nullptr) end();
  }
  TracedScope(const TracedScope&) = delete;
  TracedScope& operator=(const TracedScope&) = delete;

 private:
  void end();

  Trace* trace_ = nullptr;
  TracedCall call_{};
  double start_ = 0;
};

}  // namespace limner
