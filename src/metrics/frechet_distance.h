// The Frechet distance of two sets of pictures by their features.
#pragma once

#include "metrics/kernel_distance.h"

namespace limner {

// Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a
// Local Nash Equilibrium", 2017: of the normal distributions with the sets'
// means m and covariances C (divided by n - 1)
//   |m_x - m_y|^2 + tr(C_x) + tr(C_y) - 2 tr((C_x C_y)^(1/2)).
// With the pooled features of Inception it is the Frechet Inception Distance.
// It is biased: too large for few pictures. Throws Error for fewer than two
// rows on a side and for other widths.
double frechet_distance(const FeatureTable& x, const FeatureTable& y);

}  // namespace limner
