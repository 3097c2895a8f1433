#include "support/process.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "children.hpp"
#include "errors.hpp"
#include "temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

/// Standard output of a command that must succeed.
std::string output_of(Command command) {
  const TemporaryFolder folder;
  command.stdout_file = folder / "out";
  REQUIRE(wait_for(start_process(command)).ok());
  return read_plain(folder / "out");
}

Command shell(const std::string& script) {
  Command command;
  command.arguments = {"/bin/sh", "-c", script};
  return command;
}

}  // namespace

TEST_CASE("a program runs with its arguments, folder, environment and output files", "[support]") {
  const TemporaryFolder folder;
  Command command = shell("echo \"$1 $AMLTRAIN_X\"; pwd; echo bad >&2; cat");
  command.arguments.insert(command.arguments.end(), {"sh", "a b"});
  command.environment = {{"AMLTRAIN_X", "x y"}};
  command.working_folder = folder.path();
  command.stderr_file = folder / "err";
  write_plain(folder / "err", "before\n");
  CHECK(output_of(command) == "a b x y\n" + folder.path().string() + "\n");
  CHECK(read_plain(folder / "err") == "before\nbad\n");
}

TEST_CASE("the environment given replaces the inherited value of the same name", "[support]") {
  setenv("AMLTRAIN_X", "old", 1);
  Command command = shell("env | grep ^AMLTRAIN_X=");
  command.environment = {{"AMLTRAIN_X", "new"}};
  CHECK(output_of(command) == "AMLTRAIN_X=new\n");
  unsetenv("AMLTRAIN_X");
}

TEST_CASE("how a child ended is told as code or signal", "[support]") {
  const ExitStatus code = wait_for(start_process(shell("exit 3")));
  CHECK(describe(code) == "exit code 3");
  CHECK_FALSE(code.ok());
  const ExitStatus signal = wait_for(start_process(shell("kill -9 $$")));
  CHECK(describe(signal) == "signal 9 (SIGKILL)");
  CHECK_FALSE(signal.ok());
}

TEST_CASE("a program that is not there or cannot run is named to the caller", "[support]") {
  const TemporaryFolder folder;
  write_plain(folder / "text", "no program");
  write_plain(folder / "script", "echo no interpreter line");
  chmod((folder / "script").c_str(), 0755);
  const std::string name =
      GENERATE(as<std::string>(), "amltrain-no-such-program", "/no/such/program", "", "text", "script", ".");
  const bool is_local = name == "text" || name == "script" || name == ".";
  const std::string program = is_local ? folder.path().string() + "/" + name : name;
  Command command;
  command.arguments = {program};
  const Error problem = error_of([&] { start_process(command); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), "'" + program + "'"));
  CHECK_FALSE(problem.hint().empty());
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);  // nothing left to reap
}

TEST_CASE("the PATH given to the child is the one searched", "[support]") {
  const TemporaryFolder folder;
  write_plain(folder / "my-tool", "#!/bin/sh\necho found\n");
  chmod((folder / "my-tool").c_str(), 0755);
  Command command;
  command.arguments = {"my-tool"};
  CHECK_THROWS_AS(start_process(command), Error);
  command.environment = {{"PATH", "/nowhere:" + folder.path().string()}};
  CHECK(output_of(command) == "found\n");
}

TEST_CASE("a working folder that is not there is named", "[support]") {
  Command command = shell("true");
  command.working_folder = "/no/such/folder";
  const Error problem = error_of([&] { start_process(command); });
  CHECK(problem.kind() == category::not_found);
  CHECK(contains(problem.what(), "/no/such/folder"));
}

TEST_CASE("only the standard streams and the inherited descriptors are open in the child", "[support]") {
  const Fd kept(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Fd leaking(open("/dev/null", O_RDONLY));
  const auto number = [](const Fd& fd) { return std::to_string(fd.get()); };
  Command command = shell("for fd in 0 1 2 " + number(kept) + " " + number(leaking) +
                          "; do if [ -e /proc/$$/fd/$fd ]; then echo $fd; fi; done");
  command.inherited_fds = {kept.get()};
  CHECK(output_of(command) == "0\n1\n2\n" + number(kept) + "\n");
  CHECK((fcntl(kept.get(), F_GETFD) & FD_CLOEXEC) != 0);  // as before in the parent
}

TEST_CASE("the child starts with default signals though the parent ignores and blocks some", "[support]") {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked, old;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &old);
  Command command;
  command.arguments = {"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"};
  const std::string masks = output_of(command);
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  std::signal(SIGPIPE, before);
  CHECK(masks == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_CASE("a child leads a process group, or a session when asked", "[support]") {
  const auto [own_group, own_session] =
      GENERATE(table<bool, bool>({{true, false}, {false, false}, {true, true}}));
  Command command;
  command.arguments = {"sleep", "1000"};
  command.new_process_group = own_group;
  command.new_session = own_session;
  const pid_t child = start_process(command);
  CHECK(getpgid(child) == (own_group ? child : getpgid(0)));
  CHECK(getsid(child) == (own_session ? child : getsid(0)));
  kill(child, SIGKILL);
  wait_for(child);
}

TEST_CASE("a child dies with its parent, unless it is to outlive it", "[support]") {
  const bool bound = GENERATE(true, false);
  Child parent([&](int pipe) {
    Command command;
    command.arguments = {"sleep", "1000"};
    command.die_with_parent = bound;
    command.new_session = !bound;
    const std::string pid = std::to_string(start_process(command));
    if (write(pipe, pid.data(), pid.size()) < 0) _exit(1);
  });
  const pid_t grandchild = std::stoi(parent.message());
  const auto identity = identify(grandchild);
  REQUIRE(identity);
  parent.kill_now();
  if (bound) {
    CHECK(ends_in_time(grandchild));
  } else {
    CHECK(is_alive(*identity));
    kill(grandchild, SIGKILL);
    CHECK(ends_in_time(grandchild));
  }
  CHECK_FALSE(is_alive(*identity));
}

TEST_CASE("waiting for a process that is no child is an internal error", "[support]") {
  CHECK(error_of([] { wait_for(getpid()); }).kind() == category::internal);
}

TEST_CASE("the path of this program is known", "[support]") {
  CHECK(own_executable().filename() == "test_support");
}
