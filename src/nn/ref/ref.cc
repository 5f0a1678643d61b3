#include "nn/ref/ref.h"

#include <algorithm>
#include <cmath>

namespace limner::ref {

Map conv2d(const Map& x, const std::vector<float>& weights,
           const std::vector<float>& bias, int kernel, int stride, int pad) {
  const int taps = kernel * kernel;
  const int out = static_cast<int>(weights.size()) / (x.channels * taps);
  Map y(out, (x.height + 2 * pad - kernel) / stride + 1,
        (x.width + 2 * pad - kernel) / stride + 1);
  for (int o = 0; o < out; ++o) {
    for (int row = 0; row < y.height; ++row) {
      for (int column = 0; column < y.width; ++column) {
        double sum = bias.empty() ? 0.0 : bias[o];
        for (int i = 0; i < x.channels; ++i) {
          const float* w =
              weights.data() + (static_cast<size_t>(o) * x.channels + i) * taps;
          for (int tap = 0; tap < taps; ++tap) {
            const int from_y = row * stride - pad + tap / kernel;
            const int from_x = column * stride - pad + tap % kernel;
            if (from_y < 0 || from_y >= x.height) continue;
            if (from_x < 0 || from_x >= x.width) continue;
            sum += static_cast<double>(w[tap]) * x.at(i, from_y, from_x);
          }
        }
        y.at(o, row, column) = static_cast<float>(sum);
      }
    }
  }
  return y;
}

Map conv_transpose2d(const Map& x, const std::vector<float>& weights, int out) {
  Map y(out, 2 * x.height + 1, 2 * x.width + 1);
  for (int o = 0; o < out; ++o) {
    for (int i = 0; i < x.channels; ++i) {
      const float* w =
          weights.data() + (static_cast<size_t>(o) * x.channels + i) * 9;
      for (int row = 0; row < x.height; ++row) {
        for (int column = 0; column < x.width; ++column) {
          for (int tap = 0; tap < 9; ++tap) {
            y.at(o, 2 * row + tap / 3, 2 * column + tap % 3) +=
                w[tap] * x.at(i, row, column);
          }
        }
      }
    }
  }
  return y;
}

Map upfirdn2d(const Map& x, const std::vector<float>& kernel, int up,
              int before, int after) {
  const int height = x.height * up + before + after;
  const int width = x.width * up + before + after;
  Map wide(x.channels, height, width);
  for (int c = 0; c < x.channels; ++c) {
    for (int row = 0; row < x.height; ++row) {
      for (int column = 0; column < x.width; ++column) {
        wide.at(c, before + row * up, before + column * up) =
            x.at(c, row, column);
      }
    }
  }
  Map y(x.channels, height - 3, width - 3);
  for (int c = 0; c < x.channels; ++c) {
    for (int row = 0; row < y.height; ++row) {
      for (int column = 0; column < y.width; ++column) {
        float sum = 0.0F;
        for (int i = 0; i < 4; ++i) {
          for (int j = 0; j < 4; ++j) {
            sum +=
                kernel[(3 - i) * 4 + 3 - j] * wide.at(c, row + i, column + j);
          }
        }
        y.at(c, row, column) = sum;
      }
    }
  }
  return y;
}

Map upsample_bilinear(const Map& x, int height, int width) {
  Map y(x.channels, height, width);
  const auto ratio = [](int from, int to) {
    return to > 1 ? static_cast<double>(from - 1) / (to - 1) : 0.0;
  };
  for (int row = 0; row < height; ++row) {
    const double at_y = ratio(x.height, height) * row;
    const int top = std::min(static_cast<int>(at_y), x.height - 1);
    const int bottom = std::min(top + 1, x.height - 1);
    for (int column = 0; column < width; ++column) {
      const double at_x = ratio(x.width, width) * column;
      const int left = std::min(static_cast<int>(at_x), x.width - 1);
      const int right = std::min(left + 1, x.width - 1);
      for (int c = 0; c < x.channels; ++c) {
        const double upper = x.at(c, top, left) * (1 - (at_x - left)) +
                             x.at(c, top, right) * (at_x - left);
        const double lower = x.at(c, bottom, left) * (1 - (at_x - left)) +
                             x.at(c, bottom, right) * (at_x - left);
        y.at(c, row, column) = static_cast<float>(upper * (1 - (at_y - top)) +
                                                  lower * (at_y - top));
      }
    }
  }
  return y;
}

Map batch_norm(const Map& x, const std::vector<float>& weight,
               const std::vector<float>& bias, const std::vector<float>& mean,
               const std::vector<float>& variance) {
  Map y = x;
  const size_t area = static_cast<size_t>(x.height) * x.width;
  for (size_t i = 0; i < y.values.size(); ++i) {
    const size_t c = i / area;
    y.values[i] =
        (x.values[i] - mean[c]) / std::sqrt(variance[c] + 1e-5F) * weight[c] +
        bias[c];
  }
  return y;
}

Map prelu(const Map& x, const std::vector<float>& slope) {
  Map y = x;
  const size_t area = static_cast<size_t>(x.height) * x.width;
  for (size_t i = 0; i < y.values.size(); ++i) {
    if (y.values[i] < 0.0F) y.values[i] *= slope[i / area];
  }
  return y;
}

Map add(const Map& x, const Map& y) {
  Map sum = x;
  for (size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += y.values[i];
  return sum;
}

Map subsample(const Map& x, int step) {
  Map y(x.channels, (x.height - 1) / step + 1, (x.width - 1) / step + 1);
  for (int c = 0; c < y.channels; ++c) {
    for (int row = 0; row < y.height; ++row) {
      for (int column = 0; column < y.width; ++column) {
        y.at(c, row, column) = x.at(c, row * step, column * step);
      }
    }
  }
  return y;
}

Map scale(const Map& x, const std::vector<float>& gate) {
  Map y = x;
  const size_t area = static_cast<size_t>(x.height) * x.width;
  for (size_t i = 0; i < y.values.size(); ++i) y.values[i] *= gate[i / area];
  return y;
}

std::vector<float> means(const Map& x) {
  const size_t area = static_cast<size_t>(x.height) * x.width;
  std::vector<float> result(x.channels);
  for (int c = 0; c < x.channels; ++c) {
    double sum = 0.0;
    for (size_t i = 0; i < area; ++i) sum += x.values[c * area + i];
    result[c] = static_cast<float>(sum / static_cast<double>(area));
  }
  return result;
}

std::vector<float> linear(const std::vector<float>& x,
                          const std::vector<float>& weights,
                          const std::vector<float>& bias, float weight_scale,
                          float bias_scale) {
  std::vector<float> y(weights.size() / x.size());
  for (size_t row = 0; row < y.size(); ++row) {
    double sum = 0.0;
    for (size_t i = 0; i < x.size(); ++i) {
      sum += static_cast<double>(weights[row * x.size() + i]) * x[i];
    }
    y[row] = static_cast<float>(sum * weight_scale +
                                (bias.empty() ? 0.0 : bias[row] * bias_scale));
  }
  return y;
}

std::vector<float> dense(const std::vector<float>& x, int rows,
                         const std::vector<float>& weights,
                         const std::vector<float>& bias) {
  const size_t out = bias.size();
  const size_t in = weights.size() / out;
  std::vector<float> y;
  for (int r = 0; r < rows; ++r) {
    for (size_t o = 0; o < out; ++o) {
      double sum = bias[o];
      for (size_t i = 0; i < in; ++i) {
        sum += double{weights[o * in + i]} * x[r * in + i];
      }
      y.push_back(static_cast<float>(sum));
    }
  }
  return y;
}

std::vector<float> windows(const std::vector<float>& x, int rows, int reach) {
  const size_t width = x.size() / rows;
  std::vector<float> y;
  for (int r = 0; r < rows; ++r) {
    for (int from = r - reach; from <= r + reach; ++from) {
      for (size_t i = 0; i < width; ++i) {
        y.push_back(from < 0 || from >= rows ? 0.0F : x[from * width + i]);
      }
    }
  }
  return y;
}

std::vector<float> layer_norm(const std::vector<float>& x, int rows,
                              const std::vector<float>& weight,
                              const std::vector<float>& bias) {
  const size_t width = weight.size();
  std::vector<float> y(x.size());
  for (int r = 0; r < rows; ++r) {
    double mean = 0.0;
    for (size_t i = 0; i < width; ++i) mean += x[r * width + i];
    mean /= static_cast<double>(width);
    double variance = 0.0;
    for (size_t i = 0; i < width; ++i) {
      const double off = x[r * width + i] - mean;
      variance += off * off;
    }
    variance /= static_cast<double>(width);
    for (size_t i = 0; i < width; ++i) {
      const double normed =
          (x[r * width + i] - mean) / std::sqrt(variance + 1e-5);
      y[r * width + i] = static_cast<float>(normed * weight[i] + bias[i]);
    }
  }
  return y;
}

std::vector<float> attend(const std::vector<float>& q,
                          const std::vector<float>& k,
                          const std::vector<float>& v, int rows,
                          const std::vector<bool>& away) {
  const size_t width = q.size() / rows;
  std::vector<float> y;
  for (int r = 0; r < rows; ++r) {
    std::vector<double> weights(rows, 0.0);
    double all = 0.0;
    for (int other = 0; other < rows; ++other) {
      if (away[other]) continue;
      double product = 0.0;
      for (size_t i = 0; i < width; ++i) {
        product += double{q[r * width + i]} * k[other * width + i];
      }
      weights[other] =
          std::exp(product / std::sqrt(static_cast<double>(width)));
      all += weights[other];
    }
    for (size_t i = 0; i < width; ++i) {
      double sum = 0.0;
      for (int other = 0; other < rows; ++other) {
        sum += weights[other] * v[other * width + i];
      }
      y.push_back(static_cast<float>(sum / all));
    }
  }
  return y;
}

void leaky_relu(std::vector<float>& x, float slope, float gain) {
  for (float& value : x) value = gain * (value < 0.0F ? slope * value : value);
}

std::vector<float> modulated_weights(const std::vector<float>& weights, int out,
                                     const std::vector<float>& s,
                                     bool demodulate) {
  const size_t each = weights.size() / out;
  const size_t taps = each / s.size();
  std::vector<float> result(weights.size());
  for (int o = 0; o < out; ++o) {
    double squares = 0.0;
    for (size_t i = 0; i < each; ++i) {
      const double value = weights[o * each + i] /
                           std::sqrt(static_cast<double>(each)) * s[i / taps];
      result[o * each + i] = static_cast<float>(value);
      squares += value * value;
    }
    if (!demodulate) continue;
    const double d = 1.0 / std::sqrt(squares + 1e-8);
    for (size_t i = 0; i < each; ++i) {
      result[o * each + i] = static_cast<float>(result[o * each + i] * d);
    }
  }
  return result;
}

}  // namespace limner::ref
