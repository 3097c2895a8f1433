// .pth in both forms and .safetensors, told apart by content.
#include "engine/exchange/formats.hpp"
#include "input.hpp"

void fuzz(amltrain::fuzz::Input input) {
  using namespace amltrain;
  const fuzz::InputFile file(input.bytes());
  engine::StateDict state;
  if (!fuzz::accepts([&] { state = engine::read_weights(file.path()); })) return;
  fuzz::accepts([&] { engine::infer_spec(state, "input"); });
}
