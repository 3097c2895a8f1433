// The program that supervises in these tests, as `amltrain` does, so that the room is tested without the
// engine and the commands. It is called amltrain too.
//   amltrain supervise --workspace ROOT --run ID --lock-fd N --ready-fd M
//   amltrain fail CODE MESSAGE HINT    ends as a command with an error does
#include <cstdlib>
#include <iostream>
#include <string>

#include "job/supervisor.hpp"
#include "support/error.hpp"

int main(int count, char** words) {
  using namespace amltrain;
  const auto word = [&](int index) { return std::string(index < count ? words[index] : ""); };
  try {
    if (word(1) == "fail") {
      std::cerr << "amltrain: " << word(3) << "\n          " << word(4) << '\n';
      return std::atoi(word(2).c_str());
    }
    if (word(1) != "supervise" || count != 10)
      throw Error(category::bad_input, "unknown command '" + word(1) + "'");
    const Workspace workspace = Workspace::open(word(3));
    supervise(workspace, RunWriter::resume(workspace, word(5), FileLock::adopt(std::stoi(word(7)))),
              std::stoi(word(9)));
    return 0;
  } catch (const Error& problem) {
    std::cerr << "amltrain: " << problem.what() << '\n';
    return problem.exit_code();
  }
}
