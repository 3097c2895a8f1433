// The built-in trainer as a job: `amltrain train ...`.
#include <algorithm>
#include <charconv>

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

constexpr const char* kBatchSize = "--batch-size";
constexpr const char* kGlobalBatchSize = "--global-batch-size";

/// So that the one that comes later takes the other's place.
bool says_the_same(const std::string& option, const std::string& other) {
  const auto is_batch_size = [](const std::string& name) {
    return name == kBatchSize || name == kGlobalBatchSize;
  };
  return option == other || (is_batch_size(option) && is_batch_size(other));
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
                       [&](const Option& option) { return says_the_same(option.name, old.name); });
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

int batch_size_of(std::int64_t images, std::int64_t batches) {
  constexpr std::int64_t kLargest = 65536;  // as of --batch-size
  if (images % batches != 0)
    throw Error(category::bad_input,
                "--global-batch-size " + std::to_string(images) + " is not the " + std::to_string(batches) +
                    " batches of a step of equal size",
                "take a multiple of " + std::to_string(batches) + ", which is processes times --grad-accum");
  if (images / batches > kLargest)
    throw Error(category::bad_input,
                "--global-batch-size " + std::to_string(images) + " is more than " +
                    std::to_string(kLargest) + " images a batch",
                "take less, or more batches a step: --grad-accum");
  return static_cast<int>(images / batches);
}

namespace {

int number_of_option(const std::vector<std::string>& words, const char* name, int otherwise) {
  const std::string text = value_of_option(words, name);
  if (text.empty()) return otherwise;
  int number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size() || number < 1)
    throw Error(category::bad_input,
                std::string(name) + " '" + text +
                    "' is no number, and --global-batch-size needs it when the job is submitted",
                "give --batch-size instead");
  return number;
}

}  // namespace

void settle_batch_size(JobDefinition& job) {
  const auto words = trainer_arguments(job);
  if (!words || value_of_option(*words, kGlobalBatchSize).empty()) return;
  const std::int64_t batches =
      std::int64_t{job.nodes} * job.procs_per_node * number_of_option(*words, "--grad-accum", 1);
  const int size = batch_size_of(number_of_option(*words, kGlobalBatchSize, 0), batches);
  std::vector<Option> options = as_options(*words);
  std::erase_if(options, [](const Option& option) { return says_the_same(option.name, kBatchSize); });
  options.push_back({kBatchSize, {kBatchSize, std::to_string(size)}});
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
