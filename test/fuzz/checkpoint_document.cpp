// The document of a checkpoint.
#include "checkpoint/document.hpp"
#include "input.hpp"

void fuzz(amltrain::fuzz::Input input) {
  using namespace amltrain;
  const fuzz::InputFile file(input.bytes());
  fuzz::accepts([&] { read_checkpoint_document(file.path()); });
}
