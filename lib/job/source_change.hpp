// Values that are put on top of a document from the command line, as `az ml job create --set` does.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "job/source_document.hpp"

namespace amltrain {

/// `change` is "PATH=VALUE": PATH names a field by its maps, "inputs.data.path", and those that are absent
/// are made; VALUE is YAML (1e-3, true, text, {a: 1}), nothing being an empty text. Throws Error{bad_input}
/// for anything else, and for a path that leads through a value that is no map.
void change_source(SourceDocument& document, const std::string& change);

/// read_source(), with changes on top of it.
SourceDocument read_changed_source(const std::filesystem::path& file,
                                   const std::vector<std::string>& changes);

}  // namespace amltrain
