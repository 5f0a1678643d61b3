#include "weights/zip_writer.h"

#include <zlib.h>

#include <limits>

#include "util/error.h"
#include "weights/zip_format.h"

namespace limner {
namespace {

constexpr uint16_t kVersionNeeded = 20;  // of the zip format: 2.0
// 1980-01-01, the first day that zip knows.
constexpr uint32_t kNoDate = 0x00210000;
constexpr size_t kFieldHeaderSize = 4;
constexpr size_t kAlignment = 64;
// The tag that torch gives its padding field.
constexpr uint16_t kPaddingTag = 0x4246;
constexpr uint64_t kMaxBytes = std::numeric_limits<uint32_t>::max();
// For headers and the directory of the few members that are written here.
constexpr uint64_t kReserve = uint64_t{1} << 24;

}  // namespace

void put_little_endian(uint64_t value, int bytes, std::string* out) {
  for (int i = 0; i < bytes; ++i, value >>= 8) {
    *out += static_cast<char>(value & 0xFF);
  }
}

ZipWriter::ZipWriter(const std::filesystem::path& path)
    : file_(path), shown_(printable(path.string())) {}

void ZipWriter::add(const std::string& name, const void* data, size_t size) {
  if (size > kMaxBytes || at_ + size > kMaxBytes - kReserve ||
      directory_.size() > kReserve / 2 || count_ == 65535) {
    fail("{}: cannot write a zip archive of 4 GiB or more", shown_);
  }
  const auto put = put_little_endian;
  const auto* bytes = static_cast<const Bytef*>(data);
  const uint64_t crc = ::crc32_z(::crc32_z(0, nullptr, 0), bytes, size);
  std::string shared;  // what the local and the directory header share
  put(kVersionNeeded, 2, &shared);
  put(0, 2, &shared);  // flags
  put(0, 2, &shared);  // stored
  put(kNoDate, 4, &shared);
  put(crc, 4, &shared);
  put(size, 4, &shared);
  put(size, 4, &shared);
  put(name.size(), 2, &shared);

  const uint64_t unpadded =
      at_ + kLocalHeaderSize + name.size() + kFieldHeaderSize;
  const uint64_t padding = (kAlignment - unpadded % kAlignment) % kAlignment;
  std::string local;
  put(kLocalHeader, 4, &local);
  local += shared;
  put(kFieldHeaderSize + padding, 2, &local);
  local += name;
  put(kPaddingTag, 2, &local);
  put(padding, 2, &local);
  local.append(padding, 'Z');

  put(kDirectoryEntry, 4, &directory_);
  put(kVersionNeeded, 2, &directory_);  // made by
  directory_ += shared;
  put(0, 2, &directory_);  // extra
  put(0, 2, &directory_);  // comment
  put(0, 2, &directory_);  // disk
  put(0, 2, &directory_);  // internal attributes
  put(0, 4, &directory_);  // external attributes
  put(at_, 4, &directory_);
  directory_ += name;
  ++count_;

  write(local.data(), local.size());
  write(data, size);
}

void ZipWriter::commit() {
  const auto put = put_little_endian;
  std::string end;
  put(kEndRecord, 4, &end);
  put(0, 2, &end);  // this disk
  put(0, 2, &end);  // the directory's disk
  put(count_, 2, &end);
  put(count_, 2, &end);
  put(directory_.size(), 4, &end);
  put(at_, 4, &end);
  put(0, 2, &end);  // comment
  write(directory_.data(), directory_.size());
  write(end.data(), end.size());
  file_.commit();
}

void ZipWriter::write(const void* data, size_t size) {
  file_.write(data, size);
  at_ += size;
}

}  // namespace limner
