#include "metrics/frechet_distance.h"

#include <gtest/gtest.h>

#include <cmath>

#include "util/error.h"
#include "util/random.h"

namespace limner {
namespace {

// `rows` random vectors: column k is shift + scale (k + 1) times a normal
// value, and a part of the column before.
FeatureTable cloud(int rows, int width, double shift, double scale,
                   uint64_t seed) {
  Random random(seed);
  FeatureTable table;
  for (int i = 0; i < rows; ++i) {
    std::vector<float> row;
    double before = 0;
    for (int k = 0; k < width; ++k) {
      before = scale * (k + 1) * random.normal() + 0.5 * before;
      row.push_back(static_cast<float>(shift + before));
    }
    table.add(row);
  }
  return table;
}

FeatureTable changed(const FeatureTable& table, float scale, float shift) {
  FeatureTable out = table;
  for (float& value : out.values) value = scale * value + shift;
  return out;
}

// Mean and covariance, divided by n - 1.
struct Moments {
  std::vector<double> mean, covariance;
  double trace = 0;
};

Moments moments_of(const FeatureTable& table) {
  const int n = table.rows(), d = table.width;
  Moments m{std::vector<double>(d), std::vector<double>(d * d), 0};
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < d; ++k) m.mean[k] += table.row(i)[k] / double(n);
  }
  for (int k = 0; k < d; ++k) {
    for (int l = 0; l < d; ++l) {
      for (int i = 0; i < n; ++i) {
        m.covariance[k * d + l] += (table.row(i)[k] - m.mean[k]) *
                                   (table.row(i)[l] - m.mean[l]) / (n - 1);
      }
    }
    m.trace += m.covariance[k * d + k];
  }
  return m;
}

TEST(FrechetDistance, OfOneNumberIsClosed) {
  // (m_x - m_y)^2 + (s_x - s_y)^2.
  const FeatureTable x = cloud(30, 1, 0, 1, 1), y = cloud(50, 1, 2, 3, 2);
  const Moments a = moments_of(x), b = moments_of(y);
  const double expected = std::pow(a.mean[0] - b.mean[0], 2) +
                          std::pow(std::sqrt(a.trace) - std::sqrt(b.trace), 2);
  EXPECT_NEAR(frechet_distance(x, y), expected, 1e-9 * expected);
}

TEST(FrechetDistance, OfTwoNumbersIsClosed) {
  // tr(P^(1/2)) = sqrt(tr P + 2 sqrt(det P)) for P = C_x C_y of 2 x 2.
  const FeatureTable x = cloud(40, 2, 0, 1, 1);
  FeatureTable y = cloud(25, 2, 1, 2, 2);
  for (int i = 0; i < y.rows(); ++i)
    std::swap(y.values[2 * i], y.values[2 * i + 1]);
  const Moments a = moments_of(x), b = moments_of(y);
  const auto& c = a.covariance;
  const auto& e = b.covariance;
  const double trace = c[0] * e[0] + c[1] * e[2] + c[2] * e[1] + c[3] * e[3];
  const double det = (c[0] * c[3] - c[1] * c[2]) * (e[0] * e[3] - e[1] * e[2]);
  const double expected = std::pow(a.mean[0] - b.mean[0], 2) +
                          std::pow(a.mean[1] - b.mean[1], 2) + a.trace +
                          b.trace - 2 * std::sqrt(trace + 2 * std::sqrt(det));
  EXPECT_NEAR(frechet_distance(x, y), expected, 1e-9 * expected);
  // Numbers that are always the same add nothing; with them there are fewer
  // pictures than numbers.
  const auto widened = [](const FeatureTable& table) {
    FeatureTable out;
    for (int i = 0; i < table.rows(); ++i) {
      std::vector<float> row(60, 5.0F);
      row[10] = table.row(i)[0];
      row[40] = table.row(i)[1];
      out.add(row);
    }
    return out;
  };
  EXPECT_NEAR(frechet_distance(widened(x), widened(y)), expected,
              1e-6 * expected);
  EXPECT_NEAR(frechet_distance(y, x), expected, 1e-9 * expected);
}

TEST(FrechetDistance, OfScaledSetsIsClosed) {
  // y = s x + t: C_y = s^2 C_x, and the traces leave (1 - s)^2 tr(C_x).
  for (const int rows : {12, 200}) {  // fewer and more than numbers
    const FeatureTable x = cloud(rows, 30, 0, 0.1, 3);
    EXPECT_NEAR(frechet_distance(x, x), 0, 1e-6 * moments_of(x).trace);
    const FeatureTable y = changed(x, 1.5F, 2);
    const Moments a = moments_of(x), b = moments_of(y);
    double expected = 0.25 * a.trace;
    for (int k = 0; k < 30; ++k) {
      expected += std::pow(a.mean[k] - b.mean[k], 2);
    }
    EXPECT_NEAR(frechet_distance(x, y), expected, 1e-5 * expected) << rows;
  }
}

TEST(FrechetDistance, RefusesWhatDoesNotFit) {
  const FeatureTable x = cloud(3, 2, 0, 1, 1);
  EXPECT_THROW(frechet_distance(x, cloud(1, 2, 0, 1, 1)), Error);
  EXPECT_THROW(frechet_distance(x, cloud(3, 3, 0, 1, 1)), Error);
}

}  // namespace
}  // namespace limner
