#include "model_use_options.hpp"

#include "checks.hpp"

namespace amltrain::cli {

void ModelUseOptions::declare(CLI::App& command) {
  command.add_option("--batch-size", values.batch_size, "Images computed at a time; the result is the same")
      ->type_name("N")
      ->check(whole_number(1, 65536));
  one_of(command.add_option("--precision", precision, "Of the arithmetic"), {"fp32", "bf16", "fp16", "auto"});
  command
      .add_option("--image-size", values.image_size,
                  "Side of the crop, pixels; default: as trained, else 224")
      ->type_name("N")
      ->check(whole_number(engine::kSmallestImage, 4096))
      ->default_str("");
  command
      .add_option("--resize-size", values.resize_size,
                  "Shorter side before the crop, pixels; default: as trained, else 256")
      ->type_name("N")
      ->check(whole_number(engine::kSmallestImage, 8192))
      ->default_str("");
  command.add_flag("--tta-flip", values.tta_flip, "Look at each image and at its mirror image");
  command.add_option("--device", values.device, "auto, cpu, cuda or cuda:N")->type_name("DEVICE");
  command.add_option("--threads", values.threads, "Threads of the arithmetic; 0: one a core")
      ->type_name("N")
      ->check(whole_number(0, 4096));
  command.add_option("--workers", values.workers, "Threads that load images; 0: the computing thread itself")
      ->type_name("N")
      ->check(whole_number(0, 1024));
}

engine::ModelUse ModelUseOptions::with(const std::filesystem::path& weights) const {
  engine::ModelUse use = values;
  use.model = weights;
  use.precision = to_precision(precision);
  return use;
}

engine::Precision to_precision(const std::string& word) {
  return word == "fp32"   ? engine::Precision::fp32
         : word == "bf16" ? engine::Precision::bf16
         : word == "fp16" ? engine::Precision::fp16
                          : engine::Precision::automatic;
}

}  // namespace amltrain::cli
