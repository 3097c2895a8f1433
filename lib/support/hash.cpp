#include "support/hash.hpp"

// SHA256_Init instead of EVP_DigestInit: the first EVP digest of a process reads openssl.cnf and gathers the
// algorithms of all providers, a quarter of the instructions of `runs show`. Both compute with the same code.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "support/error.hpp"
#include "support/files.hpp"

namespace amltrain {
namespace {

void require(int openssl_result) {
  if (openssl_result != 1) throw Error(category::internal, "OpenSSL cannot compute SHA-256");
}

}  // namespace

struct Sha256::State {
  SHA256_CTX context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { require(SHA256_Init(&state_->context)); }

Sha256::~Sha256() = default;

void Sha256::update(std::span<const std::byte> bytes) {
  require(SHA256_Update(&state_->context, bytes.data(), bytes.size()));
}

void Sha256::update(std::string_view text) { update(std::as_bytes(std::span(text))); }

std::string Sha256::finish() {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  require(SHA256_Final(digest.data(), &state_->context));
  return to_hex(digest);
}

std::string sha256_of(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hash.finish();
}

std::string sha256_of_file(const std::filesystem::path& path) {
  Sha256 hash;
  read_pieces(path, [&](std::span<const std::byte> piece) { hash.update(piece); });
  return hash.finish();
}

std::string to_hex(std::span<const unsigned char> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string random_hex(int bytes) {
  std::vector<unsigned char> random(static_cast<std::size_t>(bytes));
  for (std::size_t filled = 0; filled < random.size();) {
    const ssize_t count = getrandom(random.data() + filled, random.size() - filled, 0);
    if (count < 0 && errno != EINTR) throw_errno("cannot get random bytes");
    if (count > 0) filled += static_cast<std::size_t>(count);
  }
  return to_hex(random);
}

}  // namespace amltrain
