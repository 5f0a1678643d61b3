// The bits by OpenSSL; it also takes blanks, and ends that no encoder writes,
// which are refused here.
#include "util/base64.h"

#include <openssl/evp.h>

#include <algorithm>
#include <climits>
#include <cstdint>

#include "util/error.h"

namespace limner {
namespace {

// OpenSSL counts in int.
constexpr size_t kMaxText = size_t{INT_MAX} / 4 * 4;

bool is_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c >= '0' && c <= '9') || c == '+' || c == '/';
}

void check_size(size_t text) {
  if (text > kMaxText) {
    fail("base64 text has {} characters, at most {} are accepted", text,
         kMaxText);
  }
}

}  // namespace

std::string base64(Bytes bytes) {
  const size_t size = (bytes.size() + 2) / 3 * 4;
  check_size(size);
  std::string text(size + 1, '\0');  // it writes a zero behind
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                  static_cast<int>(bytes.size()));
  text.resize(size);
  return text;
}

std::vector<unsigned char> from_base64(std::string_view text) {
  const size_t size = text.size();
  if (size % 4 != 0) {
    fail("base64 text has {} characters, expected a multiple of 4", size);
  }
  check_size(size);
  std::string_view digits = text;
  while (size - digits.size() < 2 && !digits.empty() && digits.back() == '=') {
    digits.remove_suffix(1);
  }
  const auto other = std::find_if_not(digits.begin(), digits.end(), is_digit);
  if (other != digits.end()) {
    fail("character {} is not base64", other - digits.begin());
  }
  std::vector<unsigned char> bytes(size / 4 * 3);
  if (EVP_DecodeBlock(bytes.data(),
                      reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(size)) < 0) {
    fail("base64 text of {} characters cannot be decoded", size);
  }
  // The bytes of the padding hold what bits are left over.
  const auto end = bytes.end() - static_cast<int64_t>(size - digits.size());
  if (std::any_of(end, bytes.end(), [](unsigned char b) { return b != 0; })) {
    fail("base64 text ends in bits that belong to no byte");
  }
  bytes.erase(end, bytes.end());
  return bytes;
}

}  // namespace limner
