// Where everything lies in a safetensors file, byte for byte as the reference implementation has it: metadata
// first, tensors by falling dtype then by name, JSON without blanks, the header padded with blanks to a
// multiple of 8.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/exchange/state_dict.hpp"

namespace amltrain::engine {

struct SafetensorsLayout {
  struct Place {
    std::size_t entry;      // of the state dict
    std::uint64_t at, end;  // bytes of the file
  };
  std::string head;           // the length of the header and the header
  std::vector<Place> places;  // in the order of the file, without gaps
  std::uint64_t bytes;        // of the file
};

/// Throws Error{bad_input} naming `origin` for names that are not UTF-8, or a dtype that the format lacks.
SafetensorsLayout lay_out_safetensors(const StateDict& state,
                                      const std::map<std::string, std::string>& metadata,
                                      const std::string& origin);

}  // namespace amltrain::engine
