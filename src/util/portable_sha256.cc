// SHA-256 (FIPS 180-4) where there is no OpenSSL (LIMNER_PORTABLE).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "util/error.h"
#include "util/sha256.h"

namespace limner {
namespace {

constexpr size_t kBlock = 64;  // bytes

// The first 32 bits of the fractional parts of the cube roots of the first 64
// primes.
constexpr std::array<uint32_t, 64> kRounds = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

uint32_t turned(uint32_t x, int by) { return x >> by | x << (32 - by); }

}  // namespace

struct Sha256::State {
  // The same of the square roots of the first 8 primes.
  std::array<uint32_t, 8> sums = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                  0xa54ff53a, 0x510e527f, 0x9b05688c,
                                  0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, kBlock> rest;  // of what was added
  uint64_t size = 0;                       // bytes that were added
  bool ended = false;

  void add_block(const unsigned char* block) {
    std::array<uint32_t, 64> w;
    for (size_t i = 0; i < 16; ++i) {
      w[i] = static_cast<uint32_t>(block[4 * i]) << 24 |
             static_cast<uint32_t>(block[4 * i + 1]) << 16 |
             static_cast<uint32_t>(block[4 * i + 2]) << 8 | block[4 * i + 3];
    }
    for (size_t i = 16; i < 64; ++i) {
      const uint32_t a = w[i - 15];
      const uint32_t b = w[i - 2];
      w[i] = w[i - 16] + (turned(a, 7) ^ turned(a, 18) ^ a >> 3) + w[i - 7] +
             (turned(b, 17) ^ turned(b, 19) ^ b >> 10);
    }
    auto [a, b, c, d, e, f, g, h] = sums;
    for (size_t i = 0; i < 64; ++i) {
      const uint32_t first = h +
                             (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) +
                             ((e & f) ^ (~e & g)) + kRounds[i] + w[i];
      const uint32_t second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) +
                              ((a & b) ^ (a & c) ^ (b & c));
      h = g;
      g = f;
      f = e;
      e = d + first;
      d = c;
      c = b;
      b = a;
      a = first + second;
    }
    const std::array<uint32_t, 8> more = {a, b, c, d, e, f, g, h};
    for (size_t i = 0; i < 8; ++i) sums[i] += more[i];
  }

  void add(const unsigned char* data, size_t count) {
    size_t at = size % kBlock;
    size += count;
    while (count > 0) {
      const size_t taken = std::min(kBlock - at, count);
      std::memcpy(rest.data() + at, data, taken);
      data += taken;
      count -= taken;
      at += taken;
      if (at == kBlock) {
        add_block(rest.data());
        at = 0;
      }
    }
  }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;

void Sha256::update(const void* data, size_t size) {
  if (state_->ended) fail("SHA-256: cannot add {} bytes", size);
  if (size > 0) state_->add(static_cast<const unsigned char*>(data), size);
}

std::string Sha256::hex() {
  if (state_->ended) fail("SHA-256: already ended");
  const uint64_t bits = 8 * state_->size;
  const unsigned char one = 0x80;
  const unsigned char zero = 0;
  state_->add(&one, 1);
  while (state_->size % kBlock != kBlock - sizeof bits) state_->add(&zero, 1);
  std::array<unsigned char, sizeof bits> length;
  for (size_t i = 0; i < sizeof bits; ++i) {
    length[i] = static_cast<unsigned char>(bits >> (56 - 8 * i));
  }
  state_->add(length.data(), length.size());
  state_->ended = true;
  std::string text;
  for (const uint32_t sum : state_->sums) text += fmt::format("{:08x}", sum);
  return text;
}

}  // namespace limner
