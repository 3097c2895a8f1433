// The engine as the rest of the program sees it: plain structs, no torch header. The shared library is opened
// by open_engine() (lib/engine/open.cpp, in the binary) only in the commands that need it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support/json.hpp"

namespace amltrain::engine {

enum class Precision { automatic, fp32, bf16 };

/// The built-in trainer's options, with the defaults of the tutorial's script.
struct TrainOptions {
  std::filesystem::path data;  // folder with train/CLASS/* and val/CLASS/*
  std::string arch = "resnet18";
  std::string weights = "none";  // none | imagenet | a .pth, .pt or .safetensors file
  int epochs = 25;
  int batch_size = 4;
  int workers = 4;  // loader threads; 0: decode in the training thread
  double learning_rate = 0.001;
  double momentum = 0.9;
  int lr_step = 7;  // epochs
  double lr_gamma = 0.1;
  std::uint64_t seed = 42;
  Precision precision = Precision::automatic;
  bool freeze_backbone = false;
  int threads = 0;               // intra-op threads of the step; 0: all cores
  int image_size = 224;          // side of the crop, pixels
  int resize_size = 256;         // shorter side before the validation crop, pixels
  int log_every = 10;            // steps between metric lines
  std::string device = "auto";   // auto | cpu | cuda | cuda:N
  bool skip_unreadable = false;  // skip and count corrupt images instead of failing
  std::filesystem::path output_folder = "outputs";
  std::filesystem::path metrics_file;  // JSON lines are appended; empty: none
};

struct ExportOptions {
  std::filesystem::path model;   // a .pt/.pth/.safetensors state dict
  std::filesystem::path labels;  // labels.json; empty: beside the model when there
  std::filesystem::path target;  // model.onnx
  bool fold_batch_norm = false;
  bool overwrite = false;
  bool check = false;
  std::filesystem::path check_data;  // image folder for --check; empty: drawn images
};

struct ExportReport {
  std::string arch;
  std::vector<std::string> labels;
  std::uint64_t bytes = 0;
  std::string sha256;
  int opset = 0;
  bool checked = false;
  int images_checked = 0;
  double largest_difference = 0;  // of the logits, evaluator against engine
};

/// Says a line to the person who watches (standard error or the run's log).
using Say = std::function<void(const std::string&)>;

/// What the shared library gives. Every call may throw amltrain::Error.
class Engine {
 public:
  virtual ~Engine() = default;
  /// Trains; writes model.pt, labels.json and report.json (confusion matrix, per-class precision and recall)
  /// into options.output_folder. Returns the report. `stop` is asked between steps: true ends with
  /// Error{canceled}.
  virtual json train(const TrainOptions& options, const Say& say, const std::function<bool()>& stop) = 0;
  virtual ExportReport export_onnx(const ExportOptions& options, const Say& say) = 0;
  /// Devices and instruction sets as torch sees them, and its version.
  virtual json describe() = 0;
};

/// Opens the engine once a process. Throws Error{environment} when the library can't be loaded.
Engine& open_engine();

}  // namespace amltrain::engine

/// The only exported symbol of the shared library.
extern "C" amltrain::engine::Engine* amltrain_engine_instance();
