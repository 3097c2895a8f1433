#include "evaluation_view.hpp"

#include "table.hpp"
#include "train_view.hpp"

namespace amltrain::cli {
namespace {

void print_calibration(std::ostream& out, const json& bins) {
  Table table({"CONFIDENCE", "IMAGES", "MEAN", "ACCURACY"});
  for (const json& bin : bins) {
    if (bin.at("images") == 0) continue;
    table.row({share(bin.at("low")) + " to " + share(bin.at("high")), lossy_text(bin.at("images")),
               share(bin.at("confidence")), share(bin.at("accuracy"))});
  }
  table.print(out);
}

}  // namespace

void show_evaluation(const Context& context, const json& evaluation) {
  context.print(evaluation, [&](std::ostream& out) {
    const json& interval = evaluation.at("accuracy_interval");
    Fields fields;
    fields.add("Model", evaluation.at("model"));
    fields.add("Images",
               lossy_text(evaluation.at("images")) + " of " + evaluation.at("split").get<std::string>());
    fields.add("Accuracy", share(evaluation.at("accuracy")) + " (95 %: " + share(interval.at("low")) +
                               " to " + share(interval.at("high")) + ")");
    fields.add("Loss", share(evaluation.at("loss")));
    fields.add("Calibration error", share(evaluation.at("calibration").at("expected_error")));
    fields.print(out);
    out << '\n';
    print_classes(out, evaluation);
    out << '\n';
    print_calibration(out, evaluation.at("calibration").at("bins"));
  });
}

}  // namespace amltrain::cli
