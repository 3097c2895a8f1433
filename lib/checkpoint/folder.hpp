// A folder of checkpoints, as it is seen without torch: which there are, and how a folder gets those of
// another.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "checkpoint/document.hpp"

namespace amltrain {

/// "epoch-EEEEEE-step-SSSSSSSSSS": the epoch to go on in, and the steps done. In the order of time when
/// sorted; steps alone would not tell the end of a training phase from the end of its validation.
std::string checkpoint_name(int epoch, std::int64_t steps);

/// Names of the checkpoints in `folder`, oldest first; none when it is absent. They may be damaged.
std::vector<std::string> checkpoint_names(const std::filesystem::path& folder);

std::filesystem::path checkpoint_document_file(const std::filesystem::path& folder, const std::string& name);
/// Of the tensors that every checkpoint has for itself.
std::string checkpoint_tensors_name(const std::string& name);
/// Of the best weights so far, "best-EEEEEE-a" and "-b": every other checkpoint shares one of the copies
/// until there are better weights, so that the two newest have no file in common that could be damaged for
/// both.
std::string best_tensors_name(int epoch, int copy);

/// Makes the folder, and removes what a killed writer left unfinished.
void prepare_checkpoint_folder(const std::filesystem::path& folder);

/// Removes all checkpoints but `written` and the one before it, and the tensors that neither names. Newer
/// ones than `written` are damaged: its training went on from before them.
void keep_last_checkpoints(const std::filesystem::path& folder, const std::string& written);

/// Gives `to`, which is made, the checkpoints of `from`: the same files under a second name (hard links)
/// where the file system can, else copies. Nothing writes to a file of a checkpoint once it has its name.
void share_checkpoints(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace amltrain
