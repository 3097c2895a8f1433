// The two forms of torch.save's files; notes on each in its source.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/exchange/input_file.hpp"
#include "engine/exchange/state_dict.hpp"
#include "engine/exchange/state_dict_pickle.hpp"

namespace amltrain::engine {

/// torch >= 1.6: a zip container with NAME/data.pkl and one entry a storage.
StateDict read_pth_zip(const InputFile& file);

/// torch < 1.6 or _use_new_zipfile_serialization=False: pickles in a row, then the storages.
StateDict read_pth_legacy(const InputFile& file);
bool is_pth_legacy(std::string_view first_bytes);

/// A pickle longer than this is no state dict (resnet152's has 60 kB).
inline constexpr std::uint64_t pickle_limit = std::uint64_t{16} << 20;

/// Makes each record a view of its storage; `load` is called once a storage.
StateDict assemble(const std::vector<TensorRecord>& records, const std::string& origin,
                   const std::function<at::Tensor(const StorageRecord&)>& load);

}  // namespace amltrain::engine
