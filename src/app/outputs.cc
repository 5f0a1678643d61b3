#include "app/outputs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

#include "util/error.h"
#include "util/files.h"

namespace limner::app {
namespace {

namespace fs = std::filesystem;

// One spelling for each file: absolute, links and dots resolved as far as
// the path exists.
fs::path one_spelling(const fs::path& path) {
  std::error_code error;
  const fs::path resolved = fs::weakly_canonical(path, error);
  return error ? path.lexically_normal() : resolved;
}

// What a file is, whatever it is called: a file may have several names.
std::optional<std::pair<uint64_t, uint64_t>> number_of(const fs::path& file) {
  struct stat status = {};
  if (stat(file.c_str(), &status) != 0) return {};
  return std::pair(uint64_t{status.st_dev}, uint64_t{status.st_ino});
}

fs::path folder_of(const fs::path& file) {
  const fs::path parent = file.parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

// Throws Error unless `folder`, or the nearest one above it that exists, is a
// folder that can be written to.
void check_folder(const fs::path& folder) {
  std::error_code error;
  fs::path nearest = folder;
  while (fs::symlink_status(nearest, error).type() ==
         fs::file_type::not_found) {
    nearest = folder_of(nearest);
  }
  if (!fs::is_directory(nearest, error)) {
    fail("cannot write to {}: {} is not a folder", folder.string(),
         nearest.string());
  }
  if (access(nearest.c_str(), W_OK | X_OK) != 0) {
    fail("cannot write to {}: {}: {}", folder.string(), nearest.string(),
         std::strerror(errno));
  }
}

}  // namespace

Outputs::~Outputs() {
  // Children first; a folder that holds anything stays.
  for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder) {
    rmdir(folder->c_str());
  }
}

void Outputs::protect(const fs::path& input) {
  inputs_.insert(one_spelling(input));
  if (const auto number = number_of(input)) input_files_.insert(*number);
}

void Outputs::plan(const fs::path& output) {
  const fs::path file = one_spelling(output);
  if (inputs_.count(file) != 0) {
    fail("{} is an input and would be overwritten: choose another output",
         output.string());
  }
  const auto number = number_of(file);
  if (number && input_files_.count(*number) != 0) {
    fail(
        "{} is another name of an input, which would be overwritten: choose "
        "another output",
        output.string());
  }
  if (!planned_.insert(file).second) {
    fail("two results would both be written to {}: rename one input",
         output.string());
  }
  std::error_code error;
  if (fs::is_directory(output, error)) {
    fail("cannot write {}: a folder has that name", output.string());
  }
  const fs::path folder = folder_of(output);
  if (checked_folders_.insert(folder).second) check_folder(folder);
}

void Outputs::prepare(const fs::path& output) {
  const std::lock_guard lock(mutex_);
  const fs::path folder = folder_of(output);
  std::vector<fs::path> missing;
  std::error_code error;
  for (fs::path part = folder;
       fs::symlink_status(part, error).type() == fs::file_type::not_found;
       part = folder_of(part)) {
    missing.push_back(part);
  }
  make_folders(folder);
  made_.insert(made_.end(), missing.rbegin(), missing.rend());
}

bool names_folder(const fs::path& path) {
  std::error_code error;
  return !path.has_filename() || fs::is_directory(path, error);
}

std::string folder_name(const std::filesystem::path& folder) {
  return (folder.filename().empty() ? folder.parent_path() : folder)
      .filename()
      .string();
}

fs::path named(const fs::path& folder, const std::string& name,
               const std::string& ending) {
  return folder / (name + ending);
}

Target target_for(const fs::path& out, const fs::path& input,
                  const std::string& first, const ResultName& usual) {
  Target target = {out, fs::is_directory(input), usual.ending};
  if (out.empty()) {
    target.path = target.many ? folder_name(input) + "-" + usual.many
                              : first + "-" + usual.one + usual.ending;
  }
  return target;
}

std::string picture_ending(const std::string& format) {
  return format == "jpeg" ? ".jpg" : "." + format;
}

}  // namespace limner::app
