#include "model/inception.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "model/ir_se.h"
#include "nn/conv.h"
#include "nn/elementwise.h"
#include "nn/isa.h"
#include "nn/pool.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr float kBatchNormEpsilon = 1e-3F;
constexpr int kMinSide = 75;

// What a layer does: a convolution with BatchNorm and ReLU, or pooling.
enum class Kind { kConv, kHalvingMax, kMeanAround, kMaxAround };

struct Layer {
  Kind kind = Kind::kConv;
  // Of convolutions:
  std::string name;
  int out = 0;
  int rows = 1, columns = 1;  // of the kernel
  int stride = 1;
  bool padded = true;  // to keep the side
};

Layer conv(std::string name, int out, int rows, int columns) {
  return {Kind::kConv, std::move(name), out, rows, columns, 1, true};
}
Layer conv(std::string name, int out, int kernel) {
  return conv(std::move(name), out, kernel, kernel);
}
// Without padding.
Layer inner(std::string name, int out, int stride) {
  return {Kind::kConv, std::move(name), out, 3, 3, stride, false};
}
Layer pool(Kind kind) {
  Layer layer;
  layer.kind = kind;
  return layer;
}

using Branch = std::vector<Layer>;
// Branches of one input whose results are joined, one after the other. Where
// two open with the same layers, these are computed for each: they are small.
struct Block {
  std::string name;  // in front of the layers' names
  std::vector<Branch> branches;
};

// 35x35, three times.
Block block_a(const std::string& name, int pooled) {
  return {name,
          {{conv("branch1x1", 64, 1)},
           {conv("branch5x5_1", 48, 1), conv("branch5x5_2", 64, 5)},
           {conv("branch3x3dbl_1", 64, 1), conv("branch3x3dbl_2", 96, 3),
            conv("branch3x3dbl_3", 96, 3)},
           {pool(Kind::kMeanAround), conv("branch_pool", pooled, 1)}}};
}

// To 17x17.
Block block_b(const std::string& name) {
  return {name,
          {{inner("branch3x3", 384, 2)},
           {conv("branch3x3dbl_1", 64, 1), conv("branch3x3dbl_2", 96, 3),
            inner("branch3x3dbl_3", 96, 2)},
           {pool(Kind::kHalvingMax)}}};
}

// 17x17, four times.
Block block_c(const std::string& name, int width) {
  return {
      name,
      {{conv("branch1x1", 192, 1)},
       {conv("branch7x7_1", width, 1), conv("branch7x7_2", width, 1, 7),
        conv("branch7x7_3", 192, 7, 1)},
       {conv("branch7x7dbl_1", width, 1), conv("branch7x7dbl_2", width, 7, 1),
        conv("branch7x7dbl_3", width, 1, 7),
        conv("branch7x7dbl_4", width, 7, 1), conv("branch7x7dbl_5", 192, 1, 7)},
       {pool(Kind::kMeanAround), conv("branch_pool", 192, 1)}}};
}

// To 8x8.
Block block_d(const std::string& name) {
  return {name,
          {{conv("branch3x3_1", 192, 1), inner("branch3x3_2", 320, 2)},
           {conv("branch7x7x3_1", 192, 1), conv("branch7x7x3_2", 192, 1, 7),
            conv("branch7x7x3_3", 192, 7, 1), inner("branch7x7x3_4", 192, 2)},
           {pool(Kind::kHalvingMax)}}};
}

// 8x8, twice.
Block block_e(const std::string& name, Kind pooling) {
  const Layer first = conv("branch3x3_1", 384, 1);
  const Layer second = conv("branch3x3dbl_1", 448, 1);
  const Layer third = conv("branch3x3dbl_2", 384, 3);
  return {name,
          {{conv("branch1x1", 320, 1)},
           {first, conv("branch3x3_2a", 384, 1, 3)},
           {first, conv("branch3x3_2b", 384, 3, 1)},
           {second, third, conv("branch3x3dbl_3a", 384, 1, 3)},
           {second, third, conv("branch3x3dbl_3b", 384, 3, 1)},
           {pool(pooling), conv("branch_pool", 192, 1)}}};
}

std::vector<Block> architecture() {
  return {
      {"",
       {{inner("Conv2d_1a_3x3", 32, 2), inner("Conv2d_2a_3x3", 32, 1),
         conv("Conv2d_2b_3x3", 64, 3), pool(Kind::kHalvingMax),
         conv("Conv2d_3b_1x1", 80, 1), inner("Conv2d_4a_3x3", 192, 1),
         pool(Kind::kHalvingMax)}}},
      block_a("Mixed_5b.", 32),
      block_a("Mixed_5c.", 64),
      block_a("Mixed_5d.", 64),
      block_b("Mixed_6a."),
      block_c("Mixed_6b.", 128),
      block_c("Mixed_6c.", 160),
      block_c("Mixed_6d.", 160),
      block_c("Mixed_6e.", 192),
      block_d("Mixed_7a."),
      block_e("Mixed_7b.", Kind::kMeanAround),
      block_e("Mixed_7c.", Kind::kMaxAround),
  };
}

// An oblong kernel stands in the middle of a square one, among zeros.
Conv load_conv(const TensorMap& tensors, const std::string& name,
               const Layer& layer, int in, int side) {
  const auto stored = load_values(tensors, name + ".conv.weight",
                                  {layer.out, in, layer.rows, layer.columns});
  const Affine norm =
      load_batch_norm(tensors, name + ".bn", layer.out, kBatchNormEpsilon);
  const int kernel = std::max(layer.rows, layer.columns);
  const int top = (kernel - layer.rows) / 2;
  const int left = (kernel - layer.columns) / 2;
  std::vector<float> weights(static_cast<size_t>(layer.out) * in * kernel *
                             kernel);
  size_t from = 0;
  for (int o = 0; o < layer.out; ++o) {
    for (int i = 0; i < in; ++i) {
      float* to = &weights[(static_cast<size_t>(o) * in + i) * kernel * kernel];
      for (int v = 0; v < layer.rows; ++v) {
        for (int u = 0; u < layer.columns; ++u) {
          to[(top + v) * kernel + left + u] = stored[from++] * norm.a[o];
        }
      }
    }
  }
  ConvOptions options;
  options.leaky_slope = 0;
  return {{in, layer.out, kernel, layer.stride, layer.padded ? kernel / 2 : 0,
           side, side},
          weights.data(),
          norm.b.data(),
          options};
}

// The maps' channels one after the other. Their counts are whole blocks.
FeatureMap joined(const std::vector<FeatureMap>& maps, Workspace& workspace) {
  int channels = 0;
  for (const FeatureMap& map : maps) channels += map.channels();
  FeatureMap out =
      workspace.take(channels, maps.front().height(), maps.front().width());
  float* to = out.data();
  for (const FeatureMap& map : maps) {
    to = std::copy_n(map.data(), map.size(), to);
  }
  return out;
}

}  // namespace

struct Inception::Layers {
  int side = 0;
  std::vector<Block> blocks = architecture();
  std::map<std::string, Conv> convs;  // by name

  FeatureMap run(const std::string& block, const Branch& branch,
                 const FeatureMap& x, Workspace& workspace) const {
    FeatureMap map;
    const FeatureMap* at = &x;
    for (const Layer& layer : branch) {
      FeatureMap next;
      switch (layer.kind) {
        case Kind::kConv:
          next = convs.at(block + layer.name).run(*at, workspace);
          break;
        case Kind::kHalvingMax:
          next = max_pool(*at, 3, 2, workspace);
          break;
        case Kind::kMeanAround:
          next = mean_pool_around(*at, 3, workspace);
          break;
        case Kind::kMaxAround:
          next = max_pool_around(*at, 3, workspace);
          break;
      }
      map = std::move(next);
      at = &map;
    }
    return map;
  }
};

Inception::Inception(const TensorMap& tensors, int side) : layers_(new Layers) {
  if (side < kMinSide) {
    fail("Inception reads pictures of {} px or more, got {}", kMinSide, side);
  }
  Layers& net = *layers_;
  net.side = side;
  int in = 3;
  int at = side;
  for (const Block& block : net.blocks) {
    int joined_channels = 0;
    int side_after = at;
    for (const Branch& branch : block.branches) {
      int channels = in;
      int branch_side = at;
      for (const Layer& layer : branch) {
        if (layer.kind == Kind::kConv) {
          const std::string name = block.name + layer.name;
          if (net.convs.count(name) == 0) {
            net.convs.emplace(
                name, load_conv(tensors, name, layer, channels, branch_side));
          }
          channels = layer.out;
          if (!layer.padded) branch_side = (branch_side - 3) / layer.stride + 1;
        } else if (layer.kind == Kind::kHalvingMax) {
          branch_side = (branch_side - 3) / 2 + 1;
        }
      }
      joined_channels += channels;
      side_after = branch_side;
    }
    in = joined_channels;
    at = side_after;
  }
}

Inception::~Inception() = default;
Inception::Inception(Inception&&) noexcept = default;
Inception& Inception::operator=(Inception&&) noexcept = default;

int Inception::side() const { return layers_->side; }

std::vector<float> Inception::run(const std::vector<float>& picture,
                                  Workspace& workspace) const {
  const Layers& net = *layers_;
  if (picture.size() != static_cast<size_t>(3) * net.side * net.side) {
    fail("Inception got {} numbers, expected [3, {}, {}]", picture.size(),
         net.side, net.side);
  }
  FeatureMap map =
      from_planar(picture.data(), 3, net.side, net.side, workspace);
  for (const Block& block : net.blocks) {
    std::vector<FeatureMap> results;
    for (const Branch& branch : block.branches) {
      results.push_back(net.run(block.name, branch, map, workspace));
    }
    map = results.size() == 1 ? std::move(results.front())
                              : joined(results, workspace);
  }
  std::vector<float> means = channel_means(map);
  means.resize(map.channels());
  return means;
}

}  // namespace limner
