#include <catch2/catch.hpp>
#include <cerrno>

#include "errors.hpp"

using namespace amltrain;
using namespace amltrain::test;

TEST_CASE("a failed system call becomes the exit code of the contract", "[support]") {
  const auto [number, kind] = GENERATE(table<int, category>({{ENOSPC, category::environment},
                                                             {EIO, category::environment},
                                                             {EMFILE, category::environment},
                                                             {EROFS, category::environment},
                                                             {ENOENT, category::not_found},
                                                             {EEXIST, category::conflict},
                                                             {EACCES, category::bad_input},
                                                             {ENOTDIR, category::bad_input},
                                                             {EBADF, category::internal}}));
  const Error problem = error_of([number = number] { throw_errno("cannot write /x", number); });
  CHECK(problem.kind() == kind);
  CHECK(contains(problem.what(), "cannot write /x: "));
}

TEST_CASE("categories have the numbers and names of the contract", "[support]") {
  CHECK(Error(category::bad_input, "").exit_code() == 2);
  CHECK(Error(category::internal, "").exit_code() == 70);
  CHECK(std::string(name_of(category::timed_out)) == "timed_out");
  CHECK(std::string(name_of(category::internal)) == "internal");
}
