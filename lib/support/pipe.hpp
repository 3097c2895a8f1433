// A pipe, both ends closed at exec.
#pragma once

#include "support/files.hpp"

namespace amltrain {

struct Pipe {
  Fd read_end, write_end;
  /// Throws as throw_errno() does.
  Pipe();
};

}  // namespace amltrain
