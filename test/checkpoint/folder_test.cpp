#include "checkpoint/folder.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

/// Writes a checkpoint whose tensors are one letter, and that shares `best`.
std::string put(const TemporaryFolder& folder, int epoch, int steps, const std::string& best) {
  const std::string name = checkpoint_name(epoch, steps);
  write_plain(folder / checkpoint_tensors_name(name), "t");
  write_plain(folder / best, "b");
  write_checkpoint_document(checkpoint_document_file(folder.path(), name),
                            {{{checkpoint_tensors_name(name), 1, "c"}, {best, 1, "c"}}, json::object()});
  return name;
}

bool is_there(const TemporaryFolder& folder, const std::string& file) {
  return std::filesystem::exists(folder / file);
}

}  // namespace

TEST_CASE("names sort in the order of time", "[checkpoint]") {
  CHECK(checkpoint_name(3, 42) == "epoch-000003-step-0000000042");
  CHECK(checkpoint_name(0, 9) < checkpoint_name(0, 10));
  CHECK(checkpoint_name(1, 10) > checkpoint_name(0, 10));
  CHECK(best_tensors_name(12, 1) == "best-000012-b.safetensors");
}

TEST_CASE("an absent folder has no checkpoints", "[checkpoint]") {
  const TemporaryFolder folder;
  CHECK(checkpoint_names(folder / "none").empty());
}

TEST_CASE("the two newest stay, with all that they name, and so does what is not of a checkpoint",
          "[checkpoint]") {
  const TemporaryFolder folder;
  put(folder, 0, 5, "best-000000-a.safetensors");
  const std::string before = put(folder, 1, 10, "best-000000-b.safetensors");
  const std::string written = put(folder, 1, 12, "best-000001-a.safetensors");
  const std::string newer = put(folder, 2, 15, "best-000001-b.safetensors");
  for (const char* mine : {"best-model.safetensors", "epoch-notes.json", "a.json"})
    write_plain(folder / mine, "mine");
  keep_last_checkpoints(folder.path(), written);
  CHECK(checkpoint_names(folder.path()) == std::vector{before, written});
  CHECK(is_there(folder, checkpoint_tensors_name(before)));
  CHECK(is_there(folder, checkpoint_tensors_name(written)));
  CHECK_FALSE(is_there(folder, checkpoint_tensors_name(newer)));
  CHECK_FALSE(is_there(folder, "best-000000-a.safetensors"));
  CHECK(is_there(folder, "best-000000-b.safetensors"));
  CHECK(is_there(folder, "best-000001-a.safetensors"));
  CHECK_FALSE(is_there(folder, "best-000001-b.safetensors"));
  for (const char* mine : {"best-model.safetensors", "epoch-notes.json", "a.json"})
    CHECK(is_there(folder, mine));
}

TEST_CASE("a folder that takes over checkpoints keeps them when the first folder is gone", "[checkpoint]") {
  const TemporaryFolder first, second;
  const std::string name = put(first, 1, 10, "best-000000-a.safetensors");
  write_plain(first / "writer.lock", "1\n");
  share_checkpoints(first.path(), second / "taken");
  struct stat status {};
  REQUIRE(stat((first / checkpoint_tensors_name(name)).c_str(), &status) == 0);
  CHECK(status.st_nlink == 2);  // no second copy on disk
  for (const auto& item : std::filesystem::directory_iterator(first.path()))
    std::filesystem::remove(item.path());
  CHECK(checkpoint_names(second / "taken") == std::vector{name});
  CHECK(read_plain(second / ("taken/" + checkpoint_tensors_name(name))) == "t");
  CHECK(read_plain(second / "taken/best-000000-a.safetensors") == "b");
  CHECK_FALSE(std::filesystem::exists(second / "taken/writer.lock"));
}
