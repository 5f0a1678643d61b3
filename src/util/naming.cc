#include "util/naming.h"

namespace limner {

std::string named_message(const std::string& name, const std::string& message) {
  const std::string shown = printable(name);
  return message.find(shown) != std::string::npos ? message
                                                  : shown + ": " + message;
}

std::string unnamed_message(const std::string& name,
                            const std::string& message) {
  const std::string start = printable(name) + ": ";
  return message.compare(0, start.size(), start) == 0
             ? message.substr(start.size())
             : message;
}

}  // namespace limner
