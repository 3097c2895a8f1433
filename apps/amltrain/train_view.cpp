#include "train_view.hpp"

#include "table.hpp"

namespace amltrain::cli {

std::string share(const json& part) { return part.is_number() ? short_number(part.get<double>()) : "-"; }

void print_classes(std::ostream& out, const json& report) {
  std::vector<std::string> header{"CLASS", "IMAGES", "PRECISION", "RECALL"};
  for (const json& one : report.at("classes")) header.push_back("AS " + one.at("label").get<std::string>());
  Table table(header);
  for (std::size_t i = 0; i < report.at("classes").size(); ++i) {
    const json& one = report.at("classes")[i];
    std::vector<std::string> row{one.at("label"), lossy_text(one.at("images")), share(one.at("precision")),
                                 share(one.at("recall"))};
    for (const json& count : report.at("confusion")[i]) row.push_back(lossy_text(count));
    table.row(row);
  }
  table.print(out);
}

void show_report(const Context& context, const json& report) {
  context.print(report, [&](std::ostream& out) {
    Fields fields;
    fields.add("Best epoch", lossy_text(report.at("best_epoch")));
    fields.add("Best val_acc", share(report.at("best_val_acc")));
    fields.add("Images/s", share(report.at("images_per_second")));
    if (!report.at("skipped").empty())
      fields.add("Skipped", std::to_string(report.at("skipped").size()) + " images");
    fields.print(out);
    out << '\n';
    print_classes(out, report);
  });
}

}  // namespace amltrain::cli
