#include "align_pictures.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include "image/codec.h"
#include "image/resize.h"
#include "util/error.h"

namespace limner {
namespace {

Place middle_of(const Image& mask, int label, int* count) {
  double x = 0, y = 0;
  *count = 0;
  for (int j = 0; j < mask.height; ++j) {
    for (int i = 0; i < mask.width; ++i) {
      if (mask.row(j)[i] != label) continue;
      x += i + 0.5;
      y += j + 0.5;
      ++*count;
    }
  }
  const double n = std::max(1, *count);
  return {x / n, y / n};
}

}  // namespace

std::vector<Face> read_faces(const std::filesystem::path& folder,
                             const std::string& split, size_t first,
                             size_t count) {
  std::ifstream manifest(folder / "manifest.csv");
  std::vector<Face> faces;
  std::string line;
  while (std::getline(manifest, line) && faces.size() < count) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.substr(line.rfind(',') + 1) != split) continue;
    if (first > 0) {
      --first;
      continue;
    }
    Face face;
    const size_t comma = line.find(',');
    face.id = line.substr(0, comma);
    face.source = line.substr(comma + 1, line.find(',', comma + 1) - comma - 1);
    face.photo = read_rgb(folder / "images" / (face.id + ".jpg"));
    face.mask = read_indices(folder / "masks" / (face.id + ".png"));
    int left = 0, right = 0;
    face.points.left_eye = middle_of(face.mask, 5, &left);
    face.points.right_eye = middle_of(face.mask, 4, &right);
    face.eyes = left > 20 && right > 20;
    faces.push_back(std::move(face));
  }
  if (faces.empty()) fail("{}: no faces of split '{}'", folder.string(), split);
  return faces;
}

Image noise(Random& random, int width, int height) {
  // Octaves of coarse noise, enlarged smoothly; in colours or gray.
  Image sum(width, height, 3);
  std::vector<float> total(sum.pixels.size(), 0.0F);
  const bool gray = random.uniform() < 0.3;
  const double roughness = 0.4 + 0.5 * random.uniform();
  double strength = 110;
  for (int cells = 2; cells < 400; cells *= 2) {
    Image grid(cells, std::max(1, cells * height / width), 3);
    for (size_t i = 0; i < grid.pixels.size(); ++i) {
      grid.pixels[i] = gray && i % 3 != 0
                           ? grid.pixels[i - 1]
                           : static_cast<uint8_t>(random.next() >> 24);
    }
    const Image large = resize(grid, width, height, Filter::kBicubic);
    for (size_t i = 0; i < total.size(); ++i) {
      total[i] += static_cast<float>(strength * (large.pixels[i] - 128) / 128);
    }
    strength *= roughness;
  }
  for (size_t i = 0; i < total.size(); ++i) {
    sum.pixels[i] =
        static_cast<uint8_t>(std::clamp(128.0F + total[i], 0.0F, 255.0F));
  }
  return sum;
}

Image gradient(Random& random, int width, int height) {
  double ends[2][3];
  for (auto& end : ends) {
    for (double& c : end) c = 255 * random.uniform();
  }
  const double turn = 2 * M_PI * random.uniform();
  const double ripple = random.uniform() < 0.5 ? 0 : 40 * random.uniform();
  const double length = 10 + 100 * random.uniform();
  Image image(width, height, 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double along = x * std::cos(turn) + y * std::sin(turn);
      const double t = 0.5 + 0.5 * along / (width + height);
      for (int c = 0; c < 3; ++c) {
        const double value = ends[0][c] + (ends[1][c] - ends[0][c]) * t +
                             ripple * std::sin(along / length);
        image.row(y)[3 * x + c] =
            static_cast<uint8_t>(std::clamp(value, 0.0, 255.0));
      }
    }
  }
  return image;
}

Image piece(Random& random, const std::vector<Face>& faces, int width,
            int height, int wanted) {
  for (int trial = 0; trial < 4000; ++trial) {
    const Face& face = faces[random.next() % faces.size()];
    const int w = 36 + static_cast<int>(random.next() % 70);
    const int h = std::clamp(w * height / width, 16, 200);
    const int x0 = static_cast<int>(random.next() % (256 - w));
    const int y0 = static_cast<int>(random.next() % (256 - h));
    bool fits = true;
    for (int y = y0; fits && y < y0 + h; ++y) {
      for (int x = x0; fits && x < x0 + w; ++x) {
        fits = face.mask.row(y)[x] == wanted;
      }
    }
    if (!fits) continue;
    Image part(w, h, 3);
    for (int y = 0; y < h; ++y) {
      std::copy_n(face.photo.row(y0 + y) + size_t{3} * x0, size_t{3} * w,
                  part.row(y));
    }
    return resize(part, width, height, Filter::kBicubic);
  }
  return noise(random, width, height);
}

Image shuffled(Random& random, const Face& face, int side) {
  const int strips = 6 + static_cast<int>(random.next() % 4);
  const Image large = resize(face.photo, side, side, Filter::kBicubic);
  Image image(side, side, 3);
  std::vector<int> order(static_cast<size_t>(strips) * strips);
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  for (size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[random.next() % i]);
  }
  const int size = side / strips;
  for (size_t i = 0; i < order.size(); ++i) {
    const int to_x = static_cast<int>(i) % strips * size;
    const int to_y = static_cast<int>(i) / strips * size;
    const int from_x = order[i] % strips * size;
    const int from_y = order[i] / strips * size;
    for (int y = 0; y < size; ++y) {
      std::copy_n(large.row(from_y + y) + size_t{3} * from_x, size_t{3} * size,
                  image.row(to_y + y) + size_t{3} * to_x);
    }
  }
  return image;
}

Image background(Random& random, const std::string& kind,
                 const std::vector<Face>& faces, int width, int height) {
  if (kind == "noise") return noise(random, width, height);
  if (kind == "gradient") return gradient(random, width, height);
  return piece(random, faces, width, height, 0);
}

Shown put(Image& picture, const Face& face, const FaceFrame& frame,
          bool person) {
  const int size = std::max(8, static_cast<int>(std::lround(frame.side)));
  const Image photo = resize(face.photo, size, size, Filter::kLanczos);
  Image alpha(256, 256, 1);
  for (size_t i = 0; i < alpha.pixels.size(); ++i) {
    alpha.pixels[i] = !person || face.mask.pixels[i] != 0 ? 255 : 0;
  }
  alpha = resize(alpha, size, size, Filter::kBilinear);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const Place at = to_frame(frame, {x + 0.5, y + 0.5});
      const double u = at.x * size - 0.5;
      const double v = at.y * size - 0.5;
      if (!(u > -0.5 && v > -0.5 && u < size - 0.5 && v < size - 0.5)) continue;
      const int i = std::clamp(static_cast<int>(std::floor(u)), 0, size - 2);
      const int j = std::clamp(static_cast<int>(std::floor(v)), 0, size - 2);
      const double s = std::clamp(u - i, 0.0, 1.0);
      const double t = std::clamp(v - j, 0.0, 1.0);
      const auto mix = [&](const Image& from, int c) {
        const auto value = [&](int dx, int dy) {
          return static_cast<double>(
              from.row(j + dy)[(i + dx) * from.channels + c]);
        };
        return (1 - t) * ((1 - s) * value(0, 0) + s * value(1, 0)) +
               t * ((1 - s) * value(0, 1) + s * value(1, 1));
      };
      const double share = mix(alpha, 0) / 255;
      for (int c = 0; c < 3; ++c) {
        uint8_t& out = picture.row(y)[3 * x + c];
        out = static_cast<uint8_t>(
            std::lround(out + (mix(photo, c) - out) * share));
      }
    }
  }
  const auto scaled = [&](Place p) {
    return to_photo(frame, {p.x / 256, p.y / 256});
  };
  return {frame,
          {scaled(face.points.left_eye), scaled(face.points.right_eye), {}},
          face.eyes,
          frame.angle,
          frame.side / 256};
}

}  // namespace limner
