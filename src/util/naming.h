// Errors that say which file they are about.
#pragma once

#include <string>

#include "util/error.h"

namespace limner {

// An Error that every other input of a run would meet, too.
class ErrorOfAll : public Error {
 public:
  using Error::Error;
};

// "NAME: MESSAGE", where the message does not name it anyway; NAME is made
// printable.
std::string named_message(const std::string& name, const std::string& message);

// A message without "NAME: " in front.
std::string unnamed_message(const std::string& name,
                            const std::string& message);

// Runs body(), whose Errors get the name of a file in front unless they name it
// anyway. An ErrorOfAll, and all with the name "", pass as they are.
template <typename Body>
auto naming(const std::string& name, const Body& body) {
  try {
    return body();
  } catch (const ErrorOfAll&) {
    throw;
  } catch (const Error& error) {
    if (name.empty()) throw;
    throw Error(named_message(name, error.what()));
  }
}

}  // namespace limner
