#include "support/scratch_folder.hpp"

#include <catch2/catch.hpp>

#include "temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

TEST_CASE("a scratch folder goes with all that is in it", "[support]") {
  const TemporaryFolder folder;
  {
    const ScratchFolder scratch(folder / "tmp/made");
    write_below(scratch.path() / "a/b", "c");
  }
  CHECK(std::filesystem::exists(folder / "tmp"));
  CHECK(entries_in(folder / "tmp") == 0);
}

TEST_CASE("one that is kept stays", "[support]") {
  const TemporaryFolder folder;
  {
    ScratchFolder scratch(folder / "made");
    write_plain(scratch.path() / "a", "b");
    scratch.keep();
    CHECK(scratch.path().empty());
  }
  CHECK(read_plain(folder / "made/a") == "b");
}
