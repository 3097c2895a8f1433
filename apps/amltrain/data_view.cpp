#include "data_view.hpp"

#include "support/text.hpp"
#include "table.hpp"

namespace amltrain::cli {

DataCounts count(const json& summary) {
  return {summary.at("classes").size(), summary.at("train").at("images").get<std::size_t>(),
          summary.at("val").at("images").get<std::size_t>()};
}

void show_data(const Context& context, const DataSet& data) {
  context.print(data, [&](std::ostream& out) {
    Fields fields;
    fields.add("Data", data.name);
    fields.add("Source", data.source);
    fields.add("Folder", data.folder.string());
    fields.add("Fingerprint", data.fingerprint);
    fields.add("Created", to_iso8601(data.created_at));
    fields.print(out);

    out << '\n';
    Table table({"CLASS", "TRAIN", "VAL"});
    const json &train = data.summary.at("train"), &val = data.summary.at("val");
    for (const std::string name : data.summary.at("classes")) {
      table.row({name, lossy_text(train.at("classes").at(name)), lossy_text(val.at("classes").at(name))});
    }
    table.row({"all", lossy_text(train.at("images")), lossy_text(val.at("images"))});
    table.print(out);

    const std::size_t ignored = train.at("ignored").size() + val.at("ignored").size();
    if (ignored > 0) out << "\n" << ignored << " other files are ignored\n";
    if (!data.unreadable.empty()) {
      out << "\n"
          << data.unreadable.size() << " files can't be read; train with --skip-unreadable or repair them:\n";
      for (const UnreadableFile& file : data.unreadable)
        out << "  " << printable(file.path) << ": " << printable(file.problem) << '\n';
    }
  });
}

}  // namespace amltrain::cli
