#include "checkpoint/match.hpp"
#include "engine/train/checkpoint.hpp"
#include "engine/train/loading.hpp"
#include "engine/train/options_record.hpp"
#include "support/hash.hpp"

namespace amltrain::engine {
namespace {

std::string data_hash(const ImageFolder& folder, const std::function<void()>& between) {
  Sha256 hash;
  const auto add = [&](const std::string& text) { hash.update(text + '\n'); };
  for (const std::string& name : folder.classes) add(name);
  for (const Split* split : {&folder.train, &folder.val}) {
    add(std::to_string(split->samples.size()));
    for (const Sample& sample : split->samples) {
      std::error_code unreadable;  // its size is ~0 then, as it is when the training goes on
      const auto bytes = std::filesystem::file_size(folder.root / sample.path, unreadable);
      add(sample.path);
      add(std::to_string(sample.label) + ' ' + std::to_string(bytes));
      between();
    }
  }
  return "sha256:" + hash.finish();
}

/// What a checkpoint from before there was that option was made with.
json since_then(const std::string& name) {
  if (name == "ranks") return 1;
  if (name == "--scale-lr") return "none";
  if (name == "--grad-dtype") return "fp32";
  return nullptr;
}

}  // namespace

json checkpoint_match(const TrainOptions& options, const Numerics& numerics, const ImageFolder& folder,
                      const std::function<void()>& between) {
  json match = deciding_options(options, numerics);
  match["data"] = data_hash(folder, between);
  match["ranks"] = batches_per_step(options) / options.grad_accum;
  return match;
}

void require_match(const json& recorded, const json& present, const std::string& origin) {
  for (const auto& [name, value] : present.items()) {
    const auto found = recorded.is_object() ? recorded.find(name) : recorded.end();
    json before = recorded.is_object() && found != recorded.end() ? *found : json(nullptr);
    if (before.is_null()) before = since_then(name);
    if (before == value) continue;
    throw_other_training(origin, name, before, value);
  }
}

}  // namespace amltrain::engine
