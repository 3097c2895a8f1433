#include "engine/train/start.hpp"

#include "engine/exchange/formats.hpp"
#include "support/error.hpp"

namespace amltrain::engine {
namespace {

void load_backbone(const ResNet& model, const std::string& file, const Say& say) {
  const StateDict given = read_weights(file);
  const ResNetSpec found = infer_spec(given, file);
  if (found.name != model.spec().name)
    throw Error(category::bad_input,
                file + ": the weights are those of " + found.name + ", not " + model.spec().name,
                "use --arch " + found.name);
  load_state(model, given, file, Head::keep_fresh);
  say("weights: " + file + "; fc replaced (" + std::to_string(given.find("fc.weight")->size(0)) +
      " classes there, " + std::to_string(model.classes()) + " here)");
}

std::int64_t count(const std::vector<at::Tensor>& tensors) {
  std::int64_t elements = 0;
  for (const at::Tensor& tensor : tensors) elements += tensor.numel();
  return elements;
}

}  // namespace

ResNet starting_model(const TrainOptions& options, std::int64_t classes, const Placement& placement,
                      const Say& say) {
  ResNet model(find_resnet_spec(options.arch), classes, options.seed, placement);
  const std::int64_t parameters = count(model.trainable());
  if (options.freeze_backbone || options.unfreeze_epoch > 0) model.freeze_backbone();
  say("model: " + options.arch + ", " + std::to_string(parameters) + " parameters, " +
      std::to_string(count(model.trainable())) + " of them trained");
  if (options.weights == "none")
    say("weights: fresh, from seed " + std::to_string(options.seed));
  else
    load_backbone(model, options.weights, say);
  return model;
}

}  // namespace amltrain::engine
