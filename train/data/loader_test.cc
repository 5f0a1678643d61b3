#include "train/data/loader.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <map>

#include "data/test_faces.h"
#include "image/resize.h"
#include "sketch/rasterize.h"
#include "train/data/order.h"
#include "util/test_folder.h"

namespace limner::train {
namespace {

using ::testing::HasSubstr;

class LoaderTest : public testing::Test {
 protected:
  void SetUp() override {
    write_manifest(folder_.path(), 7, 3);
    train_ = open_dataset(folder_.path(), "train");
    val_ = open_dataset(folder_.path(), "val");
  }

  static LoaderOptions small() {
    LoaderOptions options;
    options.batch = 4;
    options.side = 24;
    options.appearance_side = 32;
    options.sketch_side = 48;
    return options;
  }

  TestFolder folder_;
  std::unique_ptr<Dataset> train_;
  std::unique_ptr<Dataset> val_;
};

void expect_same(const Batch& a, const Batch& b) {
  EXPECT_EQ(a.faces, b.faces);
  EXPECT_TRUE(torch::equal(a.photo, b.photo));
  EXPECT_TRUE(torch::equal(a.appearance, b.appearance));
  EXPECT_TRUE(torch::equal(a.classes, b.classes));
  EXPECT_TRUE(torch::equal(a.sketch, b.sketch));
}

TEST_F(LoaderTest, GivesShapesAndRanges) {
  Loader loader(*train_, small());
  const Batch batch = loader.next();
  EXPECT_EQ(batch.photo.sizes(), (std::vector<int64_t>{4, 3, 24, 24}));
  EXPECT_EQ(batch.appearance.sizes(), (std::vector<int64_t>{4, 3, 32, 32}));
  EXPECT_EQ(batch.classes.sizes(), (std::vector<int64_t>{4, 24, 24}));
  EXPECT_EQ(batch.classes.scalar_type(), torch::kInt64);
  EXPECT_EQ(batch.sketch.sizes(), (std::vector<int64_t>{4, 48, 48}));
  EXPECT_EQ(batch.sketch.scalar_type(), torch::kUInt8);
  EXPECT_LE(batch.sketch.max().item<int>(), 22);
  EXPECT_GT(batch.sketch.count_nonzero().item<int>(), 4 * 100);
  EXPECT_LE(batch.photo.abs().max().item<float>(), 1.0F);
  EXPECT_LE(batch.classes.max().item<int64_t>(), 18);
  EXPECT_GE(batch.classes.min().item<int64_t>(), 0);
}

TEST_F(LoaderTest, WithoutTrainingGivesThePicturesAsTheyAre) {
  LoaderOptions options = small();
  options.train = false;
  options.side = 64;
  options.appearance_side = 0;
  options.sketch_side = 0;
  Loader loader(*val_, options);
  const Batch batch = loader.next();
  EXPECT_EQ(batch.faces, (std::vector<int64_t>{0, 1, 2, 0}));
  EXPECT_FALSE(batch.appearance.defined());
  EXPECT_FALSE(batch.sketch.defined());
  for (int i = 0; i < 4; ++i) {
    const Face face = val_->load(batch.faces[i]);
    for (int64_t k = 0; k < 64 * 64; ++k) {
      ASSERT_EQ(batch.classes[i].data_ptr<int64_t>()[k], face.mask.pixels[k]);
      for (int c = 0; c < 3; ++c) {
        ASSERT_NEAR(batch.photo[i].data_ptr<float>()[c * 64 * 64 + k],
                    face.photo.pixels[3 * k + c] / 127.5 - 1, 1e-6);
      }
    }
  }
}

TEST_F(LoaderTest, WithoutTrainingGivesTheSketchAsItIs) {
  LoaderOptions options = small();
  options.train = false;
  options.batch = 1;
  const Face face = val_->load(0);
  const Image drawn = rasterize(sketch_of(face.mask, &face.photo), 512, 2);
  for (const bool nearest : {false, true}) {
    options.nearest_sketch = nearest;
    Loader loader(*val_, options);
    const Batch batch = loader.next();
    const Image expected = nearest ? resize(drawn, 48, 48, Filter::kNearest)
                                   : reduce_labels(drawn, 48);
    const uint8_t* got = batch.sketch.data_ptr<uint8_t>();
    EXPECT_TRUE(std::equal(expected.pixels.begin(), expected.pixels.end(), got))
        << nearest;
  }
}

TEST_F(LoaderTest, RoughDrawingsChangeNothingElse) {
  LoaderOptions options = small();
  const LoaderOptions plain = options;
  options.faithful_share = 0.4;
  Loader loader(*train_, options);
  Loader without(*train_, plain);
  int faithful = 0;
  double sum = 0;
  constexpr int kSteps = 25;
  for (int step = 0; step < kSteps; ++step) {
    const Batch batch = loader.next();
    Batch other = without.next();
    EXPECT_TRUE(torch::equal(other.faithfulness, torch::ones({4})));
    for (int i = 0; i < 4; ++i) {
      const auto f = batch.faithfulness[i].item<float>();
      EXPECT_GE(f, 0.0F);
      EXPECT_LE(f, 1.0F);
      if (f == 1.0F) {
        EXPECT_TRUE(torch::equal(batch.sketch[i], other.sketch[i]));
        ++faithful;
      } else {
        EXPECT_TRUE(f > 0.8F ||
                    !torch::equal(batch.sketch[i], other.sketch[i]));
        sum += f;
      }
    }
    other.sketch = batch.sketch;
    expect_same(batch, other);
  }
  EXPECT_NEAR(faithful, 0.4 * 4 * kSteps, 15);
  EXPECT_NEAR(sum / (4 * kSteps - faithful), 0.5, 0.12);
  // The same again, and nothing of it without training.
  loader.seek(3);
  const Batch third = loader.next();
  Loader again(*train_, options);
  again.seek(3);
  const Batch same = again.next();
  expect_same(third, same);
  EXPECT_TRUE(torch::equal(third.faithfulness, same.faithfulness));
  options.train = false;
  EXPECT_TRUE(torch::equal(Loader(*val_, options).next().faithfulness,
                           torch::ones({4})));
}

TEST_F(LoaderTest, DoesNotDependOnWorkersOrCache) {
  LoaderOptions many = small();
  many.workers = 3;
  many.ahead = 6;
  many.cache_bytes = 0;
  Loader one(*train_, small());
  Loader three(*train_, many);
  for (int step = 0; step < 8; ++step) expect_same(one.next(), three.next());
}

TEST_F(LoaderTest, SeeksToAnyStep) {
  Loader loader(*train_, small());
  std::vector<Batch> batches;
  for (int step = 0; step < 6; ++step) batches.push_back(loader.next());
  for (const int step : {5, 0, 3}) {
    loader.seek(step);
    expect_same(loader.next(), batches[step]);
  }
  Loader other(*train_, small());
  other.seek(4);
  expect_same(other.next(), batches[4]);
  expect_same(other.next(), batches[5]);
  EXPECT_THROW(loader.seek(-1), Error);
}

TEST_F(LoaderTest, SeedsDiffer) {
  LoaderOptions other = small();
  other.seed = 2;
  Loader first(*train_, small());
  Loader second(*train_, other);
  EXPECT_FALSE(torch::equal(first.next().photo, second.next().photo));
}

// What one process sees in a batch of 6, three see in batches of 2.
TEST_F(LoaderTest, ProcessesInterleave) {
  LoaderOptions whole = small();
  whole.batch = 6;
  Loader single(*train_, whole);
  std::vector<std::unique_ptr<Loader>> parts;
  for (int rank = 0; rank < 3; ++rank) {
    LoaderOptions part = small();
    part.batch = 2;
    part.world = 3;
    part.rank = rank;
    parts.push_back(std::make_unique<Loader>(*train_, part));
  }
  for (int step = 0; step < 4; ++step) {
    const Batch all = single.next();
    for (int rank = 0; rank < 3; ++rank) {
      const Batch part = parts[rank]->next();
      for (int i = 0; i < 2; ++i) {
        const int at = i * 3 + rank;
        EXPECT_EQ(part.faces[i], all.faces[at]);
        EXPECT_TRUE(torch::equal(part.photo[i], all.photo[at]));
        EXPECT_TRUE(torch::equal(part.classes[i], all.classes[at]));
        EXPECT_TRUE(torch::equal(part.sketch[i], all.sketch[at]));
      }
    }
  }
}

// The made-up photo's red channel is 60 + 10 label: whatever is done to a
// face, its classes can be read back from the photo.
TEST_F(LoaderTest, PhotoAndClassesStayInRegister) {
  LoaderOptions options = small();
  options.side = 64;
  options.augment.colour = 0;
  options.augment.mirror = 0;
  options.augment.rotation = 20;
  options.augment.shift = 0.1;
  Loader loader(*train_, options);
  for (int step = 0; step < 3; ++step) {
    const Batch batch = loader.next();
    const torch::Tensor read =
        ((batch.photo.select(1, 0) + 1) * 127.5 - 60) / 10;
    const torch::Tensor classes = batch.classes.to(torch::kFloat).unsqueeze(1);
    const auto max = [](const torch::Tensor& x) {
      return torch::max_pool2d(x, 3, 1, 1);
    };
    const torch::Tensor inside = (max(classes) == -max(-classes)).squeeze(1);
    const torch::Tensor near = (read - classes.squeeze(1)).abs() < 0.5;
    EXPECT_GT(near.masked_select(inside).to(torch::kFloat).mean().item<float>(),
              0.995F);
  }
}

TEST_F(LoaderTest, RethrowsTheErrorOfAWorkerAndStays) {
  for (int i = 0; i < 7; ++i) {
    std::filesystem::remove(folder_ / fmt::format("images/{:05}.png", i));
  }
  Loader loader(*train_, small());
  for (int again = 0; again < 2; ++again) {
    EXPECT_THAT(error_of([&] { loader.next(); }), HasSubstr("images/0000"));
  }
}

TEST_F(LoaderTest, RefusesOptionsOutOfRange) {
  const auto error = [&](auto change) {
    LoaderOptions options = small();
    change(options);
    return error_of([&] { Loader(*train_, options); });
  };
  EXPECT_THAT(error([](LoaderOptions& o) { o.batch = 0; }), HasSubstr("batch"));
  EXPECT_THAT(error([](LoaderOptions& o) { o.rank = 1; }), HasSubstr("rank"));
  EXPECT_THAT(error([](LoaderOptions& o) { o.workers = 0; }),
              HasSubstr("workers"));
  EXPECT_THAT(error([](LoaderOptions& o) { o.oversample = 2; }),
              HasSubstr("oversample"));
}

TEST(Order, ShowsEachFaceOnceAnEpoch) {
  Order order(std::vector<double>(10, 1.0), 3);
  std::vector<int64_t> first;
  for (int epoch = 0; epoch < 3; ++epoch) {
    std::vector<int64_t> faces;
    for (int i = 0; i < 10; ++i) faces.push_back(order.face(epoch * 10 + i));
    if (epoch == 0) first = faces;
    if (epoch == 1) {
      EXPECT_NE(faces, first);
    }
    std::sort(faces.begin(), faces.end());
    for (int i = 0; i < 10; ++i) EXPECT_EQ(faces[i], i);
  }
  EXPECT_EQ(order.face(0), first[0]);  // back from a later epoch
}

TEST(Order, FollowsTheWeights) {
  std::vector<double> weights(100, 1.0);
  weights[17] = 4.0;
  Order order(weights, 1);
  std::array<int, 100> seen = {};
  for (int p = 0; p < 100 * 50; ++p) ++seen[order.face(p)];
  EXPECT_NEAR(seen[17] / 50.0, 4 / 1.03, 0.1);
  EXPECT_NEAR(seen[3] / 50.0, 1 / 1.03, 0.15);
}

TEST(Order, WeighsRareParts) {
  std::vector<uint32_t> parts(100, 1U << kSkin);
  parts[4] |= 1U << kHat;
  for (int i = 0; i < 8; ++i) parts[i] |= 1U << kGlasses;
  const auto none = rare_part_weights(parts, 0);
  EXPECT_EQ(none, std::vector<double>(100, 1.0));
  const auto weights = rare_part_weights(parts, 0.5);
  EXPECT_EQ(weights[50], 1.0);
  EXPECT_NEAR(weights[0], 2.5, 1e-9);
  EXPECT_EQ(weights[4], 6.0);
}

}  // namespace
}  // namespace limner::train
