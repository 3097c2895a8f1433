// What training came to, as text.
#pragma once

#include "context.hpp"

namespace amltrain::cli {

/// `report` is what Engine::train returned.
void show_report(const Context& context, const json& report);

/// Precision, recall and the confusion matrix of a report or an evaluation.
void print_classes(std::ostream& out, const json& report);

/// Six significant digits, "-" for null.
std::string share(const json& part);

}  // namespace amltrain::cli
