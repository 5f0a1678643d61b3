// OpenSSL's sum uses the processor's SHA instructions (1.5 GB/s and more, a
// plain loop 0.25 GB/s), which counts for weight files of a gigabyte.
#include <fmt/format.h>
#include <openssl/evp.h>

#include "util/error.h"
#include "util/sha256.h"

namespace limner {

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  if (state_->context == nullptr ||
      EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) != 1) {
    fail("this machine's OpenSSL has no SHA-256");
  }
}

Sha256::~Sha256() = default;

void Sha256::update(const void* data, size_t size) {
  if (size > 0 && EVP_DigestUpdate(state_->context, data, size) != 1) {
    fail("SHA-256: cannot add {} bytes", size);
  }
}

std::string Sha256::hex() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_DigestFinal_ex(state_->context, digest, &size) != 1) {
    fail("SHA-256: already ended");
  }
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += fmt::format("{:02x}", digest[i]);
  }
  return text;
}

}  // namespace limner
