#include "trainer_options.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <limits>

#include "checkpoint/folder.hpp"
#include "checks.hpp"
#include "command_tree.hpp"
#include "engine/choices.hpp"
#include "engine/recipe.hpp"
#include "job/definition.hpp"
#include "model_use_options.hpp"

namespace amltrain::cli {
namespace {

constexpr long long kMany = 1'000'000;

std::string absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

CLI::Option* TrainerOptions::add(CLI::Option* option, const char* argument, const char* group) {
  option->type_name(argument)->group(group);
  options_.push_back(option);
  return option;
}

TrainerOptions::TrainerOptions(CLI::App& command, Of whose)
    : precision_("auto"), decode_("exact"), output_folder_("outputs") {
  auto& v = values_;
  command
      .add_option("--data", data_,
                  "Image folder with train/CLASS/* and val/CLASS/*, or data of the workspace")
      ->type_name("NAME|FOLDER")
      ->group("Trainer options");
  one_of(add(command.add_option(
                 "--recipe", v.recipe,
                 "Defaults of the options below: the tutorial's, or those that reach its accuracy "
                 "in less time"),
             ""),
         engine::recipe_names());
  add(command.add_option("--arch", v.arch, "Architecture: resnet18, resnet34, resnet50, ..."), "ARCH");
  add(command.add_option("--weights", v.weights,
                         "Where training starts: none, imagenet, a .pth, .pt or .safetensors file, or "
                         "models:/NAME/VERSION"),
      "WEIGHTS");
  add(command.add_option("--num-epochs", v.epochs, "Passes over the training images"), "N")
      ->check(whole_number(1, kMany));
  auto* const batch_size = add(command.add_option("--batch-size", v.batch_size,
                                                  "Images a batch, of which each process has one a step"),
                               "N")
                               ->check(whole_number(1, 65536));
  add(command.add_option("--global-batch-size", global_batch_size_,
                         "Instead of --batch-size: images a step, of all processes and their batches"),
      "N")
      ->check(whole_number(1, kMany))
      ->excludes(batch_size);
  add(command.add_option("--workers", v.workers, "Threads that load images; 0: the training thread itself"),
      "N")
      ->check(whole_number(0, 1024));
  add(command.add_option("--learning-rate", v.learning_rate, "Of the optimiser"), "X")
      ->check(real_number(1e-12, 1e6));
  add(command.add_option("--seed", v.seed, "Of all that is drawn at random"), "N")
      ->check(whole_number(0, std::numeric_limits<long long>::max()));
  one_of(add(command.add_option("--precision", precision_, "Of the arithmetic"), ""),
         {"fp32", "bf16", "fp16", "auto"});
  add(command.add_option("--image-size", v.image_size, "Side of the crop, pixels"), "N")
      ->check(whole_number(engine::kSmallestImage, 4096));
  add(command.add_option(
          "--progressive-resize", v.progressive_resize,
          "Side of the crop in the first epoch, from which it rises to --image-size; 0: no rise"),
      "FROM")
      ->check(whole_number(0, 4096));
  add(command.add_option("--resize-size", v.resize_size, "Shorter side before the validation crop, pixels"),
      "N")
      ->check(whole_number(engine::kSmallestImage, 8192));
  one_of(
      add(command.add_option("--decode", decode_,
                             "Of JPEGs to train on: exact, or scaled, quicker for large photographs and not "
                             "to the same pixels"),
          ""),
      {"exact", "scaled"});
  add(command.add_option("--cache-memory", v.cache_memory,
                         "MiB of images kept from epoch to epoch, which changes no result; 0: none"),
      "MIB")
      ->check(whole_number(0, kMany));
  add(command.add_option("--threads", v.threads, "Threads of the arithmetic; 0: one a core"), "N")
      ->check(whole_number(0, 4096));
  add(command.add_option("--device", v.device, "auto, cpu, cuda or cuda:N"), "DEVICE");
  add(command.add_flag("--deterministic", v.deterministic,
                       "On a GPU: cuDNN's deterministic kernels, which are slower; the CPU's always are"),
      "");
  add(command.add_flag("--cuda-graph", v.cuda_graph,
                       "On a GPU: forward and backward pass in one launch, for batches of one shape"),
      "");
  add(command.add_option("--log-every", v.log_every, "Steps between lines of the metrics"), "N")
      ->check(whole_number(1, kMany));
  add(command.add_option("--output-dir", output_folder_, "Where model.pt, labels.json and report.json go"),
      "DIR");
  add(command.add_option(
          "--checkpoint-dir", checkpoint_folder_,
          "Folder of checkpoints; checkpoints when one of the next two is given, else none are written"),
      "DIR");
  add(command.add_option("--checkpoint-every", checkpoint_every_,
                         "Steps between checkpoints, beside those at the end of each epoch; 0: those alone; "
                         "auto: as often as costs at most 1 % of the time"),
      "N|auto")
      ->default_str("auto")
      ->check(whole_number_or("auto", 0, kMany));
  if (whose == Of::train)
    add(command.add_option(
            "--resume", resume_,
            "Go on from the newest checkpoint in FOLDER; auto: of --checkpoint-dir, if there is one"),
        "auto|FOLDER");
  add(command.add_flag("--skip-unreadable", v.skip_unreadable,
                       "Skip and count corrupt images instead of failing"),
      "");
  add_frozen(command);
  add_optimisation(command);
  add_regularisation(command);
  add_validation(command);
  add_guards(command);
}

engine::TrainOptions TrainerOptions::values() const {
  engine::TrainOptions values = values_;
  values.precision = to_precision(precision_);
  values.scaled_decode = decode_ == "scaled";
  values.freeze_backbone = freeze_ == "backbone";
  values.frozen_norm = values.frozen_norm || values.cache_features > 0;
  engine::set_by_word(values.augmentation, augmentation_);
  engine::set_by_word(values.optimizer, optimizer_);
  engine::set_by_word(values.scheduler, scheduler_);
  engine::set_by_word(values.scale_lr, scale_lr_);
  engine::set_by_word(values.best_metric, best_metric_);
  engine::set_by_word(values.on_divergence, on_divergence_);
  engine::set_by_word(values.grad_dtype, grad_dtype_);
  values.ranks.timeout = std::chrono::seconds(rank_timeout_);
  values.output_folder = output_folder_;
  set_checkpoints(values);
  engine::apply_recipe(values, [this](const std::string& name) {
    return std::ranges::any_of(options_, [&](const CLI::Option* option) {
      return option->count() > 0 && option->get_name() == name;
    });
  });
  if (global_batch_size_ > 0) values.batch_size = batch_size_of(global_batch_size_, values.grad_accum);
  return values;
}

void TrainerOptions::set_checkpoints(engine::TrainOptions& values) const {
  const bool asked = !checkpoint_every_.empty() && checkpoint_every_ != "0";
  if (!checkpoint_every_.empty() && checkpoint_every_ != "auto")
    values.checkpoint_every = std::stoi(checkpoint_every_);
  const std::string of_run = variable("AMLTRAIN_CHECKPOINTS");
  const bool in_run = checkpoint_folder_.empty() && !of_run.empty();
  values.checkpoint_folder = in_run ? of_run : checkpoint_folder_;
  // What lies in the folder of a run is its own: from before a restart, or from the run that it goes on with.
  const bool begun = in_run && !checkpoint_names(of_run).empty();
  const std::string restarts = variable("AMLTRAIN_RESTARTS");
  const bool restarted =
      resume_.empty() && !values.checkpoint_folder.empty() && !restarts.empty() && restarts != "0";
  values.resume_if_any = resume_ == "auto" || begun || restarted;
  if (values.checkpoint_folder.empty() && !resume_.empty() && !values.resume_if_any)
    values.checkpoint_folder = resume_;
  if (values.checkpoint_folder.empty() && (values.resume_if_any || asked))
    values.checkpoint_folder = "checkpoints";
  values.resume_from = values.resume_if_any ? values.checkpoint_folder : std::filesystem::path(resume_);
}

std::vector<std::string> TrainerOptions::given() const {
  std::vector<std::string> words;
  for (const CLI::Option* option : options_) {
    if (option->count() == 0) continue;
    const std::string name = option->get_name();
    const std::string value = option->results().back();
    if (is_flag(*option)) {
      if (value == "true") words.push_back(name);
      continue;
    }
    words.push_back(name);
    const bool is_path = name == "--weights" && !names_known_weights(value);
    words.push_back(is_path ? absolute(value) : value);
  }
  return words;
}

bool names_known_weights(const std::string& weights) {
  return weights == "none" || weights == "imagenet" || weights.starts_with("models:/") ||
         weights.starts_with("azureml:");
}

}  // namespace amltrain::cli
