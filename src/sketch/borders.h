// Borders between the regions of a label image.
#pragma once

#include <functional>
#include <vector>

#include "image/image.h"
#include "sketch/curves.h"

namespace limner {

struct Border {
  Polyline line;  // in pixels of the label image, along the cracks between them
  int label = 0;
};

// Follows the cracks between pixels of `labels` [h,w,1] whose
// border_class(a, b) is above 0. Lines end where three regions meet or at the
// picture's border, but go on where just two lines of one class meet. Closed
// lines end where they began.
std::vector<Border> trace_borders(
    const Image& labels, const std::function<int(int, int)>& border_class);

}  // namespace limner
