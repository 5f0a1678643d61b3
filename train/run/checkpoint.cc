#include "train/run/checkpoint.h"

#include <system_error>
#include <utility>

#include "util/error.h"

namespace limner::train {

namespace fs = std::filesystem;

Checkpoints::Checkpoints(fs::path folder)
    : folder_(std::move(folder)),
      last_(folder_ / "checkpoint.safetensors"),
      previous_(folder_ / "checkpoint-previous.safetensors"),
      next_(folder_ / "checkpoint-next.safetensors") {}

bool Checkpoints::any() const { return fs::exists(last_) || fs::exists(next_); }

State Checkpoints::load() const {
  if (!any()) {
    fail("{}: there is no checkpoint to resume from: start without --resume",
         printable(folder_.string()));
  }
  // Ended between the two renames of save().
  if (!fs::exists(last_)) return State::load(next_);
  try {
    return State::load(last_);
  } catch (const Error& error) {
    if (!fs::exists(previous_)) throw;
    fail("{}; {} is of the checkpoint before: rename it to {} to resume there",
         error.what(), previous_.filename().string(),
         last_.filename().string());
  }
}

void Checkpoints::save(const State& state) const {
  const auto rename = [](const fs::path& from, const fs::path& to) {
    std::error_code code;
    fs::rename(from, to, code);
    if (code) {
      fail("{}: cannot rename: {}", printable(from.string()), code.message());
    }
  };
  // What save() left here when it ended between its renames is the last one.
  if (!fs::exists(last_) && fs::exists(next_)) rename(next_, last_);
  state.save(next_);
  if (fs::exists(last_)) {
    // A second name for the file, so that the first never goes missing; where
    // the disk has no links, next_ holds the fort for a moment.
    const fs::path link = folder_ / "checkpoint-link.safetensors";
    std::error_code code;
    fs::remove(link, code);
    fs::create_hard_link(last_, link, code);
    rename(code ? last_ : link, previous_);
  }
  rename(next_, last_);
}

}  // namespace limner::train
