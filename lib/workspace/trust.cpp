#include "workspace/trust.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

bool is_callers(uid_t owner) {
  return owner == geteuid() || (geteuid() == 0 && variable("SUDO_UID") == std::to_string(owner));
}

}  // namespace

void require_trusted(const std::filesystem::path& root, const std::filesystem::path& store) {
  const std::string_view safe = variable("AMLTRAIN_SAFE_WORKSPACE");
  if (safe == "*" || safe == root.native()) return;
  const std::string declare = "if you trust it: export AMLTRAIN_SAFE_WORKSPACE=" + shell_quote(root.native());
  struct stat status {};
  if (stat(store.c_str(), &status) != 0) throw_errno("cannot read " + store.string());
  if (!is_callers(status.st_uid))
    throw Error(category::bad_input,
                store.string() + " belongs to another user (" + std::to_string(status.st_uid) + ")", declare);
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    throw Error(category::bad_input, "others may write to " + store.string(),
                "take that away: chmod go-w " + shell_quote(store.native()) + "; " + declare);
}

}  // namespace amltrain
