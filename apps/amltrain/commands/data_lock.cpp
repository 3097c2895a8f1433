// data lock | verify
#include "commands.hpp"
#include "dataset/locate.hpp"
#include "dataset/lock.hpp"

namespace amltrain::cli {
namespace {

struct LockCommand {
  std::string data, file;
  bool force = false;
};

std::filesystem::path lock_file(const LocatedData& data, const std::string& chosen) {
  return std::filesystem::absolute(chosen.empty() ? data.lock : std::filesystem::path(chosen))
      .lexically_normal();
}

void lock(const Context& context, const LockCommand& chosen) {
  const LocatedData data = locate_data(context.workspace_if_any(), chosen.data);
  const auto file = lock_file(data, chosen.file);
  const DataLock made = lock_data(scan_image_folder(data.root));
  write_lock(made, file, chosen.force ? Existing::replace : Existing::keep);
  const json document = {{"schema", "amltrain.data-locked/1"},
                         {"lock", file.string()},
                         {"fingerprint", made.fingerprint},
                         {"files", made.files.size()}};
  context.print(document, [&](std::ostream& out) {
    out << made.files.size() << " images are locked by " << file.string() << '\n';
  });
}

void verify(const Context& context, const LockCommand& chosen) {
  const LocatedData data = locate_data(context.workspace_if_any(), chosen.data);
  const auto file = lock_file(data, chosen.file);
  const DataLock locked = read_lock(file);
  const LockDifference found = compare(locked, data.root, Depth::content);
  json document = {{"schema", "amltrain.data-verification/1"},
                   {"lock", file.string()},
                   {"fingerprint", locked.fingerprint},
                   {"files", locked.files.size()},
                   {"ok", found.none()},
                   {"missing", found.missing},
                   {"extra", found.extra},
                   {"changed", json::array()}};
  for (const FileFault& fault : found.changed)
    document["changed"].push_back({{"path", fault.path}, {"problem", fault.problem}});
  context.print(document, [&](std::ostream& out) {
    for (const std::string& path : found.missing) out << "missing  " << path << '\n';
    for (const std::string& path : found.extra) out << "extra    " << path << '\n';
    for (const FileFault& fault : found.changed)
      out << "changed  " << fault.path << ": " << fault.problem << '\n';
    if (found.none()) out << locked.files.size() << " images are as locked by " << file.string() << '\n';
  });
  if (!found.none())
    throw Error(category::bad_input, "the data is not as locked: " + describe(found),
                "bring it back, or if this is how it should be: amltrain data lock --force");
}

}  // namespace

void add_data_lock(CLI::App& data, Context& context) {
  auto* command =
      data.add_subcommand("lock", "Write down the hash of every image, so that runs notice a change.");
  auto& chosen =
      options_of<LockCommand>(*command, [&context](const LockCommand& given) { lock(context, given); });
  command->add_option("DATA", chosen.data, "NAME of the workspace's data, or a FOLDER")->required();
  command->add_option("--to", chosen.file, "Default: data.lock.json beside the data, where runs look for it")
      ->type_name("FILE");
  command->add_flag("--force", chosen.force, "Replace a lock that says otherwise");
  command->footer("Example: amltrain data lock hymenoptera_data");
}

void add_data_verify(CLI::App& data, Context& context) {
  auto* command = data.add_subcommand("verify", "Compare data with its lock: missing, extra, changed files.");
  auto& chosen =
      options_of<LockCommand>(*command, [&context](const LockCommand& given) { verify(context, given); });
  command->add_option("DATA", chosen.data, "NAME of the workspace's data, or a FOLDER")->required();
  command->add_option("--lock", chosen.file, "Default: data.lock.json beside the data")->type_name("FILE");
  command->footer("Example: amltrain data verify hymenoptera_data");
}

}  // namespace amltrain::cli
