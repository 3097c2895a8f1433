#include "support/umask.hpp"

#include <utility>

namespace amltrain {
namespace {

int of_programs = -1;

}  // namespace

void keep_others_from_writing() {
  const mode_t called_with = umask(kOthersMayWrite);
  umask(called_with | kOthersMayWrite);
  of_programs = static_cast<int>(called_with);
}

ProgramsOfStore::ProgramsOfStore() : before_(std::exchange(of_programs, -1)) {}
ProgramsOfStore::~ProgramsOfStore() { of_programs = before_; }

int umask_of_programs() { return of_programs; }

}  // namespace amltrain
