// The layout is PKWARE's APPNOTE 6.3: end record, directory, local headers.
#include "weights/zip_file.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

#include "util/error.h"
#include "weights/zip_format.h"

namespace limner {
namespace {

constexpr uint32_t kEndRecord64 = 0x06064b50;
constexpr uint32_t kEndLocator64 = 0x07064b50;
constexpr size_t kDirectoryEntrySize = 46;
constexpr size_t kEndRecordSize = 22;
constexpr size_t kEndRecord64Size = 56;
constexpr size_t kEndLocator64Size = 20;

// What all deflated members of a file may unpack to together.
constexpr uint64_t kMaxUnpacked = uint64_t{4} << 30;
// Deflate cannot pack better than this.
constexpr uint64_t kBestRatio = 1032;

// Finds the end record, which a comment of up to 64 KB may follow. Returns
// its position, or the file's size when there is none.
size_t find_end_record(Bytes bytes) {
  if (bytes.size() < kEndRecordSize) return bytes.size();
  const size_t last = bytes.size() - kEndRecordSize;
  const size_t first = last - std::min<size_t>(last, 0xFFFF);
  for (size_t at = last + 1; at-- > first;) {
    if (read_u32(bytes.data() + at) == kEndRecord &&
        read_u16(bytes.data() + at + 20) <= last - at) {
      return at;
    }
  }
  return bytes.size();
}

// Takes the sizes that do not fit 32 bits from the entry's zip64 field.
// Returns false when that field is missing or short.
bool read_zip64(Bytes extra, ZipFile::Member* member) {
  constexpr uint64_t kElsewhere = 0xFFFFFFFF;
  uint64_t* const wanted[] = {&member->size, &member->packed, &member->header};
  if (std::none_of(std::begin(wanted), std::end(wanted),
                   [](const uint64_t* x) { return *x == kElsewhere; })) {
    return true;
  }
  size_t at = 0;
  while (extra.size() - at >= 4) {
    const uint16_t tag = read_u16(extra.data() + at);
    const size_t size = read_u16(extra.data() + at + 2);
    at += 4;
    if (size > extra.size() - at) return false;
    if (tag == 1) {
      Bytes field = extra.subspan(at, size);
      for (uint64_t* value : wanted) {
        if (*value != kElsewhere) continue;
        if (field.size() < 8) return false;
        *value = read_u64(field.data());
        field = field.subspan(8, field.size() - 8);
      }
      return true;
    }
    at += size;
  }
  return false;
}

uint32_t crc_of(Bytes bytes) {
  return static_cast<uint32_t>(
      ::crc32_z(::crc32_z(0, nullptr, 0), bytes.data(), bytes.size()));
}

}  // namespace

bool looks_like_zip(Bytes bytes) {
  return bytes.size() >= 4 && (read_u32(bytes.data()) == kLocalHeader ||
                               read_u32(bytes.data()) == kEndRecord);
}

ZipFile::ZipFile(const MappedFile& file)
    : file_(file), source_(printable(file.path().string())) {
  read_directory();
}

void ZipFile::read_directory() {
  const Bytes bytes = file_.bytes();
  const size_t end = find_end_record(bytes);
  if (end == bytes.size()) {
    fail("{}: damaged or truncated zip: no directory at its end", source_);
  }
  const unsigned char* record = bytes.data() + end;
  if (read_u16(record + 4) != read_u16(record + 6)) {
    fail("{}: a zip split over several files is not supported", source_);
  }
  uint64_t count = read_u16(record + 10);
  uint64_t size = read_u32(record + 12);
  uint64_t begin = read_u32(record + 16);
  if (end >= kEndLocator64Size &&
      read_u32(record - kEndLocator64Size) == kEndLocator64) {
    const uint64_t at = read_u64(record - kEndLocator64Size + 8);
    if (bytes.size() < kEndRecord64Size ||
        at > bytes.size() - kEndRecord64Size ||
        read_u32(bytes.data() + at) != kEndRecord64) {
      fail("{}: damaged zip: no zip64 end record where promised", source_);
    }
    count = read_u64(bytes.data() + at + 32);
    size = read_u64(bytes.data() + at + 40);
    begin = read_u64(bytes.data() + at + 48);
  }
  if (begin > end || size > end - begin) {
    fail("{}: damaged zip: its directory lies outside of the file", source_);
  }

  Bytes rest = bytes.subspan(begin, size);
  const auto damaged = [&] {
    fail("{}: damaged zip: directory entry {} of {} is broken", source_,
         members_.size(), count);
  };
  for (uint64_t i = 0; i < count; ++i) {
    if (rest.size() < kDirectoryEntrySize ||
        read_u32(rest.data()) != kDirectoryEntry) {
      damaged();
    }
    const unsigned char* entry = rest.data();
    Member member;
    member.flags = read_u16(entry + 8);
    member.method = read_u16(entry + 10);
    member.crc = read_u32(entry + 16);
    member.packed = read_u32(entry + 20);
    member.size = read_u32(entry + 24);
    member.header = read_u32(entry + 42);
    const size_t name_size = read_u16(entry + 28);
    const size_t extra_size = read_u16(entry + 30);
    const size_t length =
        kDirectoryEntrySize + name_size + extra_size + read_u16(entry + 32);
    if (length > rest.size()) damaged();
    const std::string name(
        reinterpret_cast<const char*>(entry) + kDirectoryEntrySize, name_size);
    if (!read_zip64(rest.subspan(kDirectoryEntrySize + name_size, extra_size),
                    &member)) {
      damaged();
    }
    if (!members_.emplace(name, member).second) {
      fail("{}: damaged zip: two members named '{}'", source_, printable(name));
    }
    rest = rest.subspan(length, rest.size() - length);
  }
}

Blob ZipFile::open(const std::string& name, bool check, uint64_t limit) {
  const auto found = members_.find(name);
  if (found == members_.end()) {
    fail("{}: the archive has no '{}'", source_, printable(name));
  }
  const Member& member = found->second;
  const Bytes bytes = file_.bytes();
  const auto damaged = [&](const char* how) {
    fail("{}: damaged zip: '{}' {}", source_, printable(name), how);
  };
  if ((member.flags & 1) != 0) {
    fail("{}: '{}' is encrypted", source_, printable(name));
  }
  if (member.method != 0 && member.method != 8) {
    fail("{}: '{}' is packed by method {}, expected stored or deflated",
         source_, printable(name), member.method);
  }
  if (member.size > limit) {
    fail("{}: '{}' is {} bytes long, at most {} are accepted", source_,
         printable(name), member.size, limit);
  }
  if (bytes.size() < kLocalHeaderSize ||
      member.header > bytes.size() - kLocalHeaderSize ||
      read_u32(bytes.data() + member.header) != kLocalHeader) {
    damaged("is not where the directory says");
  }
  const unsigned char* header = bytes.data() + member.header;
  const uint64_t begin = member.header + kLocalHeaderSize +
                         read_u16(header + 26) + read_u16(header + 28);
  if (begin > bytes.size() || member.packed > bytes.size() - begin) {
    damaged("reaches past the end of the file");
  }
  const Bytes packed = bytes.subspan(begin, member.packed);
  if (member.method == 8) return inflate(name, member, packed);

  if (member.size != member.packed) damaged("has two different sizes");
  if (check && crc_of(packed) != member.crc) damaged("has a wrong checksum");
  return mapped_blob(file_, packed);
}

Blob ZipFile::inflate(const std::string& name, const Member& member,
                      Bytes packed) {
  const auto damaged = [&] {
    fail("{}: damaged zip: '{}' cannot be unpacked", source_, printable(name));
  };
  if (member.size / kBestRatio > packed.size()) damaged();
  if (member.size > kMaxUnpacked - unpacked_) {
    fail("{}: unpacks to more than {} bytes", source_, kMaxUnpacked);
  }
  // Left uninitialised: pages that are never filled take no memory.
  const std::shared_ptr<unsigned char[]> data(
      new (std::nothrow) unsigned char[std::max<uint64_t>(member.size, 1)]);
  if (data == nullptr) {
    fail("{}: no memory to unpack the {} bytes of '{}'", source_, member.size,
         printable(name));
  }
  z_stream stream = {};
  if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) damaged();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> closer(&stream,
                                                             ::inflateEnd);
  // zlib counts in 32 bits: feed and drain in parts.
  constexpr uint64_t kPart = std::numeric_limits<uInt>::max();
  uint64_t taken = 0;
  uint64_t filled = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    const uint64_t in = std::min(kPart, packed.size() - taken);
    const uint64_t out = std::min(kPart, member.size - filled);
    stream.next_in = const_cast<Bytef*>(packed.data() + taken);
    stream.avail_in = static_cast<uInt>(in);
    stream.next_out = data.get() + filled;
    stream.avail_out = static_cast<uInt>(out);
    status = ::inflate(&stream, Z_NO_FLUSH);
    taken += in - stream.avail_in;
    filled += out - stream.avail_out;
  }
  const Bytes bytes(data.get(), member.size);
  if (status != Z_STREAM_END || filled != member.size ||
      crc_of(bytes) != member.crc) {
    damaged();
  }
  unpacked_ += member.size;
  return {bytes, data, false};
}

}  // namespace limner
