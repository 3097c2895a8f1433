#include <catch2/catch.hpp>

#include "engine/exchange/formats.hpp"
#include "engine/torch.hpp"
#include "engine/train/adamw.hpp"
#include "engine/train/loss.hpp"
#include "engine/train/schedule.hpp"
#include "engine/train/sgd.hpp"
#include "image/reference.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

struct Reference {
  TemporaryFolder folder;
  json expected = run_reference("train_optimisers.py", folder.path(), {});
  StateDict tensors = read_weights(folder / "tensors.safetensors");

  int count() const { return expected.at("parameters"); }
  at::Tensor tensor(const std::string& name) const { return tensors.find(name)->clone(); }

  std::vector<at::Tensor> start() const {
    std::vector<at::Tensor> parameters;
    for (int i = 0; i < count(); ++i)
      parameters.push_back(tensor("start." + std::to_string(i)).set_requires_grad(true));
    return parameters;
  }

  /// All steps, with the parameters in two groups as they are in a training.
  std::vector<at::Tensor> stepped(const std::vector<at::Tensor>& parameters, Optimiser& optimiser) const {
    for (int step = 0; step < expected.at("steps"); ++step) {
      for (int i = 0; i < count(); ++i)
        parameters[static_cast<std::size_t>(i)].mutable_grad() =
            tensor("gradient." + std::to_string(step) + "." + std::to_string(i));
      optimiser.step(expected.at("rates").at(static_cast<std::size_t>(step)));
    }
    return parameters;
  }

  double distance(const std::vector<at::Tensor>& ours, const std::string& name) const {
    double largest = 0;
    for (int i = 0; i < count(); ++i) {
      const at::Tensor theirs = tensor(name + "." + std::to_string(i));
      const at::Tensor difference = ours[static_cast<std::size_t>(i)].detach().sub(theirs).abs();
      largest = std::max(largest, difference.max().item<double>());
    }
    return largest;
  }
};

std::vector<ParameterGroup> grouped(const std::vector<at::Tensor>& parameters) {
  return {{{parameters.begin(), parameters.end() - 1}}, {{parameters.back()}}};
}

}  // namespace

TEST_CASE("sgd and adamw with weight decay end where torch.optim's do", "[engine][train][reference]") {
  if (!have_reference()) return;
  const Reference reference;
  const double decay = reference.expected.at("weight_decay");
  std::vector<at::Tensor> parameters = reference.start();
  Sgd sgd(grouped(parameters), reference.expected.at("momentum"), decay);
  CHECK(reference.distance(reference.stepped(parameters, sgd), "sgd") == 0);
  parameters = reference.start();
  AdamW adamw(grouped(parameters), decay);
  CHECK(reference.distance(reference.stepped(parameters, adamw), "adamw") == 0);
}

TEST_CASE("gradients are clipped as clip_grad_norm_ clips them", "[engine][train][reference]") {
  if (!have_reference()) return;
  const Reference reference;
  std::vector<at::Tensor> gradients;
  for (int i = 0; i < reference.count(); ++i)
    gradients.push_back(reference.tensor("gradient.0." + std::to_string(i)));
  clip_grad_norm(gradients, reference.expected.at("max_norm"));
  CHECK(reference.distance(gradients, "clipped") == 0);
  clip_grad_norm(gradients, 1e6);
  CHECK(reference.distance(gradients, "clipped") == 0);
}

TEST_CASE("the smoothed loss is cross_entropy's with label_smoothing", "[engine][train][reference]") {
  if (!have_reference()) return;
  const Reference reference;
  const at::Tensor loss =
      loss_of(reference.tensor("logits"), {reference.tensor("labels")}, reference.expected.at("smoothing"));
  CHECK(loss.item<double>() == reference.expected.at("smoothed_loss").get<double>());
}

TEST_CASE("warm-up and cosine are LinearLR and CosineAnnealingLR in sequence", "[engine][train][reference]") {
  if (!have_reference()) return;
  const Reference reference;
  TrainOptions options;
  options.learning_rate = 0.01;
  options.scheduler = SchedulerKind::cosine;
  options.warmup_epochs = 0.6;
  options.epochs = 4;
  const Schedule schedule(options, 10, 1);
  for (int update = 0; update < 40; ++update) {
    INFO("update " << update);
    const double theirs = reference.expected.at("cosine").at(static_cast<std::size_t>(update));
    CHECK(schedule.rate(update / 10, update % 10) == Approx(theirs).epsilon(1e-9));
  }
}
