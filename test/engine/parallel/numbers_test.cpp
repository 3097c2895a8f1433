#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "engine/parallel/bf16.hpp"
#include "engine/parallel/proof.hpp"

using namespace amltrain::engine;

TEST_CASE("the keyed hash is HMAC-SHA-256, as RFC 4231 has it") {
  CHECK(keyed_hash(std::string(20, '\x0b'), "Hi There") ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(keyed_hash("Jefe", "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(keyed_hash(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First") ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("texts are the same or not, wherever they differ") {
  CHECK(is_same_text("abc", "abc"));
  for (const char* other : {"abd", "xbc", "ab", "abcd", ""}) CHECK_FALSE(is_same_text("abc", other));
}

TEST_CASE("floats are rounded to the nearest bf16, of two as near to the even one") {
  CHECK(from_bf16(to_bf16(1.0F)) == 1.0F);
  CHECK(from_bf16(to_bf16(-0.375F)) == -0.375F);
  const auto of_bits = [](std::uint32_t bits) { return std::bit_cast<float>(bits); };
  CHECK(to_bf16(of_bits(0x3f808000)) == 0x3f80);  // in the middle, below it even
  CHECK(to_bf16(of_bits(0x3f818000)) == 0x3f82);  // in the middle, above it even
  CHECK(to_bf16(of_bits(0x3f808001)) == 0x3f81);
  CHECK(to_bf16(of_bits(0x3f817fff)) == 0x3f81);
  CHECK(to_bf16(std::numeric_limits<float>::max()) == 0x7f80);  // infinity is nearest
  CHECK(to_bf16(-std::numeric_limits<float>::infinity()) == 0xff80);
  CHECK(std::isnan(from_bf16(to_bf16(of_bits(0x7f800001)))));
  CHECK(std::isnan(from_bf16(to_bf16(of_bits(0xffffffff)))));
  CHECK(std::signbit(from_bf16(to_bf16(-0.0F))));
}
