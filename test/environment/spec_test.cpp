#include "environment/spec.hpp"

#include <catch2/catch.hpp>

#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::test;

using Lines = std::vector<std::string>;

TEST_CASE("packages are parted by commas, but not within their versions and extras", "[environment]") {
  CHECK(split_packages("numpy") == Lines{"numpy"});
  CHECK(split_packages("numpy==1.26.4, pillow") == Lines{"numpy==1.26.4", "pillow"});
  CHECK(split_packages("numpy>=1.20,<2,pillow") == Lines{"numpy>=1.20,<2", "pillow"});
  CHECK(split_packages("numpy >=1.20 , != 1.21, pillow") == Lines{"numpy >=1.20 , != 1.21", "pillow"});
  CHECK(split_packages("uvicorn[standard,http]==1,x") == Lines{"uvicorn[standard,http]==1", "x"});
}

TEST_CASE("what is no package is refused by name", "[environment]") {
  for (const char* text : {"", ",", "numpy,", "numpy,,pillow", "--index-url=x", "numpy,-r x", "./x.whl"}) {
    INFO(text);
    CHECK(error_of([&] { split_packages(text); }).kind() == category::bad_input);
  }
}
