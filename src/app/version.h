// Which limner this is.
#pragma once

#include <string>

namespace limner::app {

// The commit it was built from ("0123abc", with "+" when files were changed),
// "unknown" outside a repository.
std::string commit();

// "limner 0.1.0 (0123abc)"
std::string version_text();

}  // namespace limner::app
