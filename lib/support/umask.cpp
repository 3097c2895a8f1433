#include "support/umask.hpp"

#include <sys/stat.h>

#include <utility>

namespace amltrain {
namespace {

int of_programs = -1;

}  // namespace

void keep_others_from_writing() {
  const mode_t called_with = umask(S_IWGRP | S_IWOTH);
  umask(called_with | S_IWGRP | S_IWOTH);
  of_programs = static_cast<int>(called_with);
}

ProgramsOfStore::ProgramsOfStore() : before_(std::exchange(of_programs, -1)) {}
ProgramsOfStore::~ProgramsOfStore() { of_programs = before_; }

int umask_of_programs() { return of_programs; }

}  // namespace amltrain
