#include "support/error.hpp"

#include <cerrno>
#include <cstring>

namespace amltrain {
namespace {

category category_of(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EIO:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EROFS:
    case EFBIG:  // RLIMIT_FSIZE or the file system's own limit
      return category::environment;
    case ENOENT:
      return category::not_found;
    case EEXIST:
    case ENOTEMPTY:
      return category::conflict;
    case EACCES:
    case EPERM:
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
    case ELOOP:
      return category::bad_input;
    default:
      return category::internal;
  }
}

const char* hint_for(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "free some disk space and try again";
    case EROFS:
      return "choose a folder on a writable file system";
    case EACCES:
    case EPERM:
      return "check the permissions of the path";
    case EMFILE:
    case ENFILE:
      return "raise the limit on open files (ulimit -n)";
    case EFBIG:
      return "raise the limit on file size (ulimit -f)";
    case EIO:
      return "the disk reported a fault: see the kernel log (dmesg)";
    default:
      return "";
  }
}

}  // namespace

const char* name_of(category kind) {
  switch (kind) {
    case category::run_failed:
      return "run_failed";
    case category::bad_input:
      return "bad_input";
    case category::not_found:
      return "not_found";
    case category::canceled:
      return "canceled";
    case category::timed_out:
      return "timed_out";
    case category::conflict:
      return "conflict";
    case category::environment:
      return "environment";
    case category::internal:
      break;
  }
  return "internal";
}

void throw_errno(const std::string& what, int error_number) {
  throw Error(category_of(error_number), what + ": " + std::strerror(error_number), hint_for(error_number));
}

void throw_errno(const std::string& what) { throw_errno(what, errno); }

}  // namespace amltrain
