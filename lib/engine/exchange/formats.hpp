// One reader for every weight file we take; one writer a format.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "engine/exchange/state_dict.hpp"
#include "engine/nn/spec.hpp"

namespace amltrain::engine {

/// Reads a .pth/.pt (zip container or the older stacked pickles) or .safetensors file, told apart by content.
/// Nothing in the file is executed. Throws Error{bad_input} naming file and entry; Error{not_found}.
StateDict read_weights(const std::filesystem::path& file);

/// Writes what Python's torch.load(weights_only=True) reads as an OrderedDict.
void write_pth(const std::filesystem::path& file, const StateDict& state);

/// Byte-identical to safetensors.torch.save_file. Returns the SHA-256 of the bytes that were given to the
/// disk.
std::string write_safetensors(const std::filesystem::path& file, const StateDict& state,
                              const std::map<std::string, std::string>& metadata);

/// Finds the architecture whose names and shapes these are (the number of classes is fc.weight's rows).
/// Throws Error{bad_input} naming the first key that fits none.
ResNetSpec infer_spec(const StateDict& state, const std::string& origin);

}  // namespace amltrain::engine
