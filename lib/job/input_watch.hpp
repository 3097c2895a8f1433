// Did a run write to what it was given to read? A mount would keep it from that; a path does not.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "job/definition.hpp"
#include "job/process_keeper.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// By name of the input. Equal marks: the same files with the same sizes, times of change and inode numbers.
using InputMarks = std::map<std::string, std::string>;

/// Of the inputs that the command reads where they lie, those of at most 10,000 files and folders; the
/// workspace's own store, should it lie within, doesn't count. Reads no content.
InputMarks mark_inputs(const Workspace& workspace, const JobDefinition& job);

/// The same in a process of its own, since a folder may be far away. Absent when that took more than half a
/// minute, or the run is asked to stop.
std::optional<InputMarks> ask_for_marks(const Workspace& workspace, const JobDefinition& job,
                                        ProcessKeeper& keeper);

/// "input 'a' was changed while the run had it"; empty when none has another mark now.
std::string describe_changed(const InputMarks& before, const InputMarks& now);

}  // namespace amltrain
