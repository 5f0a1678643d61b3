#include "util/shared_library.h"

#include <dlfcn.h>

#include "util/error.h"

namespace limner {
namespace {

std::string linker_problem() {
  const char* text = ::dlerror();
  return text == nullptr ? "unknown" : printable(text);
}

}  // namespace

SharedLibrary::SharedLibrary(const char* file)
    : handle_(::dlopen(file, RTLD_NOW | RTLD_LOCAL)) {
  whole_ = handle_ != nullptr;
  if (!whole_) problem_ = linker_problem();
}

void* SharedLibrary::address(const char* name) {
  if (handle_ == nullptr) return nullptr;
  void* found = ::dlsym(handle_, name);
  if (found == nullptr) {
    whole_ = false;
    problem_ = linker_problem();
  }
  return found;
}

}  // namespace limner
