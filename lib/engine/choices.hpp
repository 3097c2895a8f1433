// Options that are one of a few words: the words, in the order of the enumerators. No torch.
#pragma once

#include <string>
#include <vector>

#include "engine/api.hpp"

namespace amltrain::engine {

inline std::vector<std::string> words_of(OptimizerKind) { return {"sgd", "adamw"}; }
inline std::vector<std::string> words_of(SchedulerKind) { return {"step", "cosine", "constant"}; }
inline std::vector<std::string> words_of(Augmentation) { return {"tutorial", "none"}; }
inline std::vector<std::string> words_of(OnDivergence) { return {"off", "stop", "rollback"}; }
inline std::vector<std::string> words_of(LrScaling) { return {"none", "linear"}; }
inline std::vector<std::string> words_of(GradDtype) { return {"fp32", "bf16"}; }
inline std::vector<std::string> words_of(BestMetric) { return {"val_acc", "val_loss", "last"}; }

template <typename Choice>
std::string word_of(Choice choice) {
  return words_of(choice).at(static_cast<std::size_t>(choice));
}

/// `choice` becomes what `word` says, and stays as it is when that is none of its words.
template <typename Choice>
void set_by_word(Choice& choice, const std::string& word) {
  const std::vector<std::string> words = words_of(choice);
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == word) choice = static_cast<Choice>(i);
}

}  // namespace amltrain::engine
