#include "workspace/workspace.hpp"

#include <algorithm>
#include <cstdlib>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/scratch_folder.hpp"
#include "support/sealed.hpp"
#include "support/text.hpp"
#include "workspace/trust.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStore = ".amltrain";
constexpr const char* kDocument = "workspace.json";
constexpr const char* kSchema = "amltrain.workspace/1";

bool has_workspace(const fs::path& folder) {
  std::error_code unreadable;
  return fs::exists(folder / kStore / kDocument, unreadable);
}

fs::path absolute_folder(const fs::path& folder) {
  std::error_code problem;
  fs::path path = fs::canonical(folder, problem);
  if (problem) throw_errno("cannot find folder " + folder.string(), problem.value());
  return path;
}

std::string workspace_name(const fs::path& root, const std::string& name) {
  if (!name.empty()) {
    require_name("workspace", name);
    return name;
  }
  try {
    require_name("workspace", root.filename().string());
  } catch (const Error& problem) {
    throw Error(problem.kind(), problem.what(),
                "the folder's name is taken unless you give another: amltrain workspace init --name NAME");
  }
  return root.filename().string();
}

/// The folders of a store.
void lay_out(const fs::path& store) {
  for (const char* part : {"experiments", "computes", "leases", "runs", "models", "data", "locks", "tmp"})
    create_folders(store / part);
  // Whatever the umask: require_trusted() refuses one that others may write to.
  fs::permissions(store, fs::perms::group_write | fs::perms::others_write, fs::perm_options::remove);
}

}  // namespace

Workspace::InitResult Workspace::init(const fs::path& folder, const std::string& name) {
  if (has_workspace(folder)) return {open(folder), false};
  create_folders(folder);
  const fs::path root = absolute_folder(folder);
  const Workspace workspace(root, workspace_name(root, name), now());
  std::error_code unreadable;
  if (fs::exists(workspace.store(), unreadable))
    throw Error(category::conflict, workspace.store().string() + " is there but holds no " + kDocument,
                "restore that file, or move the folder away, and try again");

  ScratchFolder made(root / (std::string(kStore) + "-tmp-" + random_hex(8)));
  lay_out(made.path());
  const json document = {
      {"schema", kSchema}, {"name", workspace.name()}, {"created_at", to_iso8601(workspace.created_at())}};
  publish_file(made.path() / kDocument, sealed_text(document));
  try {
    rename_into_place(made.path(), workspace.store(), AtomicFile::existing::refuse);
  } catch (const Error& problem) {
    if (problem.kind() == category::conflict) return {open(root), false};  // another init was faster
    throw;
  }
  made.keep();
  return {workspace, true};
}

Workspace Workspace::open(const fs::path& folder) {
  if (!has_workspace(folder))
    throw Error(category::not_found, "no workspace in " + folder.string(),
                "make one with: amltrain workspace init " + shell_quote(folder.string()));
  const fs::path root = absolute_folder(folder);
  require_trusted(root, root / kStore);
  const json document = read_document(root / kStore / kDocument, kSchema);
  return {root, field<std::string>(document, "name"),
          parse_iso8601(field<std::string>(document, "created_at"))};
}

Workspace Workspace::find(const std::optional<fs::path>& chosen) {
  if (chosen) return open(*chosen);
  const char* variable = std::getenv("AMLTRAIN_WORKSPACE");
  if (variable != nullptr && *variable != '\0') {
    try {
      return open(variable);
    } catch (const Error& problem) {
      throw Error(problem.kind(), std::string(problem.what()) + " (named by AMLTRAIN_WORKSPACE)",
                  problem.hint());
    }
  }
  const fs::path start = absolute_folder(".");
  for (fs::path folder = start;; folder = folder.parent_path()) {
    if (has_workspace(folder)) return open(folder);
    if (folder == folder.parent_path()) break;
  }
  throw Error(category::not_found, "no workspace in " + start.string() + " or above it",
              "make one with: amltrain workspace init; or name one with --workspace DIR");
}

json to_document(const Workspace& workspace) {
  return {{"schema", kSchema},
          {"name", workspace.name()},
          {"root", workspace.root().string()},
          {"created_at", to_iso8601(workspace.created_at())}};
}

void throw_unknown(std::string_view kind, std::string_view name, const std::vector<std::string>& known,
                   const Workspace& workspace, const std::string& hint) {
  const auto meant = closest(name, known);
  std::string next = meant ? "did you mean '" + *meant + "'?" : "";
  if (!hint.empty()) next += (next.empty() ? "" : " ") + hint;
  throw Error(category::not_found,
              "no " + std::string(kind) + " named '" + std::string(name) + "' in workspace " +
                  workspace.root().string(),
              next);
}

}  // namespace amltrain
