#include "environment/python.hpp"

#include <catch2/catch.hpp>

#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

TEST_CASE("a Python is found by nothing, by its version, its name and its path", "[environment]") {
  const Python python = find_python("");
  CHECK(python.executable.is_absolute());
  CHECK(python.version.starts_with("3."));
  for (const std::string& wanted : {std::string("3"), python.version.substr(0, python.version.rfind('.')),
                                    python.version, std::string("python3"), python.executable.string()})
    CHECK(find_python(wanted).version == python.version);
}

TEST_CASE("of a Python in use one sees the packages that it sees, and of what is none nothing",
          "[environment]") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "little-1.2.dist-info");
  write_plain(folder / "little-1.2.dist-info/METADATA",
              "Metadata-Version: 2.1\nName: little\nVersion: 1.2\n");
  const auto seen = look_into_python("python3", {{"PYTHONPATH", folder.path().string()}});
  REQUIRE(seen);
  CHECK(seen->version == find_python("").version);
  CHECK(seen->packages.at("little") == "1.2");
  CHECK_FALSE(look_into_python("/bin/true", {}));
  CHECK_FALSE(look_into_python("no-such-python", {}));
}

TEST_CASE("a Python that isn't there is named, with what there is", "[environment]") {
  const Error version = error_of([] { find_python("3.2"); });
  CHECK(version.kind() == category::not_found);
  CHECK(contains(version.what(), "3.2"));
  CHECK(contains(version.hint(), find_python("").version));
  CHECK(contains(error_of([] { find_python("no-such-python"); }).what(), "no-such-python"));
  CHECK(contains(error_of([] { find_python("/bin/true"); }).what(), "/bin/true"));
}
