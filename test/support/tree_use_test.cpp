#include "support/tree_use.hpp"

#include <catch2/catch.hpp>

#include "children.hpp"

using namespace amltrain;

namespace {

/// A child that has a child of its own, whose pid it tells, and touches `bytes` of memory.
void have_child(int pipe, std::size_t bytes) {
  const std::vector<char> memory(bytes, 'x');
  const pid_t grandchild = fork();
  if (grandchild == 0) {
    close(pipe);
    while (true) pause();
  }
  const std::string text = std::to_string(grandchild);
  if (write(pipe, text.data(), text.size()) < 0) _exit(1);
  close(pipe);
  while (memory.back() == 'x') pause();
}

}  // namespace

TEST_CASE("a tree is all that descends from a process, with the memory it holds", "[support]") {
  constexpr std::size_t kBytes = std::size_t{64} << 20;
  test::Child child([&](int pipe) { have_child(pipe, kBytes); });
  const pid_t grandchild = std::stoi(child.message());
  const TreeUse tree = look_at_tree(getpid(), {});
  CHECK(tree.processes == std::set<pid_t>{child.pid(), grandchild});
  CHECK(tree.resident_bytes >= 2 * kBytes);  // what they share counts for each
  CHECK(look_at_tree(child.pid(), {}).processes == std::set<pid_t>{grandchild});
  CHECK(look_at_tree(grandchild, {}).processes.empty());
  kill(grandchild, SIGKILL);
}

TEST_CASE("what is left out of a tree takes its descendants with it", "[support]") {
  test::Child child([](int pipe) { have_child(pipe, 1); });
  const pid_t grandchild = std::stoi(child.message());
  CHECK(look_at_tree(getpid(), {child.pid()}).processes.empty());
  CHECK(look_at_tree(getpid(), {grandchild}).processes == std::set<pid_t>{child.pid()});
  kill(grandchild, SIGKILL);
}
