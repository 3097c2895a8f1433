// The options of the built-in trainer, declared once for `train` and `submit`. Names and defaults are those
// of the tutorial's script; a repeated option counts with its last value.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "engine/api.hpp"

namespace amltrain::cli {

class TrainerOptions {
 public:
  /// `submit` has its own --resume, which takes a run.
  enum class Of { train, submit };
  TrainerOptions(CLI::App& command, Of whose);

  /// With the values of the command line. `data` and `weights` are as they were typed.
  engine::TrainOptions values() const;
  const std::string& data() const { return data_; }

  /// The options that were given, as words, without --data. The path of a weights file is absolute, since a
  /// job runs in another folder.
  std::vector<std::string> given() const;

 private:
  /// Where none is named: the run's folder, which is gone on with, else that of --resume, else "checkpoints"
  /// when one is needed.
  void set_checkpoints(engine::TrainOptions& values) const;
  CLI::Option* add(CLI::Option* option, const char* argument, const char* group = "Trainer options");
  void add_optimisation(CLI::App& command);
  void add_regularisation(CLI::App& command);
  void add_frozen(CLI::App& command);
  void add_validation(CLI::App& command);
  void add_guards(CLI::App& command);

  engine::TrainOptions values_;
  int global_batch_size_ = 0;  // 0: not given
  int rank_timeout_ = static_cast<int>(engine::RankPlace().timeout.count());
  std::string data_, precision_, decode_, freeze_, output_folder_, checkpoint_folder_, checkpoint_every_,
      resume_;
  std::string optimizer_ = "sgd", scheduler_ = "step", best_metric_ = "val_acc", on_divergence_ = "off";
  std::string augmentation_ = "tutorial", scale_lr_ = "none", grad_dtype_ = "fp32";
  std::vector<const CLI::Option*> options_;
};

/// True for what names no file: none, imagenet, models:/NAME/VERSION.
bool names_known_weights(const std::string& weights);

}  // namespace amltrain::cli
