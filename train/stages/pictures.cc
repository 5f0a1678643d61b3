#include "train/stages/pictures.h"

#include <torch/nn/functional.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "data/parts.h"
#include "sketch/classes.h"

namespace limner::train {
namespace {

// table: [n, 3] of bytes.
torch::Tensor look_up(const torch::Tensor& labels, const uint8_t* table,
                      int64_t count) {
  const torch::Tensor colours =
      torch::from_blob(const_cast<uint8_t*>(table), {count, 3}, torch::kUInt8);
  const torch::Tensor flat = labels.to(torch::kCPU, torch::kInt64).flatten();
  return colours.index_select(0, flat).view(
      {labels.size(0), labels.size(1), labels.size(2), 3});
}

}  // namespace

torch::Tensor to_bytes(const torch::Tensor& pictures) {
  return ((pictures.detach().to(torch::kCPU, torch::kFloat32) + 1.0) * 127.5)
      .clamp(0, 255)
      .to(torch::kUInt8)
      .permute({0, 2, 3, 1})
      .contiguous();
}

torch::Tensor colour_parts(const torch::Tensor& classes) {
  std::array<std::array<uint8_t, 3>, kMaskLabels> table{};
  for (int i = 0; i < kMaskLabels; ++i) table[i] = part_colour(i);
  return look_up(classes, table[0].data(), kMaskLabels);
}

torch::Tensor colour_strokes(const torch::Tensor& sketch) {
  std::array<std::array<uint8_t, 3>, kStrokeClasses + 1> table{};
  for (int i = 0; i <= kStrokeClasses; ++i) table[i] = stroke_class(i).colour;
  return look_up(sketch, table[0].data(), kStrokeClasses + 1);
}

Image sheet_of(const std::vector<torch::Tensor>& columns) {
  int64_t side = 0;
  for (const torch::Tensor& column : columns) {
    side = std::max(side, column.size(1));
  }
  std::vector<torch::Tensor> rows;
  for (const torch::Tensor& column : columns) {
    // [B, h, w, 3] -> [B side, side, 3]
    torch::Tensor large = column;
    if (column.size(1) != side) {
      const int64_t factor = side / column.size(1);
      large = column.repeat_interleave(factor, 1).repeat_interleave(factor, 2);
    }
    rows.push_back(large.reshape({-1, side, 3}));
  }
  const torch::Tensor all = torch::cat(rows, 1).contiguous();
  Image sheet(static_cast<int>(all.size(1)), static_cast<int>(all.size(0)), 3);
  std::memcpy(sheet.pixels.data(), all.data_ptr<uint8_t>(),
              sheet.pixels.size());
  return sheet;
}

}  // namespace limner::train
