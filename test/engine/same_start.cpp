// Every test case starts alike: with one thread, since test programs run side by side, and with the same
// random numbers, which torch would else draw from a seed of the process.
#include <ATen/Context.h>
#include <ATen/Parallel.h>

#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <catch2/catch.hpp>

namespace {

struct SameStart : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testCaseStarting(const Catch::TestCaseInfo&) override {
    at::set_num_threads(1);
    at::manual_seed(1);
  }
};

}  // namespace

CATCH_REGISTER_LISTENER(SameStart)
