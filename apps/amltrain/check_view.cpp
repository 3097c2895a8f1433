#include "check_view.hpp"

#include <algorithm>
#include <functional>

#include "support/text.hpp"
#include "table.hpp"

namespace amltrain::cli {
namespace {

constexpr std::size_t kShown = 10;  // of each list

std::string counted(std::size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

void show_list(std::ostream& out, const std::vector<std::string>& lines) {
  for (std::size_t i = 0; i < std::min(kShown, lines.size()); ++i) out << "  " << lines[i] << '\n';
  if (lines.size() > kShown)
    out << "  and " << lines.size() - kShown << " more: --output json has them all\n";
}

std::string describe(const CopyGroup& group) {
  std::string line = group.files.front().path;
  for (std::size_t i = 1; i < group.files.size(); ++i) {
    const Copy& file = group.files[i];
    line += (i == 1 ? "  =  " : ", ") + file.path;
    if (file.match != "exact") line += " (" + file.match + ", " + std::to_string(file.distance) + " bits)";
  }
  return line;
}

void show_groups(std::ostream& out, const DataCheck& check, const std::string& title,
                 const std::function<bool(const CopyGroup&)>& wanted) {
  std::vector<std::string> lines;
  for (const CopyGroup& group : check.copies)
    if (wanted(group)) lines.push_back(describe(group));
  if (lines.empty()) return;
  out << '\n' << title << ": " << lines.size() << '\n';
  show_list(out, lines);
}

std::string describe(const SideRange& side) {
  return std::to_string(side.least) + " to " + std::to_string(side.most) + ", median " +
         std::to_string(side.median);
}

}  // namespace

void show_check(std::ostream& out, const DataCheck& check) {
  Fields fields;
  fields.add("Folder", check.folder);
  const json &train = check.summary.at("train"), &val = check.summary.at("val");
  fields.add("Images", train.at("images").dump() + " to train, " + val.at("images").dump() +
                           " to validate, " +
                           counted(check.summary.at("classes").size(), "class", "classes"));
  fields.add("Widths", describe(check.width));
  fields.add("Heights", describe(check.height));
  fields.add("Balance", short_number(check.imbalance()) + " : 1 (" + check.largest.name + " " +
                            std::to_string(check.largest.images) + ", " + check.smallest.name + " " +
                            std::to_string(check.smallest.images) + ")");
  fields.print(out);
  std::vector<std::string> lines;
  for (const UnreadableFile& file : check.unreadable) lines.push_back(file.path + ": " + file.problem);
  if (!lines.empty()) out << "\nerror: files that can't be read: " << lines.size() << '\n';
  show_list(out, lines);
  show_groups(out, check, "error: in train and in val", [](const CopyGroup& group) { return group.leak; });
  show_groups(out, check, "error: in more than one class",
              [](const CopyGroup& group) { return group.label_conflict; });
  show_groups(out, check, "warning: more than once within a class of train or val",
              [](const CopyGroup& group) { return !group.leak && !group.label_conflict; });
  if (!check.small.empty())
    out << "\nwarning: smaller than the crop of " << check.options.image_size
        << " pixels: " << check.small.size() << '\n';
  show_list(out, check.small);
  if (check.imbalance() > kMostImbalance)
    out << "\nwarning: class '" << check.largest.name << "' has more than " << kMostImbalance
        << " times the training images of '" << check.smallest.name << "'\n";
  if (!check.ignored.empty()) out << "\nnote: other files, ignored: " << check.ignored.size() << '\n';
  show_list(out, check.ignored);
  if (check.ok()) out << "\nFit to train on\n";
}

std::string describe_faults(const DataCheck& check) {
  std::vector<std::string> faults;
  if (!check.unreadable.empty())
    faults.push_back(counted(check.unreadable.size(), "unreadable file", "unreadable files"));
  if (check.leaks() > 0) faults.push_back(counted(check.leaks(), "leak", "leaks") + " from train to val");
  if (check.label_conflicts() > 0)
    faults.push_back(counted(check.label_conflicts(), "label conflict", "label conflicts"));
  return join(faults, ", ");
}

}  // namespace amltrain::cli
