#include "train/stages/pictures.h"

#include <torch/nn/functional.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "sketch/classes.h"
#include "train/data/dataset.h"

namespace limner::train {
namespace {

// Told apart easily side by side; left and right of a pair are related.
constexpr std::array<std::array<uint8_t, 3>, kParts> kPartColours = {{
    {0, 0, 0},        // background
    {232, 190, 172},  // skin
    {255, 140, 60},   // nose
    {90, 90, 255},    // glasses
    {40, 200, 120},   // eye, right side
    {20, 140, 90},    // eye, left side
    {150, 220, 40},   // brow, right side
    {110, 170, 30},   // brow, left side
    {240, 120, 200},  // ear, right side
    {190, 80, 150},   // ear, left side
    {120, 0, 30},     // mouth
    {230, 40, 70},    // upper lip
    {250, 90, 110},   // lower lip
    {130, 85, 50},    // hair
    {70, 160, 230},   // hat
    {255, 225, 50},   // earring
    {200, 170, 20},   // necklace
    {205, 145, 120},  // neck
    {110, 110, 140},  // cloth
}};

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
  return look_up(classes, kPartColours[0].data(), kParts);
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
