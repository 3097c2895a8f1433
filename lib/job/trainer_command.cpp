// The built-in trainer as a job: `amltrain train ...`.
#include <algorithm>

#include "job/definition.hpp"
#include "job/placeholders.hpp"
#include "support/error.hpp"

namespace amltrain {
namespace {

const std::vector<std::string> kProgram{"amltrain", "train"};
constexpr const char* kDataPlaceholder = "${{inputs.data}}";

/// "--name" or "-n"; a negative number is none.
bool is_option(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && !(word[1] >= '0' && word[1] <= '9') && word[1] != '.';
}

/// An option with what belongs to it: {"--lr-step", "7"}, {"--lr-step=7"}, {"--skip-unreadable"}.
struct Option {
  std::string name;
  std::vector<std::string> words;

  std::string value() const {
    if (words.size() > 1) return words[1];
    return words[0].size() > name.size() ? words[0].substr(name.size() + 1) : "";
  }
};

/// Every option of the trainer takes one value or none, so the words after an option are its own.
std::vector<Option> as_options(const std::vector<std::string>& words) {
  std::vector<Option> options;
  for (const std::string& word : words) {
    if (is_option(word))
      options.push_back({word.substr(0, word.find('=')), {word}});
    else if (options.empty())
      options.push_back({"", {word}});
    else
      options.back().words.push_back(word);
  }
  return options;
}

void set_command(JobDefinition& job, const std::vector<Option>& options) {
  std::vector<std::string> words = kProgram;
  for (const Option& option : options) words.insert(words.end(), option.words.begin(), option.words.end());
  job.command = join_with_placeholders(words);
}

}  // namespace

std::optional<std::vector<std::string>> trainer_arguments(const JobDefinition& job) {
  auto words = split_with_placeholders(job.command);
  if (!words || words->size() < 2 || !std::equal(kProgram.begin(), kProgram.end(), words->begin()))
    return std::nullopt;
  words->erase(words->begin(), words->begin() + 2);
  return words;
}

std::string value_of_option(const std::vector<std::string>& words, const std::string& option) {
  std::string value;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == option && i + 1 < words.size()) value = words[i + 1];
    if (words[i].starts_with(option + "=")) value = words[i].substr(option.size() + 1);
  }
  return value;
}

void add_trainer_arguments(JobDefinition& job, const std::vector<std::string>& arguments) {
  const auto before = trainer_arguments(job);
  if (!before)
    throw Error(category::bad_input,
                "trainer options were given for a job whose command is not the built-in trainer",
                "its command is: " + job.command);
  const std::vector<Option> added = as_options(arguments);
  std::vector<Option> options = as_options(*before);
  std::erase_if(options, [&](const Option& old) {
    return std::any_of(added.begin(), added.end(),
                       [&](const Option& option) { return option.name == old.name; });
  });
  for (const Option& option : added) {
    if (option.name != "--data") {
      options.push_back(option);
      continue;
    }
    job.inputs["data"] = {"uri_folder", option.value()};
    options.insert(options.begin(), {"--data", {"--data", kDataPlaceholder}});
  }
  set_command(job, options);
}

JobDefinition trainer_job(const std::vector<std::string>& arguments, const std::string& data) {
  JobDefinition job;
  job.inputs["data"] = {"uri_folder", data};
  job.command = join_with_placeholders({"amltrain", "train", "--data", kDataPlaceholder});
  add_trainer_arguments(job, arguments);
  return job;
}

}  // namespace amltrain
