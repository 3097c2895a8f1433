// The one file that holds the implementation and main of Catch2.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
