// data check
#include "../check_view.hpp"
#include "../checks.hpp"
#include "commands.hpp"
#include "dataset/locate.hpp"

namespace amltrain::cli {
namespace {

struct CheckCommand {
  std::string data;
  CheckOptions options;
};

void check(const Context& context, const CheckCommand& chosen) {
  const auto root = locate_data(context.workspace_if_any(), chosen.data).root;
  const DataCheck found = check_data(scan_image_folder(root), chosen.options);
  context.print(found, [&](std::ostream& out) { show_check(out, found); });
  if (!found.ok())
    throw Error(category::bad_input, "the data has " + describe_faults(found),
                "take the files out, or train on it as it is with --skip-unreadable");
}

}  // namespace

void add_data_check(CLI::App& data, Context& context) {
  auto* command = data.add_subcommand("check",
                                      "Decode every image; find bad files, copies, leaks from train to val, "
                                      "label conflicts; show balance and sizes.");
  auto& chosen =
      options_of<CheckCommand>(*command, [&context](const CheckCommand& given) { check(context, given); });
  command->add_option("DATA", chosen.data, "NAME of the workspace's data, or a FOLDER")->required();
  command->add_option("--threads", chosen.options.threads, "That read and decode; 0: one a core")
      ->type_name("N")
      ->check(whole_number(0, 1024));
  command
      ->add_option("--near-distance", chosen.options.near_distance,
                   "Bits of 63 in which the perceptual hashes of copies may differ")
      ->type_name("N")
      ->check(whole_number(0, 16));
  command->add_option("--image-size", chosen.options.image_size, "Side of the crop to train on, pixels")
      ->type_name("N")
      ->check(whole_number(1, 65536));
  command->footer("Example: amltrain data check hymenoptera_data");
}

}  // namespace amltrain::cli
