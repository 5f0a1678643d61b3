// What bench/python_calls measures calls of the Python module against: the
// program's own time for a face.
//
//   face_calls MODEL file|labels|picture DRAWING [PHOTO]
//
// Keeps a drawing in memory as the bytes of its file, as a label image, or as a
// picture of lines, and a photo as pixels; without one the looks are those of
// the seed 7, made once. For each line of its input it makes the face, on one
// thread, and prints "WALL CPU SIZE": nanoseconds on the wall and of the
// processor, and how many bytes of the picture follow.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/codec.h"
#include "pipeline/face_maker.h"
#include "sketch/trace.h"
#include "util/files.h"
#include "util/parallel.h"

namespace {

using limner::AppearanceCodes;
using limner::FaceMaker;
using limner::GivenDrawing;
using limner::Image;

int64_t processor_ns() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return 1'000'000'000 * static_cast<int64_t>(now.tv_sec) + now.tv_nsec;
}

// A drawing in memory.
struct Kept {
  std::string_view kind;
  std::vector<unsigned char> bytes;
  Image pixels;
};

Kept keep(std::string_view kind, const char* file) {
  Kept kept;
  kept.kind = kind;
  if (kind == "file") kept.bytes = limner::read_file(file);
  if (kind == "labels") kept.pixels = limner::read_indices(file);
  if (kind == "picture") kept.pixels = limner::read_rgb(file);
  return kept;
}

GivenDrawing given(const FaceMaker& maker, const Kept& kept,
                   const limner::DrawingOptions& options) {
  if (kept.kind == "file") return maker.read(kept.bytes, "", options);
  GivenDrawing drawing;
  if (kept.kind == "labels") {
    drawing.labels = kept.pixels;
  } else {
    drawing.drawing = limner::trace_picture(kept.pixels);
    drawing.traced = true;
  }
  return drawing;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4 && argc != 5) return 2;
  limner::set_threads(1);
  FaceMaker maker(limner::all_networks_of(argv[1]));
  const Kept kept = keep(argv[2], argv[3]);
  std::optional<Image> photo;
  if (argc == 5) photo = limner::read_rgb(argv[4]);
  const AppearanceCodes looks = maker.looks(7);
  limner::DrawingOptions options;
  options.faithful.reset();  // as the module's "auto"

  std::string line;
  while (std::getline(std::cin, line)) {
    const auto begin = std::chrono::steady_clock::now();
    const int64_t processor = processor_ns();
    const Image face =
        maker
            .make(given(maker, kept, options),
                  photo ? maker.looks(maker.align(*photo, "").image) : looks,
                  options)
            .picture;
    const int64_t worked = processor_ns() - processor;
    const std::chrono::nanoseconds passed =
        std::chrono::steady_clock::now() - begin;
    std::cout << passed.count() << ' ' << worked << ' ' << face.pixels.size()
              << '\n';
    std::cout.write(reinterpret_cast<const char*>(face.pixels.data()),
                    static_cast<std::streamsize>(face.pixels.size()));
    std::cout.flush();
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "face_calls: %s\n", error.what());
  return 1;
}
