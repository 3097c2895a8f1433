#include "job/host_choice.hpp"

#include <catch2/catch.hpp>

using namespace amltrain;
using Numbers = std::vector<std::size_t>;

TEST_CASE("ranks go on on the first of their hosts that can be reached", "[job]") {
  CHECK(choose_hosts({true, true}, 2, 1) == Numbers{0, 1});
  CHECK(choose_hosts({true, false}, 2, 1) == Numbers{0});
  CHECK(choose_hosts({false, true}, 2, 1) == Numbers{1});
  CHECK(choose_hosts({false, true, true, true}, 2, 1) == Numbers{1, 2});
}

TEST_CASE("on fewer hosts than the job needs they don't go on", "[job]") {
  CHECK(choose_hosts({true, false, true}, 3, 2) == Numbers{0, 2});
  CHECK(choose_hosts({true, false, false}, 3, 2).empty());
  CHECK(choose_hosts({false, false}, 2, 1).empty());
}
