#include "selftest/configurations.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

/// Three epochs of a few steps on tiny images; what comes again in `more` counts.
std::vector<std::string> words(const std::string& more) {
  std::istringstream text(
      "--arch resnet18 --num-epochs 3 --batch-size 4 --workers 1 --threads 1 --image-size 33 --resize-size "
      "36 "
      "--learning-rate 0.005 --log-every 1 --lr-step 1 --precision fp32 " +
      more);
  std::vector<std::string> list;
  for (std::string word; text >> word;) list.push_back(word);
  return list;
}

Configuration sound(const std::string& name, const std::string& more) { return {name, words(more), false}; }
Configuration damaged(const std::string& name, const std::string& more) { return {name, words(more), true}; }

}  // namespace

std::vector<Configuration> all_configurations() {
  return {
      sound("fp32", "--checkpoint-every 3"),
      sound("bf16", "--precision bf16 --checkpoint-every 2"),
      sound("frozen", "--freeze backbone --checkpoint-every 1"),
      damaged("damaged-files", "--skip-unreadable --batch-size 3 --checkpoint-every 1"),
      sound("adamw-ema",
            "--optimizer adamw --weight-decay 0.01 --learning-rate 0.001 --ema 0.9 --checkpoint-every 2"),
      sound("uneven", "--batch-size 5 --workers 3 --checkpoint-every 1"),
      sound("epochs-only", "--log-every 2"),
      sound("one-thread", "--batch-size 3 --workers 0 --checkpoint-every 2"),
      sound("no-momentum", "--momentum 0 --checkpoint-every 4"),
      sound(
          "adamw-bf16",
          "--optimizer adamw --precision bf16 --learning-rate 0.001 --scheduler cosine --checkpoint-every 1"),
      sound("cosine", "--scheduler cosine --warmup-epochs 0.5 --clip-grad-norm 1 --checkpoint-every 2"),
      sound("ema-bf16", "--ema 0.8 --precision bf16 --best-metric last --checkpoint-every 1"),
      sound("mixup", "--mixup 0.4 --label-smoothing 0.1 --checkpoint-every 2"),
      sound("smoothing-bf16",
            "--label-smoothing 0.2 --precision bf16 --best-metric val_loss --checkpoint-every 5"),
      sound("accumulated", "--batch-size 2 --grad-accum 2 --checkpoint-every 1"),
      damaged("accumulated-damaged",
              "--skip-unreadable --batch-size 1 --grad-accum 3 --optimizer adamw --learning-rate 0.001 "
              "--checkpoint-every 1"),
      sound("unfrozen-late", "--unfreeze-epoch 1 --backbone-lr-scale 0.1 --checkpoint-every 2"),
      sound("decay", "--weight-decay 0.05 --scheduler constant --batch-size 8 --checkpoint-every 1"),
      sound("early-stop", "--early-stop 1 --best-metric val_loss --checkpoint-every 3"),
      sound("uncached", "--cache-memory 0 --workers 2 --decode scaled --checkpoint-every 2"),
      sound("watched", "--on-divergence stop --grad-accum 2 --checkpoint-every 2 --log-every 3"),
      sound("kept-features", "--freeze backbone --frozen-norm --cache-features 2 --checkpoint-every 1"),
      sound("fast", "--recipe fast --image-size 48 --resize-size 56 --checkpoint-every 1"),
      sound("resnet34", "--arch resnet34 --precision bf16 --checkpoint-every 2"),
      sound("resnet50",
            "--arch resnet50 --freeze backbone --image-size 40 --resize-size 44 --checkpoint-every 3"),
      sound("all",
            "--optimizer adamw --learning-rate 0.001 --scheduler cosine --warmup-epochs 1 --mixup 0.2 "
            "--label-smoothing 0.1 --ema 0.9 --grad-accum 2 --batch-size 2 --clip-grad-norm 2 "
            "--precision bf16 --weight-decay 0.01 --workers 2 --checkpoint-every 1"),
  };
}

std::vector<Configuration> choose_configurations(const std::string& chosen) {
  std::vector<Configuration> all = all_configurations();
  if (chosen.empty()) return all;
  std::size_t count = 0;
  const auto [end, problem] = std::from_chars(chosen.data(), chosen.data() + chosen.size(), count);
  if (problem == std::errc{} && end == chosen.data() + chosen.size() && count >= 1 && count <= all.size()) {
    all.resize(count);
    return all;
  }
  std::vector<Configuration> found;
  std::istringstream names(chosen);
  for (std::string name; std::getline(names, name, ',');) {
    const auto one = std::ranges::find(all, name, &Configuration::name);
    if (one != all.end()) {
      found.push_back(*one);
      continue;
    }
    std::vector<std::string> known;
    for (const Configuration& configuration : all) known.push_back(configuration.name);
    throw Error(category::bad_input, "no configuration '" + name + "'",
                "give a number from 1 to " + std::to_string(all.size()) + ", or of " + join(known, ", "));
  }
  return found;
}

}  // namespace amltrain
