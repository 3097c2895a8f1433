// What a call threw, as a value to compare.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "support/error.hpp"

namespace amltrain::test {

/// The Error that `act` throws; fails the test case when it throws none.
template <typename Act>
Error error_of(Act&& act) {
  try {
    act();
  } catch (const Error& problem) {
    return problem;
  }
  FAIL("no amltrain::Error was thrown");
  throw 0;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace amltrain::test
