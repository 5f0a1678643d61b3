#include "train/run/event_file.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <vector>

#include "image/codec.h"
#include "util/error.h"
#include "util/files.h"

namespace limner::train {
namespace {

std::array<uint32_t, 256> make_table() {
  std::array<uint32_t, 256> table = {};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value >> 1) ^ ((value & 1) != 0 ? 0x82f63b78U : 0);
    }
    table[i] = value;
  }
  return table;
}

// Little-endian bytes, as both formats have them.
template <typename Value>
std::string bytes_of(Value value) {
  std::string bytes(sizeof(value), '\0');
  std::memcpy(bytes.data(), &value, sizeof(value));
  return bytes;
}

// A checksum over data that holds checksums: rotated and moved, as the format
// says.
std::string masked_crc(const std::string& data) {
  const uint32_t crc = crc32c(
      {reinterpret_cast<const unsigned char*>(data.data()), data.size()});
  return bytes_of(((crc >> 15) | (crc << 17)) + 0xa282ead8U);
}

// Protocol buffers: a field is a key (number and wire type) and a value.
std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) {
    bytes += static_cast<char>((value & 0x7f) | 0x80);
  }
  return bytes + static_cast<char>(value);
}

std::string field(int number, int64_t value) {
  return varint(static_cast<uint64_t>(number) << 3) +
         varint(static_cast<uint64_t>(value));
}
std::string field(int number, double value) {
  return varint((static_cast<uint64_t>(number) << 3) | 1) + bytes_of(value);
}
std::string field(int number, float value) {
  return varint((static_cast<uint64_t>(number) << 3) | 5) + bytes_of(value);
}
std::string field(int number, const std::string& value) {
  return varint((static_cast<uint64_t>(number) << 3) | 2) +
         varint(value.size()) + value;
}

// Fields of Event, Summary, Summary.Value, Summary.Image and SessionLog
// (tensorflow/core/util/event.proto, framework/summary.proto).
constexpr int kEventTime = 1, kEventStep = 2, kEventVersion = 3,
              kEventSummary = 5, kEventSession = 7;
constexpr int kSummaryValue = 1;
constexpr int kValueTag = 1, kValueScalar = 2, kValueImage = 4;
constexpr int kImageHeight = 1, kImageWidth = 2, kImageColours = 3,
              kImageBytes = 4;
constexpr int kSessionStatus = 1;
constexpr int64_t kSessionStart = 1;

std::string event_at(int64_t step) {
  const std::chrono::duration<double> now =
      std::chrono::system_clock::now().time_since_epoch();
  return field(kEventTime, now.count()) + field(kEventStep, step);
}

}  // namespace

uint32_t crc32c(Bytes bytes) {
  static const std::array<uint32_t, 256> kTable = make_table();
  uint32_t crc = 0xffffffffU;
  for (const unsigned char byte : bytes) {
    crc = (crc >> 8) ^ kTable[(crc ^ byte) & 0xff];
  }
  return crc ^ 0xffffffffU;
}

EventFile::EventFile(const std::filesystem::path& folder, int64_t step) {
  make_folders(folder);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count();
  // TensorBoard reads the files of a folder in the order of their names. Two
  // starts within a second must not share one.
  std::filesystem::path path;
  int number = 0;
  do {
    path = folder / fmt::format("events.out.tfevents.{:010}.{:03}.limner.{}",
                                seconds, number++, ::getpid());
  } while (std::filesystem::exists(path));
  file_ = std::make_unique<AppendFile>(path);
  write(event_at(0) + field(kEventVersion, std::string("brain.Event:2")));
  write(event_at(step) +
        field(kEventSession, field(kSessionStatus, kSessionStart)));
}

void EventFile::write(const std::string& event) {
  const std::string length = bytes_of(static_cast<uint64_t>(event.size()));
  file_->append(length + masked_crc(length) + event + masked_crc(event));
}

void EventFile::scalars(int64_t step,
                        const std::map<std::string, double>& values) {
  std::string summary;
  for (const auto& [tag, value] : values) {
    summary += field(
        kSummaryValue,
        field(kValueTag, tag) + field(kValueScalar, static_cast<float>(value)));
  }
  write(event_at(step) + field(kEventSummary, summary));
}

void EventFile::picture(int64_t step, const std::string& tag,
                        const Image& image) {
  const std::vector<unsigned char> png = encode(image, ImageFormat::kPng);
  const std::string value =
      field(kImageHeight, static_cast<int64_t>(image.height)) +
      field(kImageWidth, static_cast<int64_t>(image.width)) +
      field(kImageColours, static_cast<int64_t>(image.channels)) +
      field(kImageBytes, std::string(png.begin(), png.end()));
  write(event_at(step) +
        field(kEventSummary,
              field(kSummaryValue,
                    field(kValueTag, tag) + field(kValueImage, value))));
}

}  // namespace limner::train
