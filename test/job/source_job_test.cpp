#include "job/source_job.hpp"

#include <catch2/catch.hpp>

#include "support/error.hpp"
#include "support/errors.hpp"

namespace amltrain {
namespace {

using test::contains;
using test::error_of;

SourceScan scan_with(const std::vector<std::pair<std::string, bool>>& files) {
  SourceScan scan;
  scan.folder = "/nowhere/src";
  scan.ignore_file = ".gitignore";
  for (const auto& [path, executable] : files) scan.snapshot.files.push_back({{path, 1, "00"}, executable});
  return scan;
}

std::string command(const SourceScan& scan, const SourceEntry& entry) {
  return source_job(scan, entry).command;
}

}  // namespace

TEST_CASE("an entry is run by what its name says", "[job]") {
  const SourceScan scan =
      scan_with({{"a b.sh", false}, {"-x.py", false}, {"sub/train.py", true}, {"tool", true}});
  CHECK(command(scan, {"a b.sh", "", {}}) == "exec bash 'a b.sh'");
  CHECK(command(scan, {"sub/train.py", "", {"--lr", "1e-3", ""}}) ==
        "exec python3 -u sub/train.py --lr 1e-3 ''");
  CHECK(command(scan, {"-x.py", "/opt/python", {}}) == "exec /opt/python -u ./-x.py");
  CHECK(command(scan, {"./sub/../tool", "", {"$HOME"}}) == "exec ./tool '$HOME'");
  CHECK(command(scan, {"/nowhere/src/tool", "", {"--data=${{inputs.data}}"}}) ==
        "exec ./tool --data=${{inputs.data}}");
  CHECK(source_job(scan, {"tool", "", {}}).code == "/nowhere/src");
}

TEST_CASE("without an entry the usual name is taken, else the only one that can be run", "[job]") {
  CHECK(default_entry(scan_with({{"a.py", false}, {"train.py", false}, {"train.sh", false}}).snapshot) ==
        "train.sh");
  CHECK(default_entry(scan_with({{"a.py", false}, {"main.py", false}}).snapshot) == "main.py");
  CHECK(default_entry(scan_with({{"README", false}, {"a.py", false}, {"lib/b.py", false}}).snapshot) ==
        "a.py");
  CHECK(default_entry(scan_with({{"README", false}, {"tool", true}}).snapshot) == "tool");
  CHECK(contains(error_of([] {
                   default_entry(scan_with({{"a.py", false}, {"b.sh", false}}).snapshot);
                 }).what(),
                 "a.py, b.sh"));
  CHECK(error_of([] {
          default_entry(scan_with({{"README", false}}).snapshot);
        }).kind() == category::bad_input);
}

TEST_CASE("an entry that is not in the snapshot says why", "[job]") {
  SourceScan scan = scan_with({{"train.sh", false}, {"notes", false}});
  scan.held_back.push_back({".env", "a file of environment settings", true});
  const auto problem = [&](const std::string& entry) {
    return error_of([&] { source_job(scan, {entry, "", {}}); });
  };
  CHECK(problem("trian.sh").hint() == "did you mean 'train.sh'?");
  CHECK(problem("../train.sh").kind() == category::bad_input);
  CHECK(contains(problem(".env").what(), "held back"));
  CHECK(contains(problem(".env").hint(), "!.env into .gitignore"));
  CHECK(problem("notes").kind() == category::bad_input);
}

}  // namespace amltrain
