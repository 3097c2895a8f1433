#include "checkpoint/document.hpp"

#include <catch2/catch.hpp>

#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

const CheckpointDocument document{{{"a.safetensors", 12, "c0"}, {"best.safetensors", 3, "c1"}},
                                  {{"epoch", 3}, {"loss", 0.1 + 0.2}}};

}  // namespace

TEST_CASE("a document comes back as it was written", "[checkpoint]") {
  const TemporaryFolder folder;
  write_checkpoint_document(folder / "a.json", document);
  const CheckpointDocument back = read_checkpoint_document(folder / "a.json");
  CHECK(back.parts == document.parts);
  CHECK(back.state == document.state);
  CHECK(back.state["loss"].get<double>() == 0.1 + 0.2);
}

TEST_CASE("damage of a document is told wherever it is", "[checkpoint]") {
  const TemporaryFolder folder;
  write_checkpoint_document(folder / "a.json", document);
  const std::string whole = read_plain(folder / "a.json");
  for (std::size_t at = 0; at + 1 < whole.size(); ++at) {  // the last byte is a newline
    std::string damaged = whole;
    damaged[at] ^= 1;
    if (json::parse(damaged, nullptr, false) == json::parse(whole)) continue;  // the 17th digit of 0.1 + 0.2
    write_plain(folder / "b.json", damaged);
    CHECK(error_of([&] { read_checkpoint_document(folder / "b.json"); }).kind() == category::bad_input);
    write_plain(folder / "b.json", whole.substr(0, at));
    CHECK(error_of([&] { read_checkpoint_document(folder / "b.json"); }).kind() == category::bad_input);
  }
}

TEST_CASE("a document of another version is refused by name", "[checkpoint]") {
  const TemporaryFolder folder;
  write_plain(folder / "a.json", R"({"schema": "amltrain.checkpoint/1"})");
  const Error problem = error_of([&] { read_checkpoint_document(folder / "a.json"); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), "amltrain.checkpoint/1"));
}

TEST_CASE("a document names files of its own folder alone", "[checkpoint]") {
  const TemporaryFolder folder;
  write_checkpoint_document(folder / "a.json", {{{"../a.safetensors", 1, "c"}}, json::object()});
  CHECK(error_of([&] { read_checkpoint_document(folder / "a.json"); }).kind() == category::bad_input);
}
