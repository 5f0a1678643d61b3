#include "sketch/text_file.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "util/error.h"

namespace limner {
namespace {

struct Inflater {
  Inflater() {
    constexpr int kGzip = 16;
    if (inflateInit2(&stream, MAX_WBITS + kGzip) != Z_OK) {
      fail("zlib does not start (out of memory?)");
    }
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  z_stream stream = {};
};

void append_code(std::string& out, uint32_t code) {
  const auto add = [&out](uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      add(0xe0 | code >> 12);
    } else {
      add(0xf0 | code >> 18);
      add(0x80 | (code >> 12 & 63));
    }
    add(0x80 | (code >> 6 & 63));
  }
  add(0x80 | (code & 63));
}

std::string from_utf16(Bytes data, bool big) {
  const auto unit = [&](size_t at) -> uint32_t {
    return big ? data[at] << 8 | data[at + 1] : data[at + 1] << 8 | data[at];
  };
  std::string out;
  out.reserve(data.size());
  for (size_t at = 0; at + 1 < data.size(); at += 2) {
    uint32_t code = unit(at);
    if (code >= 0xd800 && code < 0xdc00 && at + 3 < data.size()) {
      const uint32_t low = unit(at + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at += 2;
      }
    }
    // Half of a pair.
    if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
    append_code(out, code);
  }
  return out;
}

bool is_ascii(unsigned char c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 32 && c < 127);
}

}  // namespace

bool is_gzip(Bytes data) {
  return data.size() > 2 && data[0] == 0x1f && data[1] == 0x8b;
}

std::vector<unsigned char> unpack_gzip(Bytes data, uint64_t max) {
  Inflater inflater;
  z_stream& stream = inflater.stream;
  // zlib never writes to what it reads.
  stream.next_in = const_cast<unsigned char*>(data.data());
  stream.avail_in = static_cast<uInt>(data.size());
  std::vector<unsigned char> out;
  std::array<unsigned char, 1 << 16> buffer;
  while (true) {
    stream.next_out = buffer.data();
    stream.avail_out = static_cast<uInt>(buffer.size());
    const int code = inflate(&stream, Z_NO_FLUSH);
    out.insert(out.end(), buffer.data(), stream.next_out);
    if (out.size() > max) {
      fail("is compressed (gzip) and more than {} bytes long unpacked", max);
    }
    if (code == Z_STREAM_END) {
      // Another part may follow.
      if (!is_gzip(Bytes(stream.next_in, stream.avail_in))) return out;
      if (inflateReset(&stream) != Z_OK) fail("damaged gzip file");
    } else if (code == Z_BUF_ERROR ||
               (code == Z_OK && stream.avail_in == 0 && stream.avail_out > 0)) {
      fail("damaged gzip file: the data ends early");
    } else if (code != Z_OK) {
      fail("damaged gzip file: {}",
           stream.msg != nullptr ? stream.msg : "wrong data");
    }
  }
}

std::string utf8_of(Bytes data) {
  const size_t size = data.size();
  if (size >= 2 && data[0] == 0xfe && data[1] == 0xff) {
    return from_utf16(data.subspan(2, size - 2), true);
  }
  if (size >= 2 && data[0] == 0xff && data[1] == 0xfe) {
    return from_utf16(data.subspan(2, size - 2), false);
  }
  if (size >= 4 && data[0] == 0 && is_ascii(data[1]) && data[2] == 0) {
    return from_utf16(data, true);
  }
  if (size >= 4 && is_ascii(data[0]) && data[1] == 0 && data[3] == 0) {
    return from_utf16(data, false);
  }
  std::string text(data.begin(), data.end());
  if (text.compare(0, 3, "\xef\xbb\xbf") == 0) text.erase(0, 3);
  return text;
}

}  // namespace limner
