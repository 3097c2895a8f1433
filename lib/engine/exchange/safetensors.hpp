// safetensors: an 8-byte little-endian length, a JSON header of that length, then the tensors' bytes
// (huggingface/safetensors, README "Format"). The writer is declared in formats.hpp.
#pragma once

#include "engine/exchange/input_file.hpp"
#include "engine/exchange/state_dict.hpp"

namespace amltrain::engine {

/// Tensors in the order of the header. Throws Error{bad_input} for what the format forbids: duplicate keys,
/// overlaps, holes, spans that contradict dtype and shape, a header over 100 MB or beyond the file.
StateDict read_safetensors(const InputFile& file);

}  // namespace amltrain::engine
