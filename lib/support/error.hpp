// The one error type. Its category is the exit code of the machine contract (docs/contract.md).
#pragma once

#include <stdexcept>
#include <string>

namespace amltrain {

enum class category {
  run_failed = 1,
  bad_input = 2,
  not_found = 3,
  canceled = 4,
  timed_out = 5,
  conflict = 6,
  environment = 7,
  internal = 70
};

/// The name used in the JSON form of an error: "bad_input", "not_found", ...
const char* name_of(category kind);

class Error : public std::runtime_error {
 public:
  /// `message` says what was wrong and where; `hint` what to do next (may be empty).
  Error(category kind, const std::string& message, std::string hint = "")
      : std::runtime_error(message), kind_(kind), hint_(std::move(hint)) {}

  category kind() const { return kind_; }
  const std::string& hint() const { return hint_; }
  int exit_code() const { return static_cast<int>(kind_); }

 private:
  category kind_;
  std::string hint_;
};

/// Throws for a failed system call: `what` names the act and the path, errno gives the reason.
/// ENOSPC, EDQUOT, EIO, EMFILE, ENOMEM, EROFS are category::environment; ENOENT not_found; EEXIST conflict;
/// EACCES, EPERM, ENOTDIR, EISDIR, ENAMETOOLONG bad_input; anything else internal.
[[noreturn]] void throw_errno(const std::string& what, int error_number);
[[noreturn]] void throw_errno(const std::string& what);

}  // namespace amltrain
