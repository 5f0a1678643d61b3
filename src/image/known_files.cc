#include "image/known_files.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>

#include "util/error.h"

namespace limner {
namespace {

std::string_view text_of(Bytes data, size_t offset, size_t size) {
  if (offset >= data.size()) return {};
  return {reinterpret_cast<const char*>(data.data()) + offset,
          std::min(size, data.size() - offset)};
}

// What HEIF's kinds of files (and videos) say after "ftyp".
std::string describe_heif(std::string_view brand) {
  if (brand == "avif" || brand == "avis") {
    return "is an AVIF picture; save it as JPEG or PNG";
  }
  for (const std::string_view heic :
       {"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"}) {
    if (brand == heic) {
      return "is a HEIC picture (as iPhones save photos); export it as JPEG, "
             "or "
             "convert it: heif-convert photo.heic photo.jpg";
    }
  }
  return "is a video; save one picture of it as PNG or JPEG";
}

std::string describe_zip(Bytes data) {
  if (data.size() < 30) return "is a damaged zip file";
  const size_t length = data[26] | data[27] << 8;
  const std::string_view first = text_of(data, 30, length);
  const auto ends = [first](std::string_view with) {
    return first.size() >= with.size() &&
           first.substr(first.size() - with.size()) == with;
  };
  if (ends(".npy")) {
    return "is a NumPy archive, but none of sketch-rnn's drawings; export the "
           "drawing as ndjson or SVG";
  }
  if (ends("data.pkl")) return "is a PyTorch file, not a picture";
  return "is a zip file; unpack it and give what is inside";
}

uint32_t number(Bytes data, size_t at, int bytes) {
  uint32_t value = 0;
  for (int i = bytes - 1; i >= 0; --i) value = value << 8 | data[at + i];
  return value;
}

struct ZipEntry {
  uint32_t method = 0;
  uint32_t packed = 0;
  uint32_t size = 0;
  uint32_t header = 0;
};

// Where the zip's directory says that `name` is.
std::optional<ZipEntry> find_in_zip(Bytes data, std::string_view name) {
  constexpr size_t kEnd = 22;
  constexpr size_t kFront = 46;
  if (data.size() < kEnd) return {};
  // The end record is the last, but for a comment.
  const size_t first = data.size() - std::min<size_t>(data.size(), 66'000);
  size_t at = data.size() - kEnd;
  while (text_of(data, at, 4) != "PK\x05\x06") {
    if (at == first) return {};
    --at;
  }
  size_t entry = number(data, at + 16, 4);
  for (uint32_t left = number(data, at + 10, 2); left > 0; --left) {
    if (text_of(data, entry, 4) != "PK\x01\x02" ||
        data.size() - entry < kFront) {
      return {};
    }
    const size_t length = number(data, entry + 28, 2);
    if (text_of(data, entry + kFront, length) == name) {
      return ZipEntry{number(data, entry + 10, 2), number(data, entry + 20, 4),
                      number(data, entry + 24, 4), number(data, entry + 42, 4)};
    }
    entry += kFront + length + number(data, entry + 30, 2) +
             number(data, entry + 32, 2);
    if (entry >= data.size()) return {};
  }
  return {};
}

std::vector<unsigned char> unpacked(Bytes packed, const ZipEntry& entry,
                                    const std::string& what) {
  std::vector<unsigned char> out(entry.size);
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
    fail("zlib does not start (out of memory?)");
  }
  // zlib never writes to what it reads.
  stream.next_in = const_cast<unsigned char*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = inflate(&stream, Z_FINISH);
  const bool whole = code == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  if (!whole) fail("{} is damaged", what);
  return out;
}

}  // namespace

std::string describe_file(Bytes data) {
  struct Magic {
    std::string_view bytes;
    const char* text;
  };
  using namespace std::string_view_literals;
  static constexpr Magic kMagics[] = {
      {"II*\0"sv, "is a TIFF picture; save it as PNG"},
      {"MM\0*"sv, "is a TIFF picture; save it as PNG"},
      {"II+\0"sv, "is a TIFF picture; save it as PNG"},
      {"MM\0+"sv, "is a TIFF picture; save it as PNG"},
      {"GIF8"sv, "is a GIF picture; save it as PNG"},
      {"%PDF"sv,
       "is a PDF, which is taken for drawings alone; export the page as PNG "
       "(pdftoppm -png -r 150)"},
      {"%!PS"sv, "is a PostScript file; export it as SVG or PNG"},
      {"8BPS"sv, "is a Photoshop file; export it as PNG"},
      {"gimp xcf"sv, "is a GIMP file; export it as PNG"},
      {"\0\0\1\0"sv, "is an icon; save it as PNG"},
      {"\xff\x0a"sv, "is a JPEG XL picture; save it as PNG or JPEG"},
      {"\0\0\0\x0cJXL "sv, "is a JPEG XL picture; save it as PNG or JPEG"},
      {"\0\0\0\x0cjP  "sv, "is a JPEG 2000 picture; save it as PNG or JPEG"},
      {"qoif"sv, "is a QOI picture; save it as PNG"},
      {"SQLite format 3"sv,
       "is a database (Clip Studio and others save so); "
       "export the drawing as PNG or SVG"},
      {"CSFCHUNK"sv, "is a Clip Studio file; export it as PNG"},
      {"7z\xbc\xaf\x27\x1c"sv, "is a 7z archive; unpack it first"},
      {"Rar!"sv, "is a RAR archive; unpack it first"},
      {"BZh"sv, "is compressed (bzip2); unpack it first"},
      {"\xfd\x37zXZ"sv, "is compressed (xz); unpack it first"},
      {"\x28\xb5\x2f\xfd"sv, "is compressed (zstd); unpack it first"},
      {"version https://git-lfs"sv,
       "is a Git LFS pointer, not the file itself; run: git lfs pull"},
      {"\x1f\x8b"sv, "is compressed (gzip); unpack it first"},
      {"\x89PNG"sv, "is a damaged PNG"},
      {"RIFF"sv, "is a sound or a video, or a damaged WebP"}};
  for (const Magic& magic : kMagics) {
    if (text_of(data, 0, magic.bytes.size()) == magic.bytes) return magic.text;
  }
  if (text_of(data, 4, 4) == "ftyp") return describe_heif(text_of(data, 8, 4));
  if (text_of(data, 0, 4) == "PK\x03\x04") return describe_zip(data);
  return "";
}

bool has_zip_member(Bytes data, const std::string& name) {
  return text_of(data, 0, 4) == "PK\x03\x04" &&
         find_in_zip(data, name).has_value();
}

std::vector<unsigned char> zip_member(Bytes data, const std::string& name,
                                      uint64_t max, const std::string& what) {
  if (text_of(data, 0, 4) != "PK\x03\x04") return {};
  const auto entry = find_in_zip(data, name);
  if (!entry) return {};
  constexpr size_t kFront = 30;
  const size_t header = entry->header;
  if (header > data.size() || data.size() - header < kFront) {
    fail("{} is damaged", what);
  }
  const size_t begin = header + kFront + number(data, header + 26, 2) +
                       number(data, header + 28, 2);
  if (begin > data.size() || data.size() - begin < entry->packed) {
    fail("{} is damaged", what);
  }
  // Deflate shrinks at most 1032 times.
  if (entry->size > max || entry->size / 1032 > entry->packed) {
    fail("{} claims {} bytes", what, entry->size);
  }
  const Bytes packed = data.subspan(begin, entry->packed);
  if (entry->method == 0) return {packed.begin(), packed.end()};
  if (entry->method == 8) return unpacked(packed, *entry, what);
  fail("{} is packed in a way that is not known", what);
}

std::vector<unsigned char> merged_picture(Bytes data, uint64_t max) {
  return zip_member(data, "mergedimage.png", max, "its merged picture");
}

}  // namespace limner
