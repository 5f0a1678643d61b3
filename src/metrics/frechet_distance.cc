#include "metrics/frechet_distance.h"

#include <Eigen/Cholesky>
#include <Eigen/SVD>
#include <cmath>

namespace limner {
namespace {

using Eigen::MatrixXd;
using Table =
    Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Mean, and a matrix F of as few rows as there are with F^T F the covariance.
struct Normal {
  Eigen::RowVectorXd mean;
  double trace = 0;
  MatrixXd factor;
};

Normal normal_of(const FeatureTable& table) {
  const int n = table.rows(), d = table.width;
  Normal normal;
  MatrixXd& rows = normal.factor;
  rows = Eigen::Map<const Table>(table.values.data(), n, d).cast<double>();
  normal.mean = rows.colwise().mean();
  rows.rowwise() -= normal.mean;
  rows /= std::sqrt(n - 1.0);
  normal.trace = rows.squaredNorm();
  if (n <= d) return normal;
  // C = P^T L D L^T P; it may be singular, and D below zero by rounding.
  const Eigen::LDLT<MatrixXd> ldlt(rows.transpose() * rows);
  MatrixXd upper = ldlt.matrixU();
  upper = upper * ldlt.transpositionsP();
  rows = ldlt.vectorD().cwiseMax(0).cwiseSqrt().asDiagonal() * upper;
  return normal;
}

}  // namespace

double frechet_distance(const FeatureTable& x, const FeatureTable& y) {
  check_comparable(x, y, "Frechet");
  const Normal a = normal_of(x), b = normal_of(y);
  // With C_x = F^T F and C_y = G^T G the eigenvalues of C_x C_y other than 0
  // are those of (F G^T) (F G^T)^T: the squared singular values of F G^T.
  const MatrixXd mixed = a.factor * b.factor.transpose();
  const double root = Eigen::BDCSVD<MatrixXd>(mixed).singularValues().sum();
  return (a.mean - b.mean).squaredNorm() + a.trace + b.trace - 2 * root;
}

}  // namespace limner
