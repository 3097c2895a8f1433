#include "job/unheard.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>

using namespace amltrain;

namespace {

/// As /proc/net/tcp says it: the third socket has sent something again five times.
constexpr const char* kTable =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode\n"
    "   0: 00000000:07E6 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 101 2 0\n"
    "   1: 0100005B:9D3A 0200005B:07E6 01 00000024:00000000 01:00000014 00000004 0 0 102 2 0\n"
    "   2: 0100005B:9D3B 0300005B:07E6 01 00000024:00000000 01:00000014 00000005 0 0 103 2 0\n"
    "   3: 0100005B:9D3C 0300005B:07E6 01 00000000:00000000 02:000A7214 00000000 0 0 104 2 0\n"
    "   4: 0100005B:9D3D 0300005B:07E6 02 00000001:00000000 01:00000014 00000006 0 0 105 2 0\n";

}  // namespace

TEST_CASE("a connection is unheard of once what it sent was sent again five times", "[job]") {
  CHECK_FALSE(tells_of_unheard(kTable, {"101", "102", "104"}));
  CHECK(tells_of_unheard(kTable, {"102", "103"}));
  CHECK_FALSE(tells_of_unheard(kTable, {"105"}));  // not connected yet
  CHECK_FALSE(tells_of_unheard("", {"103"}));
}

TEST_CASE("a process without a connection is not unheard of, nor is one that has gone", "[job]") {
  CHECK_FALSE(is_unheard(getpid()));
  CHECK_FALSE(is_unheard(1 << 30));
}
