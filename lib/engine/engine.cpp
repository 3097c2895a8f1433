// The shared library's face: calls its parts, and lets no exception type of torch out.
#include <c10/util/Exception.h>

#include <exception>
#include <string_view>

#include "engine/api.hpp"
#include "engine/describe.hpp"
#include "engine/export.hpp"
#include "engine/train/out_of_memory.hpp"
#include "engine/train/trainer.hpp"
#include "engine/use/evaluate.hpp"
#include "engine/use/predict.hpp"
#include "support/error.hpp"

namespace amltrain::engine {
namespace {

[[noreturn]] void throw_out_of_memory(const std::string& message) {
  throw Error(category::environment, "out of memory: " + message,
              "use a smaller --batch-size or --image-size");
}

template <typename Call>
auto guarded(Call&& call) {
  try {
    return call();
  } catch (const c10::Error& problem) {
    const std::string message = problem.what_without_backtrace();
    if (is_out_of_memory(problem)) throw_out_of_memory(message);
    throw Error(category::internal, "torch: " + message);
  } catch (const std::exception& problem) {
    if (is_out_of_memory(problem)) throw_out_of_memory(problem.what());
    throw;
  }
}

class TorchEngine final : public Engine {
 public:
  json train(const TrainOptions& options, const Say& say, const std::function<bool()>& stop) override {
    return guarded([&] { return engine::train(options, say, stop); });
  }
  ExportReport export_onnx(const ExportOptions& options, const Say& say) override {
    return guarded([&] { return engine::export_onnx(options, say); });
  }
  json evaluate(const EvaluateOptions& options, const Say& say) override {
    return guarded([&] { return engine::evaluate(options, say); });
  }
  void predict(const PredictOptions& options, const std::function<void(const Prediction&)>& each) override {
    guarded([&] { engine::predict(options, each); });
  }
  json describe() override {
    return guarded([] { return engine::describe(); });
  }
};

}  // namespace
}  // namespace amltrain::engine

amltrain::engine::Engine* amltrain_engine_instance(const char* interface) {
  if (std::string_view(interface) != AMLTRAIN_ENGINE_INTERFACE) return nullptr;
  static amltrain::engine::TorchEngine engine;
  return &engine;
}
