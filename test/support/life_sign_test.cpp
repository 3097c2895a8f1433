#include "support/life_sign.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

using namespace amltrain;
using namespace std::chrono_literals;

TEST_CASE("what a process shows is seen by the one that started it", "[support]") {
  const LifeSign seen = LifeSign::make();
  CHECK(seen.shown() == 0);
  CHECK(seen.patience() == 0ms);
  Command command;
  seen.give_to(command);
  REQUIRE(command.inherited_fds.size() == 1);
  const auto& [name, number] = *command.environment.begin();
  REQUIRE(number == std::to_string(command.inherited_fds.front()));

  const std::string inherited = std::to_string(dup(command.inherited_fds.front()));
  setenv(name.c_str(), inherited.c_str(), 1);
  {
    const auto shown = LifeSign::of_this_process();
    REQUIRE(shown);
    shown->show(8s);
    shown->show(9s);
    CHECK(seen.shown() == 2);
    CHECK(seen.patience() == 9s);
  }
  CHECK_FALSE(LifeSign::of_this_process());  // the file is closed: as in a process that did not inherit it
  setenv(name.c_str(), "0", 1);
  CHECK_FALSE(LifeSign::of_this_process());  // another file
  unsetenv(name.c_str());
  CHECK_FALSE(LifeSign::of_this_process());
}
