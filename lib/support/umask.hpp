// What others may do with the files that this program makes: read them, where the user's umask lets them, but
// never change them, since jobs run what lies in the store.
#pragma once

#include <sys/stat.h>

namespace amltrain {

/// Of a file's mode: its group, or anybody, may write to it.
inline constexpr mode_t kOthersMayWrite = S_IWGRP | S_IWOTH;

/// From here on nothing that this process makes may be written by others, whatever its umask. The programs
/// that it starts get the umask that it was called with: theirs are the user's files.
void keep_others_from_writing();

/// As long as one lives, programs that are started get the umask of this process: what they make is a part of
/// the store.
class ProgramsOfStore {
 public:
  ProgramsOfStore();
  ~ProgramsOfStore();
  ProgramsOfStore(const ProgramsOfStore&) = delete;
  ProgramsOfStore& operator=(const ProgramsOfStore&) = delete;

 private:
  int before_;
};

/// The umask for a program to be started; -1: this process's own.
int umask_of_programs();

}  // namespace amltrain
