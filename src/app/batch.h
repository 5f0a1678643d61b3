// Many files through one command.
#pragma once

#include <optional>
#include <string>

#include "app/console.h"
#include "util/error.h"
#include "util/progress.h"

namespace limner::app {

// Calls body(0) .. body(count - 1) with a progress bar unless `quiet`. One that
// throws Error among many is told on standard error and does not stop the
// others; of a single one the Error goes on. Returns how many failed.
template <typename Body>
size_t run_batch(size_t count, const std::string& label, bool quiet,
                 const Body& body) {
  std::optional<Progress> progress;
  if (!quiet) progress.emplace(label, static_cast<int64_t>(count));
  size_t failures = 0;
  for (size_t i = 0; i < count; ++i) {
    try {
      body(i);
    } catch (const Error& error) {
      if (count == 1) throw;
      complain("{}", printable(error.what(), 1000));
      ++failures;
    }
    if (progress) progress->advance();
  }
  return failures;
}

}  // namespace limner::app
