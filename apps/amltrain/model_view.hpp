// Models as text.
#pragma once

#include "context.hpp"
#include "registry/model.hpp"

namespace amltrain::cli {

void show_model(const Context& context, const ModelVersion& model);

/// What the user named. Throws Error{bad_input} when it can be no model, Error{not_found}.
ModelVersion find_model(const Workspace& workspace, const std::string& name);

}  // namespace amltrain::cli
