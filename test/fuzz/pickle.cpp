// The pickle inside of a .pth file, without the file around it.
#include "engine/exchange/pickle_machine.hpp"
#include "input.hpp"

void fuzz(amltrain::fuzz::Input input) {
  using namespace amltrain;
  fuzz::accepts([&] {
    engine::ByteCursor bytes(input.text(), "input");
    engine::run_pickle(bytes);
  });
}
