#include <catch2/catch.hpp>

#include "engine/api.hpp"
#include "support/error.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

bool torch_is_loaded() { return read_plain("/proc/self/maps").find("libtorch_cpu.so") != std::string::npos; }

}  // namespace

TEST_CASE("torch is loaded when the engine is opened, not before", "[engine]") {
  CHECK_FALSE(torch_is_loaded());
  Engine& engine = open_engine();
  CHECK(torch_is_loaded());
  CHECK(&engine == &open_engine());
  const json description = engine.describe();
  CHECK(description["torch"] == "2.11.0");
  CHECK(description["threads"] >= 1);
}

TEST_CASE("an error thrown in the library arrives as the program's own type", "[engine]") {
  const TemporaryFolder folder;
  TrainOptions options;
  options.data = folder / "absent";
  try {
    open_engine().train(
        options, [](const std::string&) {}, [] { return false; });
    FAIL("no error");
  } catch (const Error& problem) {
    CHECK(problem.kind() == category::not_found);
    CHECK_THAT(problem.what(), Catch::Contains("absent"));
    CHECK_FALSE(problem.hint().empty());
  }
}

TEST_CASE("a missing library is a fault of the environment, with what to do", "[engine]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "bin");
  std::filesystem::copy_file(AMLTRAIN_OPEN_ALONE, folder / "bin/alone");
  Command command;
  command.arguments = {folder / "bin/alone"};
  command.stderr_file = folder / "stderr";
  const ExitStatus status = wait_for(start_process(command));
  CHECK(status.code == static_cast<int>(category::environment));
  CHECK_THAT(read_plain(command.stderr_file),
             Catch::Contains("libamltrain_engine.so") && Catch::Contains("scripts/bootstrap"));
}
