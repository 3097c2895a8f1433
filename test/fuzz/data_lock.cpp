// A data lock, which people keep in version control.
#include "dataset/lock.hpp"
#include "input.hpp"

void fuzz(amltrain::fuzz::Input input) {
  using namespace amltrain;
  const fuzz::InputFile file(input.bytes());
  fuzz::accepts([&] { read_lock(file.path()); });
}
