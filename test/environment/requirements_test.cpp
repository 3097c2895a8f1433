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

TEST_CASE("a path is told from a name as pip does", "[environment]") {
  const Files files;
  for (const char* name : {"wheels/a.whl", "b.whl", "c.tar.gz"}) files.write(name, name);
  CHECK(
      files
          .read(
              "wheels/a.whl\nb.whl --hash=sha256:ab\nc.tar.gz\nd @ https://host/d.whl\nhttps://host/e.whl\n")
          .requirements == Lines{files.at("wheels/a.whl"), files.at("b.whl") + " --hash=sha256:ab",
                                 files.at("c.tar.gz"), "d @ https://host/d.whl", "https://host/e.whl"});
}

TEST_CASE("what no file's content fixes is refused with its place", "[environment]") {
  const Files files;
  std::filesystem::create_directory(files.folder / "package");
  for (const char* line : {"-e ./package", "--editable=package", "./package", ".", "package/",
                           "x @ file:///tmp/x.whl", "file:x.whl", "git+file:///tmp/x"}) {
    const Error problem = error_of([&] { files.read(std::string("a\n") + line + "\n"); });
    INFO(line);
    CHECK(problem.kind() == category::bad_input);
    CHECK(contains(problem.what(), "requirements.txt:2: "));
  }
  CHECK(error_of([&] { files.read("./absent.whl\n"); }).kind() == category::not_found);
  CHECK(error_of([&] { files.read("-r absent.txt\n"); }).kind() == category::not_found);
}

TEST_CASE("files that include each other, or one another many times over, are refused", "[environment]") {
  const Files files;
  CHECK(contains(error_of([&] { files.read("-r requirements.txt\n"); }).what(), "includes itself"));
  files.write("b.txt", "-r requirements.txt\n");
  CHECK(contains(error_of([&] { files.read("-c b.txt\n"); }).what(), "includes itself"));
  std::string many;
  for (int i = 0; i < 100; ++i) many += "-r c.txt\n";
  files.write("c.txt", [] {
    std::string lines;
    for (int i = 0; i < 1000; ++i) lines += "a\n";
    return lines;
  }());
  CHECK(contains(error_of([&] { files.read(many); }).what(), "more than 20000 requirements"));
}

TEST_CASE("a password in a URL is refused, its variable is not", "[environment]") {
  const Files files;
  const Error problem = error_of([&] { files.read("--index-url https://me:hunter2@host/simple\n"); });
  CHECK(problem.kind() == category::bad_input);
  CHECK_FALSE(contains(problem.what(), "hunter2"));
  CHECK(files.read("--index-url https://me:${PASSWORD}@host/simple\n").requirements.size() == 1);
}

TEST_CASE("lines of another document are seen from its folder", "[environment]") {
  const Files files;
  files.write("x.whl", "wheel");
  files.write("base.txt", "b\n");
  EnvironmentSpec spec;
  const Lines lines{"a  # why", "-r base.txt", "./x.whl", "# nothing"};
  add_requirement_lines(spec, lines, files.folder.path(), "job.yml: pip");
  CHECK(spec.requirements == Lines{"a", "b", files.at("x.whl")});
  const Lines editable{"-e ."};
  CHECK(contains(
      error_of([&] { add_requirement_lines(spec, editable, files.folder.path(), "job.yml: pip"); }).what(),
      "job.yml: pip: "));
}
