#include "engine/use/model.hpp"

#include "engine/exchange/formats.hpp"
#include "engine/train/outputs.hpp"
#include "support/error.hpp"
#include "support/files.hpp"

namespace amltrain::engine {
namespace {

Numerics numerics_of(const ModelUse& use) {
  TrainOptions options;  // the three of them that say how it is computed
  options.device = use.device;
  options.precision = use.precision;
  options.threads = use.threads;
  return choose_numerics(options);
}

ViewSize view_of(const ModelUse& use) {
  ViewSize view;
  if (use.image_size == 0 || use.resize_size == 0) view = trained_view(use.model);
  if (use.image_size != 0) view.image = use.image_size;
  if (use.resize_size != 0) view.resize = use.resize_size;
  if (view.resize < view.image)
    throw Error(category::bad_input,
                "images can't be resized to " + std::to_string(view.resize) + " pixels and then cropped to " +
                    std::to_string(view.image),
                "give an --image-size and a --resize-size that is at least as large");
  return view;
}

std::vector<std::string> labels_beside(const std::filesystem::path& model, std::int64_t classes) {
  const std::filesystem::path file = model.parent_path() / "labels.json";
  if (!std::filesystem::exists(file))
    throw Error(category::not_found, "no labels.json beside " + model.string(),
                R"(write one with the names of its classes in order: {"schema": "amltrain.labels/1", )"
                R"("labels": ["ants", "bees"]})");
  return read_labels(file, classes);
}

}  // namespace

ViewSize trained_view(const std::filesystem::path& model) {
  ViewSize view;
  const std::filesystem::path file = model.parent_path() / "report.json";
  if (!std::filesystem::is_regular_file(file)) return view;
  const json report = parse_json(read_file(file), file.string());
  if (!report.is_object() || report.value("schema", json()) != "amltrain.training-report/1") return view;
  view.image = field_or(report, "image_size", view.image);
  view.resize = field_or(report, "resize_size", view.resize);
  if (view.image < 1 || view.resize < view.image)
    throw Error(category::bad_input,
                file.string() + ": images can't be resized to " + std::to_string(view.resize) +
                    " pixels and then cropped to " + std::to_string(view.image),
                "correct its image_size and resize_size, or take it away");
  return view;
}

LoaderOptions FinishedModel::loader_options(const ModelUse& use) const {
  return {.batch_size = use.batch_size,
          .threads = use.workers,
          .prefetch_batches = 2,
          .image_size = view.image,
          .resize_size = view.resize};
}

FinishedModel load_model(const ModelUse& use) {
  const ViewSize view = view_of(use);
  const StateDict state = read_weights(use.model);
  const ResNetSpec spec = infer_spec(state, use.model.string());
  const std::int64_t classes = state.find("fc.weight")->size(0);
  std::vector<std::string> labels = labels_beside(use.model, classes);
  tune_allocator();
  const Numerics numerics = numerics_of(use);
  ResNet network(spec, classes, 0, numerics.placement());
  load_state(network, state, use.model.string(), Head::load);
  return {numerics, std::move(network), std::move(labels), view};
}

}  // namespace amltrain::engine
