#include "metrics/frechet_distance.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "util/error.h"
#include "util/parallel.h"

namespace limner {
namespace {

// A row-major matrix.
struct Matrix {
  int rows = 0, columns = 0;
  std::vector<double> values;

  Matrix(int r, int c)
      : rows(r), columns(c), values(static_cast<size_t>(r) * c) {}
  double* row(int i) {
    return values.data() + static_cast<int64_t>(i) * columns;
  }
  const double* row(int i) const {
    return values.data() + static_cast<int64_t>(i) * columns;
  }
};

double dot(const double* a, const double* b, int count) {
  // Eight sums at a time vectorise.
  double sums[8] = {};
  int i = 0;
  for (; i + 8 <= count; i += 8) {
    for (int k = 0; k < 8; ++k) sums[k] += a[i + k] * b[i + k];
  }
  double sum = 0;
  for (const double part : sums) sum += part;
  for (; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

// a b^T.
Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows, b.rows);
  parallel_for(a.rows, int64_t{b.rows} * a.columns,
               [&](int64_t begin, int64_t end) {
                 for (auto i = static_cast<int>(begin); i < end; ++i) {
                   for (int j = 0; j < b.rows; ++j) {
                     c.row(i)[j] = dot(a.row(i), b.row(j), a.columns);
                   }
                 }
               });
  return c;
}

Matrix transposed(const Matrix& a) {
  Matrix t(a.columns, a.rows);
  for (int i = 0; i < a.rows; ++i) {
    for (int j = 0; j < a.columns; ++j) t.row(j)[i] = a.row(i)[j];
  }
  return t;
}

// Mean, and a matrix F of as few rows as there are with F^T F the covariance.
struct Normal {
  std::vector<double> mean;
  double trace = 0;
  Matrix factor;
};

// L^T for the Cholesky factor L of a positive semidefinite matrix. A column
// whose pivot is zero but for rounding is zero.
Matrix cholesky(const Matrix& a) {
  const int n = a.rows;
  double largest = 0;
  for (int i = 0; i < n; ++i) largest = std::max(largest, a.row(i)[i]);
  const double least = largest * n * 1e-15;
  Matrix lower(n, n);
  for (int j = 0; j < n; ++j) {
    const double pivot = a.row(j)[j] - dot(lower.row(j), lower.row(j), j);
    if (pivot <= least) continue;
    const double root = std::sqrt(pivot);
    lower.row(j)[j] = root;
    parallel_for(n - j - 1, j + 1, [&](int64_t begin, int64_t end) {
      for (int64_t k = begin; k < end; ++k) {
        const int i = j + 1 + static_cast<int>(k);
        lower.row(i)[j] =
            (a.row(i)[j] - dot(lower.row(i), lower.row(j), j)) / root;
      }
    });
  }
  return transposed(lower);
}

Normal normal_of(const FeatureTable& table) {
  const int n = table.rows(), d = table.width;
  Normal normal{std::vector<double>(d), 0, Matrix(n, d)};
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < d; ++k) normal.mean[k] += table.row(i)[k];
  }
  for (double& value : normal.mean) value /= n;
  const double scale = 1 / std::sqrt(n - 1.0);
  for (int i = 0; i < n; ++i) {
    double* row = normal.factor.row(i);
    for (int k = 0; k < d; ++k) {
      row[k] = (table.row(i)[k] - normal.mean[k]) * scale;
    }
    normal.trace += dot(row, row, d);
  }
  if (n > d) {
    const Matrix columns = transposed(normal.factor);
    normal.factor = cholesky(product(columns, columns));
  }
  return normal;
}

}  // namespace

double nuclear_norm(std::vector<double> matrix, int rows, int columns) {
  if (rows < 1 || columns < 1 ||
      matrix.size() != static_cast<size_t>(rows) * columns) {
    fail("a matrix of {} x {} has {} numbers", rows, columns, matrix.size());
  }
  Matrix a(rows, columns);
  a.values = std::move(matrix);
  if (rows > columns) a = transposed(a);
  // Turns pairs of rows until all are orthogonal: their norms are then the
  // singular values.
  constexpr int kMostSweeps = 60;
  constexpr double kOrthogonal = 1e-12;
  double scale = 0;
  for (const double value : a.values) scale += value * value;
  const double nothing = scale * 1e-30;  // a squared norm that is zero
  bool turned = scale > 0;
  for (int sweep = 0; sweep < kMostSweeps && turned; ++sweep) {
    turned = false;
    for (int i = 0; i < a.rows; ++i) {
      for (int j = i + 1; j < a.rows; ++j) {
        double* p = a.row(i);
        double* q = a.row(j);
        const double pp = dot(p, p, a.columns);
        const double qq = dot(q, q, a.columns);
        const double pq = dot(p, q, a.columns);
        if (pp <= nothing || qq <= nothing ||
            std::fabs(pq) <= kOrthogonal * std::sqrt(pp * qq)) {
          continue;
        }
        turned = true;
        const double zeta = (qq - pp) / (2 * pq);
        const double t = (zeta < 0 ? -1 : 1) /
                         (std::fabs(zeta) + std::sqrt(1 + zeta * zeta));
        const double cosine = 1 / std::sqrt(1 + t * t);
        const double sine = cosine * t;
        for (int k = 0; k < a.columns; ++k) {
          const double u = p[k], v = q[k];
          p[k] = cosine * u - sine * v;
          q[k] = sine * u + cosine * v;
        }
      }
    }
  }
  double sum = 0;
  for (int i = 0; i < a.rows; ++i) {
    sum += std::sqrt(dot(a.row(i), a.row(i), a.columns));
  }
  return sum;
}

double frechet_distance(const FeatureTable& x, const FeatureTable& y) {
  if (x.rows() < 2 || y.rows() < 2) {
    fail("a Frechet distance needs two pictures on each side, got {} and {}",
         x.rows(), y.rows());
  }
  if (x.width != y.width) {
    fail("features of {} and {} numbers cannot be compared", x.width, y.width);
  }
  const Normal a = normal_of(x), b = normal_of(y);
  double squares = 0;
  for (int k = 0; k < x.width; ++k) {
    squares += (a.mean[k] - b.mean[k]) * (a.mean[k] - b.mean[k]);
  }
  // With C_x = F^T F and C_y = G^T G the eigenvalues of C_x C_y other than 0
  // are those of (F G^T) (F G^T)^T: the squared singular values of F G^T.
  Matrix mixed = product(a.factor, b.factor);
  const double root =
      nuclear_norm(std::move(mixed.values), mixed.rows, mixed.columns);
  return squares + a.trace + b.trace - 2 * root;
}

}  // namespace limner
