#include "engine/use/evaluate.hpp"

#include <algorithm>
#include <chrono>

#include "engine/torch.hpp"
#include "engine/train/evaluate.hpp"
#include "engine/train/report.hpp"
#include "engine/train/words.hpp"
#include "engine/use/interval.hpp"
#include "engine/use/model.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain::engine {
namespace {

/// Gives the samples the model's numbers for their classes: by name, whatever the order of either.
void number_as_model(ImageFolder& data, Split& split, const std::vector<std::string>& labels) {
  std::vector<int> number;
  for (const std::string& name : data.classes)
    number.push_back(static_cast<int>(std::find(labels.begin(), labels.end(), name) - labels.begin()));
  const bool all_known =
      std::find(number.begin(), number.end(), static_cast<int>(labels.size())) == number.end();
  if (!all_known || data.classes.size() != labels.size())
    throw Error(category::bad_input,
                "the classes in " + data.root.string() + " (" + join(data.classes, ", ") +
                    ") are not the model's labels (" + join(labels, ", ") + ")",
                "give data with one folder for each label");
  for (Sample& sample : split.samples) sample.label = number[static_cast<std::size_t>(sample.label)];
  data.classes = labels;
}

json calibration_document(const Calibration& calibration) {
  json bins = json::array();
  const auto mean = [](double sum, std::int64_t count) {
    return count == 0 ? json(nullptr) : json(sum / static_cast<double>(count));
  };
  for (std::size_t i = 0; i < Calibration::bin_count; ++i) {
    const Calibration::Bin& bin = calibration.bins()[i];
    const auto edge = [](std::size_t index) { return static_cast<double>(index) / Calibration::bin_count; };
    bins.push_back({{"low", edge(i)},
                    {"high", edge(i + 1)},
                    {"images", bin.images},
                    {"confidence", mean(bin.confidence_sum, bin.images)},
                    {"accuracy", mean(static_cast<double>(bin.correct), bin.images)}});
  }
  return {{"expected_error", calibration.expected_error()}, {"bins", std::move(bins)}};
}

json document_of(const EvaluateOptions& options, const FinishedModel& model, const Evaluation& found) {
  const Interval interval = wilson_interval(found.correct, found.images);
  json document = {{"schema", "amltrain.evaluation/1"},
                   {"model", options.title},
                   {"arch", model.network.spec().name},
                   {"data", options.data.string()},
                   {"split", options.split},
                   {"device", model.numerics.device.str()},
                   {"precision", model.numerics.precision()},
                   {"image_size", model.view.image},
                   {"resize_size", model.view.resize},
                   {"tta_flip", options.use.tta_flip},
                   {"images", found.images},
                   {"correct", found.correct},
                   {"accuracy", found.accuracy},
                   {"accuracy_interval", {{"level", 0.95}, {"low", interval.low}, {"high", interval.high}}},
                   {"loss", found.loss}};
  document.update(classification_report(found.confusion, model.labels));
  document["calibration"] = calibration_document(found.calibration);
  return document;
}

}  // namespace

json evaluate(const EvaluateOptions& options, const Say& say) {
  ImageFolder data = scan_split(options.data, options.split);
  Split& split = options.split == "train" ? data.train : data.val;
  FinishedModel model = load_model(options.use);
  number_as_model(data, split, model.labels);
  say(words("evaluating %zu images on ", split.samples.size()) + model.numerics.words());
  Loader loader(data, split, View::validation, model.loader_options(options.use));
  const auto start = std::chrono::steady_clock::now();
  const Evaluation found = evaluate(
      model.network, loader, model.numerics.compute(), [](int) {}, options.use.tta_flip);
  json document = document_of(options, model, found);
  document["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return document;
}

}  // namespace amltrain::engine
