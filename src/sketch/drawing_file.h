// Drawings from and to files of any kind that limner knows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sketch/quickdraw.h"
#include "sketch/stroke.h"
#include "util/span.h"

namespace limner {

// Which way a PNG is read.
enum class PngKind { kByContent, kLabels, kPicture };

struct ReadOptions {
  // Which drawing of a file of many (ndjson), or page of a PDF, counted from
  // 0.
  int64_t index = 0;
  QuickDrawOptions quickdraw;
  // False: a PDF is refused, since drawing a page of it may take any time.
  bool pdf = true;
  // For open_drawing().
  PngKind png = PngKind::kByContent;
};

struct DecodedDrawing {
  Drawing drawing;
  bool traced = false;  // from areas or a picture inside of a file
  // What was left out or changed, one line each, without the file's name.
  std::vector<std::string> notes;
};

// Reads a drawing by what the file holds, whatever its name: SVG (also
// compressed), a page of a PDF (svg_of_pdf()), limner's JSON, a line of Quick,
// Draw!'s ndjson and its other forms, one of sketch-rnn's drawings, scenes of
// other programs (scenes.h), or a PNG of labels. Texts may be UTF-16. An SVG's
// pens and pictures are traced and its pieces joined (svg_lines()). A PNG of
// numbers (gray or palette) holds classes 0..22, one of colours must be in
// exactly those of the legend (read_colour_labels()); both are traced
// (trace_labels()). Throws Error for anything else, with the file's name, and
// as the readers do; no file above kMaxDrawingFile is read.
Drawing read_drawing(const std::filesystem::path& path,
                     const ReadOptions& options = {});

// The same from memory; `name` stands in messages.
DecodedDrawing decode_drawing_file(Bytes data, const std::string& name,
                                   const ReadOptions& options = {});
Drawing decode_drawing(Bytes data, const std::string& name,
                       const ReadOptions& options = {});

struct WriteOptions {
  // Of a PNG: pixels along a side, and how wide lines are in them.
  int side = 512;
  int width = 1;
};

// Writes a drawing by the ending of the name, in any case: .svg, .json,
// .ndjson (one line), .png (a picture of labels, for which every stroke needs
// a class). The file appears whole or not at all. Throws Error for other
// endings, and as the writers, rasterize() and write_file() do.
void write_drawing(const std::filesystem::path& path, const Drawing& drawing,
                   const WriteOptions& options = {});
// Throws Error for an ending that write_drawing() refuses.
void check_drawing_path(const std::filesystem::path& path);

}  // namespace limner
