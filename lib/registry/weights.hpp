// From what a user says (--weights) to a file that the engine reads.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "workspace/workspace.hpp"

namespace amltrain {

struct PublishedWeights {
  std::string url;          // torchvision's published file
  std::string hash_prefix;  // first hex digits of its SHA-256, as in its name
};
/// IMAGENET1K_V1 of `arch`, as torchvision lists it. Throws Error{bad_input} for an arch without one.
PublishedWeights imagenet_weights(const std::string& arch);

/// "none" gives nothing. "imagenet": torch hub's cache ($TORCH_HOME, else $XDG_CACHE_HOME/torch, else
/// ~/.cache/torch; hub/checkpoints/FILE), downloaded there when absent and checked against the hash.
/// "models:/NAME/VERSION": the version's model.pt, else its only .pt, .pth or .safetensors file, verified.
/// Else a path. $AMLTRAIN_WEIGHTS_MIRROR replaces the URL's folder. Throws Error{environment} with the URL
/// and where to put the file when it can't be fetched; Error{not_found}.
std::optional<std::filesystem::path> resolve_weights(const std::string& weights, const std::string& arch,
                                                     const std::optional<Workspace>& workspace,
                                                     const std::function<void(const std::string&)>& say);

}  // namespace amltrain
