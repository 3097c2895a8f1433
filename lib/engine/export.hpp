// A state dict on disk becomes an ONNX file, and is compared with it.
#pragma once

#include "engine/api.hpp"

namespace amltrain::engine {

/// Engine::export_onnx.
ExportReport export_onnx(const ExportOptions& options, const Say& say);

}  // namespace amltrain::engine
