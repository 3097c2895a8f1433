// The one file that holds the implementation and main of Catch2.
#define CATCH_CONFIG_MAIN
#include <sys/stat.h>

#include <catch2/catch.hpp>

// As the program's own main() does: a store that others may write to is refused.
[[maybe_unused]] static const mode_t before = umask(S_IWGRP | S_IWOTH);
