#include "environment/requirements.hpp"

#include <catch2/catch.hpp>

#include "support/errors.hpp"
#include "support/hash.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

using Lines = std::vector<std::string>;

namespace {

struct Files {
  TemporaryFolder folder;
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder / name).parent_path());
    write_plain(folder / name, text);
    return folder / name;
  }
  EnvironmentSpec read(const std::string& text) const {
    EnvironmentSpec spec;
    add_requirements(spec, write("requirements.txt", text));
    return spec;
  }
  std::string at(const std::string& name) const { return (folder / name).string(); }
};

}  // namespace

TEST_CASE("comments and blank lines go, long lines are joined, all else stays", "[environment]") {
  const Files files;
  CHECK(
      files
          .read("# first\n\n  numpy==1.26.4  # why\r\npillow \\\n  --hash=sha256:ab \\\n  --hash=sha256:cd\n"
                "x @ https://host/x.zip#egg=x\n--index-url https://host/simple\ny; python_version < '3.8'")
          .requirements == Lines{"numpy==1.26.4", "pillow   --hash=sha256:ab   --hash=sha256:cd",
                                 "x @ https://host/x.zip#egg=x", "--index-url https://host/simple",
                                 "y; python_version < '3.8'"});
}

TEST_CASE("files that a file includes stand in their place, from the folder of each", "[environment]") {
  const Files files;
  files.write("more/base.txt", "b\n-r deep.txt\n-c limits.txt\n");
  files.write("more/deep.txt", "c\n");
  files.write("more/limits.txt", "d<2\n");
  const EnvironmentSpec spec = files.read("a\n-r more/base.txt\n--requirement=more/deep.txt\nz\n");
  CHECK(spec.requirements == Lines{"a", "b", "c", "c", "z"});
  CHECK(spec.constraints == Lines{"d<2"});
}

TEST_CASE("paths of files are absolute and known by their content", "[environment]") {
  const Files files;
  files.write("wheels/x-1-py3-none-any.whl", "wheel");
  const EnvironmentSpec spec = files.read(
      "--find-links wheels\n-f https://host/links\n./wheels/x-1-py3-none-any.whl[a] ; python_version > "
      "'3'\n");
  const std::string wheel = files.at("wheels/x-1-py3-none-any.whl");
  CHECK(spec.requirements == Lines{"--find-links " + files.at("wheels"), "--find-links https://host/links",
                                   wheel + "[a] ; python_version > '3'"});
  CHECK(hash_local_files(spec) == std::map<std::string, std::string>{{wheel, sha256_of("wheel")}});
  std::filesystem::remove(wheel);
  CHECK(error_of([&] { hash_local_files(spec); }).kind() == category::not_found);
}

TEST_CASE("what no file's content fixes is refused with its place", "[environment]") {
  const Files files;
  std::filesystem::create_directory(files.folder / "package");
  for (const char* line : {"-e ./package", "--editable=package", "./package", "."}) {
    const Error problem = error_of([&] { files.read(std::string("a\n") + line + "\n"); });
    CHECK(problem.kind() == category::bad_input);
    CHECK(contains(problem.what(), "requirements.txt:2: "));
  }
  CHECK(error_of([&] { files.read("./absent.whl\n"); }).kind() == category::not_found);
  CHECK(error_of([&] { files.read("-r absent.txt\n"); }).kind() == category::not_found);
  CHECK(error_of([&] { files.read("-r requirements.txt\n"); }).kind() == category::bad_input);
}
