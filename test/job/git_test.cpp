#include "job/git.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "support/hash.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

/// A repository with one commit: src/train.sh.
class Repository {
 public:
  Repository() {
    std::filesystem::create_directory(folder / "src");
    write_plain(folder / "src/train.sh", "echo one\n");
    run("git init -q -b work && git add -A && git -c user.name=n -c user.email=e@example.org commit -q -m "
        "first");
  }
  void run(const std::string& command) const {
    REQUIRE(std::system(("cd '" + folder.path().string() + "' && " + command).c_str()) == 0);
  }
  GitAnswer ask(const std::string& below = "src") const {
    const auto answer = ask_git(folder / below);
    REQUIRE(answer);
    return *answer;
  }
  TemporaryFolder folder;
};

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("outside of a repository git has nothing to say", "[job]") {
  const TemporaryFolder folder;
  CHECK_FALSE(ask_git(folder.path()));
  CHECK_FALSE(ask_git(folder / "absent"));
}

TEST_CASE("a clean source has a commit and a branch", "[job]") {
  const Repository repository;
  const GitAnswer answer = repository.ask();
  CHECK(answer.state.commit.size() == 40);
  CHECK(answer.state.branch == "work");
  CHECK_FALSE(answer.state.changed);
  CHECK_FALSE(answer.state.diff);
  CHECK(json(parse_git_state(json(answer.state))) == json(answer.state));
}

TEST_CASE("a difference is kept such that the commit and it give the source", "[job]") {
  const Repository repository;
  write_plain(repository.folder / "src/train.sh", "echo two\n");
  write_plain(repository.folder / "src/table.bin", std::string("\0\1\2\3", 4));
  repository.run("git add src/table.bin && git mv src/train.sh 'src/a b.sh'");
  write_plain(repository.folder / "outside", "not of the source");
  repository.run("git add outside");
  const GitAnswer answer = repository.ask();
  REQUIRE(answer.state.diff);
  CHECK(answer.state.changed);
  CHECK(answer.state.diff->bytes == answer.diff.size());
  CHECK(answer.state.diff->sha256 == sha256_of(answer.diff));
  CHECK_FALSE(holds(answer.diff, "outside"));
  CHECK(json(parse_git_state(json(answer.state))) == json(answer.state));

  const TemporaryFolder patch;
  write_plain(patch / "diff", answer.diff);
  const std::string copy = (patch / "copy").string();
  repository.run("git clone -q . " + copy + " && git -C " + copy + " apply " + (patch / "diff").string());
  CHECK(read_plain(patch / "copy/src/a b.sh") == "echo two\n");
  CHECK(read_plain(patch / "copy/src/table.bin") == std::string("\0\1\2\3", 4));
}

TEST_CASE("a file that git does not know is a change, a workspace is none", "[job]") {
  const Repository repository;
  std::filesystem::create_directory(repository.folder / "src/.amltrain");
  write_plain(repository.folder / "src/.amltrain/workspace.json", "{}");
  CHECK_FALSE(repository.ask().state.changed);
  write_plain(repository.folder / "src/new.py", "print()\n");
  CHECK(repository.ask().state.changed);
  CHECK_FALSE(repository.ask().state.diff);
}

TEST_CASE("a repository without a commit and one without a branch are told as they are", "[job]") {
  const Repository repository;
  repository.run("git checkout -q --detach");
  CHECK(repository.ask().state.branch.empty());
  repository.run("git checkout -q --orphan next");
  CHECK(repository.ask().state.commit.empty());
}

TEST_CASE("secrets are named and not quoted", "[job]") {
  const Repository repository;
  write_plain(repository.folder / "src/.env", "PASSWORD=hunter2\n");
  write_plain(repository.folder / "src/use.py", "token = 'ghp_" + std::string(36, 'a') + "'\n");
  write_plain(repository.folder / "src/train.sh", "echo two\n");
  repository.run("git add -A");
  const GitAnswer answer = repository.ask();
  CHECK(answer.state.left_out == std::vector<std::string>{"src/.env", "src/use.py"});
  CHECK(holds(answer.diff, "+echo two"));
  CHECK_FALSE(holds(answer.diff, "hunter2"));
  CHECK_FALSE(holds(answer.diff, "ghp_"));
}

TEST_CASE("settings of a repository run nothing", "[job]") {
  const Repository repository;
  const std::string mark = (repository.folder / "mark").string();
  repository.run("printf '#!/bin/sh\\ntouch " + mark + "\\n' > tool && chmod +x tool");
  for (const char* setting :
       {"core.fsmonitor", "diff.external", "diff.x.command", "diff.x.textconv", "core.pager"})
    repository.run(std::string("git config ") + setting + " \"$PWD/tool\"");
  write_plain(repository.folder / "src/.gitattributes", "*.sh diff=x\n");
  write_plain(repository.folder / "src/train.sh", "echo two\n");
  CHECK(holds(repository.ask().diff, "+echo two"));
  CHECK_FALSE(std::filesystem::exists(mark));
}

TEST_CASE("the variables of a git hook do not lead elsewhere", "[job]") {
  const Repository repository, other;
  other.run("git checkout -q -b other");
  setenv("GIT_DIR", (other.folder / ".git").c_str(), 1);
  const std::string branch = repository.ask().state.branch;
  unsetenv("GIT_DIR");
  CHECK(branch == "work");
}
