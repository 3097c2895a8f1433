#include "support/checksum.hpp"

#include <openssl/evp.h>

#include <array>
#include <numeric>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/shared_library.hpp"

namespace amltrain {
namespace {

void require(bool done) {
  if (!done) throw Error(category::internal, "OpenSSL cannot compute Poly1305");
}

/// libcrypto's functions by the names that its manual gives them after EVP_MAC_, opened by the first
/// checksum: linked from its archive, they bring all algorithms along, and each start pays for five
/// megabytes.
struct LibCrypto {
  decltype(&::EVP_MAC_CTX_free) ctx_free;
  decltype(&::EVP_MAC_CTX_new) ctx_new;
  decltype(&::EVP_MAC_fetch) fetch;
  decltype(&::EVP_MAC_final) final;
  decltype(&::EVP_MAC_free) free;
  decltype(&::EVP_MAC_init) init;
  decltype(&::EVP_MAC_update) update;
};

LibCrypto load() {
  const SharedLibrary library("libcrypto.so.3", "libssl3");
  LibCrypto crypto{};
  library.require(crypto.ctx_free, "EVP_MAC_CTX_free");
  library.require(crypto.ctx_new, "EVP_MAC_CTX_new");
  library.require(crypto.fetch, "EVP_MAC_fetch");
  library.require(crypto.final, "EVP_MAC_final");
  library.require(crypto.free, "EVP_MAC_free");
  library.require(crypto.init, "EVP_MAC_init");
  library.require(crypto.update, "EVP_MAC_update");
  return crypto;
}

const LibCrypto& libcrypto() {
  static const LibCrypto crypto = load();
  return crypto;
}

}  // namespace

struct Checksum::State {
  std::unique_ptr<EVP_MAC, decltype(&::EVP_MAC_free)> algorithm{
      libcrypto().fetch(nullptr, "POLY1305", nullptr), libcrypto().free};
  std::unique_ptr<EVP_MAC_CTX, decltype(&::EVP_MAC_CTX_free)> context{libcrypto().ctx_new(algorithm.get()),
                                                                      libcrypto().ctx_free};
};

Checksum::Checksum() : state_(std::make_unique<State>()) {
  std::array<unsigned char, 32> key{};
  std::iota(key.begin(), key.end(), static_cast<unsigned char>(0));
  require(libcrypto().init(state_->context.get(), key.data(), key.size(), nullptr) == 1);
}

Checksum::~Checksum() = default;

void Checksum::update(std::span<const std::byte> bytes) {
  require(libcrypto().update(state_->context.get(), reinterpret_cast<const unsigned char*>(bytes.data()),
                             bytes.size()) == 1);
}

std::string Checksum::finish() {
  std::array<unsigned char, 16> tag{};
  std::size_t size = 0;
  require(libcrypto().final(state_->context.get(), tag.data(), &size, tag.size()) == 1 && size == tag.size());
  return to_hex(tag);
}

std::string checksum_of(std::span<const std::byte> bytes) {
  Checksum sum;
  sum.update(bytes);
  return sum.finish();
}

std::string checksum_of_file(const std::filesystem::path& path) {
  Checksum sum;
  read_pieces(path, [&](std::span<const std::byte> piece) { sum.update(piece); });
  return sum.finish();
}

}  // namespace amltrain
