#include "compute/hostfile.hpp"

#include <catch2/catch.hpp>

#include "support/errors.hpp"

namespace amltrain {

using test::contains;
using test::error_of;

TEST_CASE("a hostfile is a host a line, with slots where it says them", "[compute]") {
  const auto hosts =
      parse_hostfile("# the lab\nnode1 slots=4\n\n  node-2.lab  # unknown\r\n10.0.0.3 slots=1", "F");
  REQUIRE(hosts.size() == 3);
  CHECK(hosts[0].name == "node1");
  CHECK(hosts[0].slots == 4);
  CHECK(hosts[1].name == "node-2.lab");
  CHECK(hosts[1].slots == 0);
  CHECK(hosts[2].name == "10.0.0.3");
}

TEST_CASE("a host of several lines has the slots of all", "[compute]") {
  const auto hosts = parse_hostfile("a slots=2\nb\na slots=3\n", "F");
  REQUIRE(hosts.size() == 2);
  CHECK(hosts[0].slots == 5);
}

TEST_CASE("what ssh, mpirun or a shell would read otherwise is no host, and the line is named", "[compute]") {
  const std::string line =
      GENERATE(as<std::string>(), "-oProxyCommand=sh", "a,b", "a:2", "^a", "+n1", "u@a", "a slots=0",
               "a slots=x", "a slots=", "a max_slots=4", "a slots=99999", "$(id)", "a slots=4 b");
  const Error problem = error_of([&] { parse_hostfile("ok\n" + line + "\n", "FILE"); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), "FILE:2"));
}

TEST_CASE("a hostfile without a host is refused", "[compute]") {
  CHECK(error_of([] { parse_hostfile("# none\n\n", "F"); }).kind() == category::bad_input);
}

}  // namespace amltrain
