// The options of a finished model's use, declared once for `evaluate` and `predict`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "engine/api.hpp"

namespace amltrain::cli {

struct ModelUseOptions {
  std::string precision = "fp32";  // of --precision
  engine::ModelUse values;

  void declare(CLI::App& command);
  engine::ModelUse with(const std::filesystem::path& weights) const;
};

/// "fp32", "bf16", "auto"
engine::Precision to_precision(const std::string& word);

}  // namespace amltrain::cli
