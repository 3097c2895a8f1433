// workspace verify
#include <set>
#include <thread>

#include "../table.hpp"
#include "commands.hpp"
#include "support/text.hpp"
#include "upkeep/verify.hpp"

namespace amltrain::cli {
namespace {

/// A file may have several faults.
std::size_t count_files(const std::vector<StoreFault>& faults) {
  std::set<std::string> paths;
  for (const StoreFault& fault : faults) paths.insert(fault.path);
  return paths.size();
}

void verify(Context& context) {
  const int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const StoreCheck check = verify_workspace(context.workspace(), threads);
  context.print(check, [&](std::ostream& out) {
    for (const StoreFault& fault : check.faults)
      out << printable(fault.path) << ": " << printable(fault.problem) << '\n';
    if (check.faults.empty())
      out << check.documents << " documents and " << check.files << " files (" << human_bytes(check.bytes)
          << ") are as they were written\n";
  });
  if (!check.faults.empty())
    throw Error(category::bad_input,
                std::to_string(count_files(check.faults)) +
                    " of the workspace's files are damaged, missing or swapped",
                "restore them from a copy; a run or model that can't be restored may be deleted");
}

}  // namespace

void add_workspace_verify(CLI::App& workspace, Context& context) {
  auto* command = workspace.add_subcommand(
      "verify", "Compare every document and every file of the workspace with its hash.");
  command->footer("Example: amltrain workspace verify --output json");
  command->callback([&context] { verify(context); });
}

}  // namespace amltrain::cli
