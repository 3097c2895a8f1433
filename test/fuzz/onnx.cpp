// ONNX files, as export-onnx --check reads them back.
#include "engine/exchange/onnx_model.hpp"
#include "input.hpp"

void fuzz(amltrain::fuzz::Input input) {
  using namespace amltrain;
  const fuzz::InputFile file(input.bytes());
  fuzz::accepts([&] { engine::OnnxModel::read(file.path()); });
}
