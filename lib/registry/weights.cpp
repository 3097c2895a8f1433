#include "registry/weights.hpp"

#include <cstdlib>

#include "registry/artifacts.hpp"
#include "support/error.hpp"
#include "support/hash.hpp"
#include "support/text.hpp"
#include "transfer/download.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

/// An environment variable, absent when empty.
std::optional<std::string> setting(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0' ? std::optional<std::string>(value) : std::nullopt;
}

fs::path expand_home(const std::string& path) {
  if (path != "~" && !path.starts_with("~/")) return path;
  const auto home = setting("HOME");
  if (!home)
    throw Error(category::environment, "$HOME is not set",
                "set it, or set TORCH_HOME to a folder for weights");
  return fs::path(*home) / path.substr(std::min<std::size_t>(2, path.size()));
}

/// As torch.hub.get_dir() finds it, so that what Python has downloaded is found here and the other way round.
fs::path hub_checkpoints() {
  const std::string torch_home =
      setting("TORCH_HOME").value_or(setting("XDG_CACHE_HOME").value_or("~/.cache") + "/torch");
  return expand_home(torch_home) / "hub" / "checkpoints";
}

std::string with_mirror(const std::string& url) {
  auto mirror = setting("AMLTRAIN_WEIGHTS_MIRROR");
  if (!mirror) return url;
  if (!mirror->ends_with('/')) *mirror += '/';
  return *mirror + url.substr(url.find_last_of('/') + 1);
}

fs::path imagenet_file(const std::string& arch, const std::function<void(const std::string&)>& say) {
  const PublishedWeights published = imagenet_weights(arch);
  const fs::path file = hub_checkpoints() / published.url.substr(published.url.find_last_of('/') + 1);
  if (fs::is_regular_file(file)) {
    if (sha256_of_file(file).starts_with(published.hash_prefix)) return file;
    throw Error(category::bad_input,
                file.string() + " is damaged: its SHA-256 does not begin with " + published.hash_prefix,
                "remove it, and it is downloaded again");
  }
  const std::string url = with_mirror(published.url);
  if (say) say("downloading the ImageNet weights of " + arch + " from " + url);
  DownloadOptions options;
  options.sha256 = published.hash_prefix;
  try {
    const Downloaded done = download(url, file, options);
    if (say) say("kept " + human_bytes(done.bytes) + " as " + file.string());
  } catch (const Error& problem) {
    throw Error(category::environment, std::string("no ImageNet weights for ") + arch + ": " + problem.what(),
                "fetch " + url + " by other means and put it at " + file.string() +
                    ", or set AMLTRAIN_WEIGHTS_MIRROR to the URL of a folder that has it");
  }
  return file;
}

fs::path registered_file(const std::string& text, const std::optional<Workspace>& workspace) {
  const auto reference = parse_model_reference(text);
  if (!reference)
    throw Error(category::bad_input, "'" + text + "' names no registered model",
                "write models:/NAME/VERSION or models:/NAME");
  if (!workspace)
    throw Error(category::not_found, "no workspace to look for " + text + " in",
                "run it inside one, or give it with --workspace");
  return weights_of(artifacts_of_model(*workspace, *reference));
}

}  // namespace

std::optional<fs::path> resolve_weights(const std::string& weights, const std::string& arch,
                                        const std::optional<Workspace>& workspace,
                                        const std::function<void(const std::string&)>& say) {
  if (weights == "none") return std::nullopt;
  if (weights == "imagenet") return imagenet_file(arch, say);
  if (weights.starts_with("models:/") || weights.starts_with("azureml:"))
    return registered_file(weights, workspace);
  if (!fs::is_regular_file(weights))
    throw Error(category::not_found, "no weights file '" + weights + "'",
                "--weights takes none, imagenet, a .pth, .pt or .safetensors file, or models:/NAME/VERSION");
  return fs::path(weights);
}

}  // namespace amltrain
