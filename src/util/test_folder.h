// For tests: a folder that is gone afterwards, and what an error says.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "util/error.h"

namespace limner {

// A fresh folder under the system's temporary one, removed with its contents.
class TestFolder {
 public:
  TestFolder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "limner-test-XXXXXX")
            .string();
    if (::mkdtemp(name.data()) == nullptr) fail("cannot make {}", name);
    path_ = name;
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

// The message of the Error that body() throws; "no error" when it throws none.
// Other exceptions pass through, so that a test fails on them.
template <typename Body>
std::string error_of(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace limner
