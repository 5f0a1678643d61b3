#include "train/stages/looks.h"

#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "model/looks.h"
#include "train/data/loader.h"
#include "train/modules/weights_io.h"
#include "util/error.h"

namespace limner::train {
namespace {

constexpr int kPhotosAtATime = 16;

// Names in a checkpoint.
constexpr const char* kSavedMean = "looks.mean";
constexpr const char* kSavedComponents = "looks.components";

// Every so many-th face of another dataset.
class Spread : public Dataset {
 public:
  Spread(const Dataset& whole, int64_t max)
      : whole_(whole), size_(std::min(max, whole.size())) {}

  int64_t size() const override { return size_; }
  const FaceEntry& entry(int64_t i) const override {
    return whole_.entry(place(i));
  }
  Face load(int64_t i) const override { return whole_.load(place(i)); }

 private:
  int64_t place(int64_t i) const { return i * whole_.size() / size_; }

  const Dataset& whole_;
  int64_t size_;
};

// How many directions n codes of `numbers` span around their mean, of those
// wanted.
int64_t spanned(int64_t wanted, int64_t n, int64_t numbers) {
  return std::max<int64_t>(1, std::min({wanted, n - 1, numbers}));
}

}  // namespace

void LookSettings::declare(OptionTable& table) {
  table.add("looks_components", &components, 0, kMaxLookComponents,
            "components of photos' looks that random looks are drawn from; 0: "
            "the mapping network makes them");
  table.add("looks_every", &every, 0, 1e12,
            "pictures after which the components are found anew; 0: only at "
            "the start and when pictures grow");
  table.add("looks_photos", &photos, 1, 1e6,
            "photos that the components are found from");
}

LookSpread spread_of(const torch::Tensor& codes, int components) {
  const int64_t n = codes.size(0);
  const torch::Tensor flat = codes.to(torch::kFloat64).reshape({n, -1});
  const torch::Tensor mean = flat.mean(0, /*keepdim=*/true);
  const auto [u, deviations, directions] = at::linalg_svd(
      (flat - mean) /
          std::sqrt(static_cast<double>(std::max<int64_t>(1, n - 1))),
      /*full_matrices=*/false);
  const int64_t k = spanned(components, n, flat.size(1));
  torch::Tensor found =
      directions.slice(0, 0, k) * deviations.slice(0, 0, k).unsqueeze(1);
  // An eigenvector's sign is arbitrary.
  found =
      found * found.gather(1, found.abs().argmax(1, /*keepdim=*/true)).sign();
  const torch::Tensor variances = deviations.square();
  const auto total = variances.sum().item<double>();
  LookSpread spread;
  spread.share =
      total > 0 ? variances.slice(0, 0, k).sum().item<double>() / total : 1.0;
  const auto as_codes = [&](const torch::Tensor& values, int64_t count) {
    return values.to(torch::kFloat32)
        .reshape({count, codes.size(1), codes.size(2)})
        .contiguous();
  };
  spread.mean = as_codes(mean, 1).squeeze(0);
  spread.components = as_codes(found, k);
  return spread;
}

void visit_photos(const Dataset& faces, int side, int64_t max, int workers,
                  const std::function<void(const torch::Tensor&)>& visit) {
  const Spread chosen(faces, max);
  LoaderOptions options;
  options.batch =
      static_cast<int>(std::min<int64_t>(kPhotosAtATime, chosen.size()));
  options.side = side;
  options.workers = workers;
  options.train = false;
  options.cache_bytes = 0;
  Loader loader(chosen, options);
  for (int64_t left = chosen.size(); left > 0; left -= options.batch) {
    visit(loader.next().photo.slice(0, 0, left));
  }
}

torch::Tensor codes_of_photos(FaceModelImpl& model, const torch::Tensor& photos,
                              int64_t rows, const Context& context) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> codes;
  for (int64_t i = 0; i < photos.size(0); i += kPhotosAtATime) {
    const torch::Tensor some =
        context.images_to_device(photos.slice(0, i, i + kPhotosAtATime));
    codes.push_back(model.photo_rows(some, static_cast<size_t>(rows))
                        .to(torch::kCPU, torch::kFloat32));
  }
  return torch::cat(codes);
}

std::vector<NamedTensor> look_tensors(const LookSpread& spread, DType type) {
  return {{kLooksMean, from_torch(spread.mean), DType::kF32},
          {kLooksComponents, from_torch(spread.components), type}};
}

Looks::Looks(const LookSettings& settings, const Dataset& faces,
             const Context& context)
    : settings_(settings), faces_(faces), context_(context) {}

LookSpread Looks::find(FaceModelImpl& model, int64_t rows) {
  if (!photos_.defined()) {
    std::vector<torch::Tensor> photos;
    visit_photos(faces_, model.config().input_side, settings_.photos,
                 context_.settings().workers,
                 [&](const torch::Tensor& some) { photos.push_back(some); });
    photos_ = torch::cat(photos);
  }
  return spread_of(codes_of_photos(model, photos_, rows, context_),
                   settings_.components);
}

void Looks::update(int64_t step, FaceModelImpl& model, int64_t rows) {
  if (!active()) return;
  const auto period = [&](int64_t at) {
    return settings_.every > 0 ? at * context_.images() / settings_.every : 0;
  };
  const bool fits = spread_.mean.defined() && spread_.mean.size(0) == rows;
  if (fits && (step == 0 || period(step) == period(step - 1))) return;
  Processes& processes = context_.processes();
  if (processes.main()) {
    spread_ = find(model, rows);
  } else {
    const int64_t width = model.config().style_width;
    const int64_t photos = std::min(settings_.photos, faces_.size());
    spread_.mean = torch::empty({rows, width});
    spread_.components = torch::empty(
        {spanned(settings_.components, photos, rows * width), rows, width});
  }
  processes.broadcast(spread_.mean);
  processes.broadcast(spread_.components);
}

torch::Tensor Looks::draw(int64_t step, int purpose, int64_t first,
                          int64_t last, int64_t width) const {
  const int64_t rank = context_.processes().rank();
  const int64_t world = context_.processes().world();
  if (!active()) {
    at::Generator random = context_.generator(step, purpose);
    return torch::randn({last * world, width}, random, torch::kFloat32)
        .slice(0, rank, torch::nullopt, world)
        .slice(0, first)
        .to(context_.device());
  }
  const int64_t count = spread_.components.size(0);
  std::vector<float> weights;
  for (int64_t i = first; i < last; ++i) {
    const std::vector<double> drawn = look_weights(
        context_.seed(step, purpose), static_cast<uint64_t>(i * world + rank),
        static_cast<int>(count));
    weights.insert(weights.end(), drawn.begin(), drawn.end());
  }
  const torch::Tensor z = torch::tensor(weights).reshape({last - first, count});
  const torch::Tensor rows =
      z.matmul(spread_.components.flatten(1))
          .reshape({last - first, spread_.components.size(1), width});
  return (rows + spread_.mean).to(context_.device());
}

void Looks::save(State& state) const {
  if (!spread_.mean.defined()) return;
  state.put(kSavedMean, spread_.mean);
  state.put(kSavedComponents, spread_.components);
}

void Looks::load(const State& state) {
  // Older checkpoints have none; the next step finds them.
  if (!active() || !state.has(kSavedMean)) return;
  spread_.mean = state.get(kSavedMean);
  spread_.components = state.get(kSavedComponents);
}

std::vector<NamedTensor> Looks::tensors(FaceModelImpl& model, int64_t rows) {
  if (!active()) return {};
  return look_tensors(find(model, rows), DType::kF32);
}

}  // namespace limner::train
