#include "sketch/stroke.h"

namespace limner {

int mirrored_class(int label) {
  switch (label) {
    case 1:
    case 4:
    case 11:
      return label + 1;
    case 2:
    case 5:
    case 12:
      return label - 1;
    default:
      return label;
  }
}

}  // namespace limner
