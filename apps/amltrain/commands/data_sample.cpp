// data sample
#include <limits>

#include "../checks.hpp"
#include "../table.hpp"
#include "commands.hpp"
#include "dataset/sample/sample.hpp"

namespace amltrain::cli {
namespace {

struct SampleCommand {
  std::string folder;
  SampleOptions drawing;
};

void draw(const Context& context, const SampleCommand& chosen) {
  context.notice("Drawing " +
                 std::to_string(2 * (chosen.drawing.train_per_class + chosen.drawing.val_per_class)) +
                 " images");
  const ImageFolder images = draw_sample(chosen.folder, chosen.drawing);
  const std::string folder = std::filesystem::absolute(images.root).lexically_normal().string();
  const json document = {
      {"schema", "amltrain.drawn-data/1"}, {"folder", folder}, {"summary", summarise(images)}};
  context.print(document, [&](std::ostream& out) {
    Fields fields;
    fields.add("Folder", folder);
    for (const std::string& name : images.classes) fields.add("Class", name);
    fields.add("Train", std::to_string(images.train.samples.size()) + " images");
    fields.add("Val", std::to_string(images.val.samples.size()) + " images");
    fields.print(out);
  });
}

}  // namespace

void add_data_sample(CLI::App& data, Context& context) {
  auto* command = data.add_subcommand(
      "sample", "Draw a small set of images of two classes, to try everything without a network.");
  auto& options =
      options_of<SampleCommand>(*command, [&context](const SampleCommand& chosen) { draw(context, chosen); });
  command->add_option("DIR", options.folder, "New folder, which gets train/CLASS/* and val/CLASS/*")
      ->required();
  command->add_option("--train", options.drawing.train_per_class, "Images of a class to train on")
      ->type_name("N")
      ->check(whole_number(1, 100'000));
  command->add_option("--val", options.drawing.val_per_class, "Images of a class to validate on")
      ->type_name("N")
      ->check(whole_number(1, 100'000));
  command->add_option("--seed", options.drawing.seed, "Another one gives other drawings")
      ->type_name("N")
      ->check(whole_number(0, std::numeric_limits<long long>::max()));
  command->footer("Example: amltrain data sample sample-images");
}

}  // namespace amltrain::cli
