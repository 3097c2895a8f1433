// The engine as the rest of the program sees it: plain structs, no torch header. The shared library is opened
// by open_engine() (lib/engine/open.cpp, in the binary) only in the commands that need it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support/json.hpp"

namespace amltrain::engine {

enum class Precision { automatic, fp32, bf16, fp16 };
enum class OptimizerKind { sgd, adamw };
enum class SchedulerKind { step, cosine, constant };
enum class BestMetric { val_acc, val_loss, last };
enum class Augmentation { tutorial, none };
enum class OnDivergence { off, stop, rollback };
enum class LrScaling { none, linear };
enum class GradDtype { fp32, bf16 };

/// As often as costs at most 1 % of the time.
inline constexpr int kAutomaticCheckpoints = -1;

/// Side in pixels. A smaller crop leaves one pixel after the last stage: batch norm has no variance to speak
/// of in a batch of one.
inline constexpr int kSmallestImage = 33;

/// Which of the processes this is that train together; mpirun starts them.
struct RankPlace {
  int rank = 0, world_size = 1;
  std::string rendezvous;  // of several: a secret that they share and nobody else knows
  int begun_with = 0;      // ranks that the training was begun with, which say what a step is; 0: these
  int on_host = 0;  // on this machine, and on each of the others, in the order of the ranks; 0: all are
  std::chrono::seconds timeout{8};  // a rank may give no sign of itself for so long, and longer if it is slow
  // Of several machines:
  std::vector<std::string> hosts;  // their names, to speak of them
  std::string address;             // where the first of them is to be met by the others
  int port = 0;
};

/// The built-in trainer's options, with the defaults of the tutorial's script.
struct TrainOptions {
  std::string recipe = "tutorial";  // what set the rest, see recipe.hpp; for the report
  std::filesystem::path data;       // folder with train/CLASS/* and val/CLASS/*
  std::string arch = "resnet18";
  std::string weights = "none";  // none | imagenet | a .pth, .pt or .safetensors file
  int epochs = 25;
  int batch_size = 4;
  int workers = 4;  // loader threads; 0: decode in the training thread
  double learning_rate = 0.001;
  double momentum = 0.9;
  int lr_step = 7;  // epochs
  double lr_gamma = 0.1;
  OptimizerKind optimizer = OptimizerKind::sgd;
  double weight_decay = 0;
  SchedulerKind scheduler = SchedulerKind::step;  // lr_step and lr_gamma belong to `step`
  double warmup_epochs = 0;                       // fractions count
  LrScaling scale_lr = LrScaling::none;           // linear: times the batches of a step, see Schedule
  double backbone_lr_scale = 1;                   // learning rate of all but fc, times the learning rate
  int unfreeze_epoch = 0;                         // first epoch that trains the backbone
  int grad_accum = 1;                             // batches an optimiser step
  double clip_grad_norm = 0;                      // 0: not clipped
  double label_smoothing = 0;
  double mixup = 0;       // alpha of Beta(alpha, alpha); 0: none
  bool tta_flip = false;  // validate by the mean of the logits of an image and of its mirror image
  double ema = 0;         // decay of the average of the weights; 0: none
  BestMetric best_metric = BestMetric::val_acc;
  int early_stop = 0;  // epochs without a better best_metric; 0: never
  OnDivergence on_divergence = OnDivergence::off;
  std::uint64_t seed = 42;
  Precision precision = Precision::automatic;
  bool freeze_backbone = false;
  bool frozen_norm = false;  // of a frozen backbone: batch norm by its running statistics, which rest
  int cache_features = 0;    // draws of an image whose features are kept, with frozen_norm; 0: none
  Augmentation augmentation = Augmentation::tutorial;  // none: the validation view
  int threads = 0;                                     // intra-op threads of the step; 0: all cores
  int image_size = 224;                                // side of the crop, pixels
  int progressive_resize = 0;  // side of the crop in the first epoch, pixels; 0: image_size throughout
  int resize_size = 256;       // shorter side before the validation crop, pixels
  int log_every = 10;          // steps between metric lines
  RankPlace ranks;             // batch_size is that of one rank
  int grad_bucket = 4;  // MiB of gradients that are exchanged at a time; 0: all, after the backward pass
  GradDtype grad_dtype = GradDtype::fp32;  // as which gradients go from machine to machine
  std::string device = "auto";             // auto | cpu | cuda | cuda:N
  bool deterministic = false;              // of a GPU: cuDNN's deterministic kernels; the CPU's are
  bool cuda_graph = false;       // of a GPU: forward and backward in one launch where batches have one shape
  int cache_memory = 128;        // MiB of images kept from epoch to epoch; 0: none
  bool scaled_decode = false;    // JPEGs to train on, where they are much larger than the crop
  bool skip_unreadable = false;  // skip and count corrupt images instead of failing
  std::filesystem::path output_folder = "outputs";
  std::filesystem::path metrics_file;            // JSON lines are appended; empty: none
  std::filesystem::path checkpoint_folder;       // empty: no checkpoints
  int checkpoint_every = kAutomaticCheckpoints;  // steps; at the end of each epoch in any case
  std::filesystem::path resume_from;             // folder of checkpoints to go on from; empty: begin
  bool resume_if_any = false;                    // begin when that folder has none
};

struct ExportOptions {
  std::filesystem::path model;   // a .pt/.pth/.safetensors state dict; image sizes: as of ModelUse
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

/// A finished model, and how it is computed.
struct ModelUse {
  std::filesystem::path model;          // a .pt/.pth/.safetensors state dict with its labels.json beside it
  int image_size = 0, resize_size = 0;  // pixels; 0: as in the report.json beside it, else 224 and 256
  int batch_size = 16;                  // changes the time and the memory, not the result
  int workers = 4;                      // loader threads; 0: decode in the computing thread
  int threads = 0;                      // intra-op threads; 0: all cores
  Precision precision = Precision::fp32;
  bool tta_flip = false;  // the mean of the logits of an image and of its mirror image
  std::string device = "auto";
};

struct EvaluateOptions {
  ModelUse use;
  std::string title;           // of the model, for the document
  std::filesystem::path data;  // folder with SPLIT/CLASS/*, or CLASS/* alone
  std::string split = "val";   // train | val
};

struct PredictOptions {
  ModelUse use;
  std::vector<std::filesystem::path> inputs;  // files, and folders whose images are taken
  int top = 1;                                // classes a file, most probable first; all when there are fewer
};

struct ClassProbability {
  std::string label;
  double probability = 0;  // softmax of the logits
};

struct Prediction {
  std::string file;                   // as it was given, or below the folder that was
  std::string problem;                // why it can't be read; then `top` is empty
  std::vector<ClassProbability> top;  // at least one
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
  /// Returns {"schema": "amltrain.evaluation/1", ...}. Throws Error{bad_input} when the data's classes are
  /// not the model's labels, or naming an image that can't be read.
  virtual json evaluate(const EvaluateOptions& options, const Say& say) = 0;
  /// Calls `each` for every file in order, as soon as its batch is computed, also for the unreadable ones.
  /// Throws Error{bad_input} for a folder without images.
  virtual void predict(const PredictOptions& options, const std::function<void(const Prediction&)>& each) = 0;
  /// Devices and instruction sets as torch sees them, and its version.
  virtual json describe() = 0;
};

/// Opens the engine once a process. Throws Error{environment} when the library can't be loaded, or was built
/// with another version of this header: its structs would be read as what they are not.
Engine& open_engine();

}  // namespace amltrain::engine

/// The exported symbol of the shared library. Returns nullptr when `interface` is not the SHA-256 of this
/// header that the library was built with.
extern "C" amltrain::engine::Engine* amltrain_engine_instance(const char* interface);
