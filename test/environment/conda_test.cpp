#include "environment/conda.hpp"

#include <catch2/catch.hpp>

#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::test;

using Lines = std::vector<std::string>;

namespace {

EnvironmentSpec read(const char* document) {
  return read_conda_file(json::parse(document), "/", "conda.yml");
}

}  // namespace

TEST_CASE("of a conda file its Python and what it lists under pip count", "[environment]") {
  const EnvironmentSpec spec = read(R"({"name": "x", "channels": ["conda-forge"],
    "dependencies": ["python=3.10", "pip>=20", {"pip": ["numpy==1.26.4", "--pre"]}]})");
  CHECK(spec.python == "3.10");
  CHECK(spec.requirements == Lines{"numpy==1.26.4", "--pre"});
}

TEST_CASE("conda's ways to write one version of Python are read", "[environment]") {
  for (const auto& [written, version] : std::map<std::string, std::string>{{"python", "3"},
                                                                           {"python=3.11", "3.11"},
                                                                           {"python==3.11.2", "3.11.2"},
                                                                           {"python = 3.11", "3.11"},
                                                                           {"python 3.11", "3.11"},
                                                                           {"python=3.11.*", "3.11"}}) {
    INFO(written);
    CHECK(read(("{\"dependencies\": [\"" + written + "\"]}").c_str()).python == version);
  }
  CHECK(contains(error_of([] { read(R"({"dependencies": ["python>=3.8"]})"); }).hint(), "python=3.11"));
}

TEST_CASE("what only conda could install is refused by its name", "[environment]") {
  for (const char* package : {"numpy", "numpy=1.26", "conda-forge::pytorch", "cudatoolkit>=11"}) {
    const Error problem =
        error_of([&] { read(("{\"dependencies\": [\"" + std::string(package) + "\"]}").c_str()); });
    CHECK(problem.kind() == category::bad_input);
    CHECK(contains(problem.what(), std::string(package).substr(0, 5)));
    CHECK(contains(problem.hint(), "under pip"));
  }
}

TEST_CASE("a conda file of another shape is refused", "[environment]") {
  for (const char* document :
       {"[]", R"({"dependencies": "python"})", R"({"dependencies": [3]})",
        R"({"dependencies": [{"npm": []}]})", R"({"dependencies": [{"pip": "numpy"}]})",
        R"({"dependencies": [{"pip": [1]}]})", R"({"variables": {"A": "1"}})", R"({"dependancies": []})",
        R"({"dependencies": ["a b c d"]})", R"({"dependencies": [{"pip": ["-e ."]}]})"}) {
    INFO(document);
    const Error problem = error_of([&] { read(document); });
    CHECK(problem.kind() == category::bad_input);
    CHECK(contains(problem.what(), "conda.yml"));
  }
}
