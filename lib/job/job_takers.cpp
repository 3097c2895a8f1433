#include "job/job_takers.hpp"

#include "job/job_paths.hpp"
#include "support/clock.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

constexpr long kMostRestarts = 1000;

std::chrono::seconds duration_of(const SourceField& field) {
  std::chrono::seconds duration{0};
  try {
    duration = parse_duration(field.text());
  } catch (const Error& problem) {
    field.fail(problem.what(), problem.hint());
  }
  if (duration.count() < 1) field.fail("must be at least one second");
  return duration;
}

int count_of(const SourceField& field) {
  const long count = field.integer();
  if (count < 1 || count > kMostSlots)
    field.fail("is " + field.text(), "write a whole number from 1 to " + std::to_string(kMostSlots));
  return static_cast<int>(count);
}

}  // namespace

void require_name_in(const SourceField& field, const std::string& name) try {
  require_name("", name);
} catch (const Error& problem) {
  field.fail("is '" + name + "', which cannot be used", problem.hint());
}

void take_word(JobDefinition&, const std::string&, const SourceField&) {}

void take_compute(JobDefinition& job, const std::string&, const SourceField& field) {
  job.compute = field.text();
  if (is_data_reference(job.compute)) job.compute.erase(0, std::string_view("azureml:").size());
  require_name_in(field, job.compute);
}

void take_command(JobDefinition& job, const std::string&, const SourceField& field) {
  const std::string text = field.text();
  const std::size_t last = text.find_last_not_of(" \t\r\n");  // a folded string ends with a newline
  if (last == std::string::npos) field.fail("is empty");
  job.command = text.substr(0, last + 1);
}

void take_code(JobDefinition& job, const std::string&, const SourceField& field) {
  const std::string folder = field.text();
  if (folder.empty()) field.fail("is empty");
  if (is_data_reference(folder) || has_scheme(folder))
    field.fail("is '" + folder + "', which is not honoured by this version", "write the path of a folder");
  job.code = folder;
}

void take_variables(JobDefinition& job, const std::string& name, const SourceField& field) {
  field.for_each([](const std::string& variable, const SourceField& value) {
    if (variable.find('=') != std::string::npos) value.fail("is no name of a variable");
  });
  take_texts<&JobDefinition::environment_variables>(job, name, field);
}

void take_timeout(JobDefinition& job, const std::string&, const SourceField& field) {
  job.timeout = duration_of(field);
}

void take_queue_timeout(JobDefinition& job, const std::string&, const SourceField& field) {
  job.queue_timeout = duration_of(field);
}

void take_slots(JobDefinition& job, const std::string&, const SourceField& field) {
  job.slots = count_of(field);
}

void take_nodes(JobDefinition& job, const std::string&, const SourceField& field) {
  job.nodes = count_of(field);
}

void take_min_nodes(JobDefinition& job, const std::string&, const SourceField& field) {
  job.min_nodes = count_of(field);
}

void take_procs_per_node(JobDefinition& job, const std::string&, const SourceField& field) {
  job.procs_per_node = count_of(field);
}

void take_priority(JobDefinition& job, const std::string&, const SourceField& field) {
  const std::map<std::string, int> words{{"low", 25}, {"medium", kUsualPriority}, {"high", 75}};
  const auto word = words.find(field.text());
  if (word != words.end()) {
    job.priority = word->second;
    return;
  }
  const bool in_range = field.value().is_number_integer() && field.integer() >= kLeastPriority &&
                        field.integer() <= kHighestPriority;
  if (!in_range)
    field.fail("is '" + field.text() + "'", "write low, medium or high, or a whole number from 0 to 100");
  job.priority = static_cast<int>(field.integer());
}

void take_after(JobDefinition& job, const std::string&, const SourceField& field) {
  job.after.clear();
  const auto take = [&](const json& value) {
    if (!value.is_string()) field.fail("needs a run's id, or a list of them");
    try {
      job.after.push_back(parse_predecessor(value.get<std::string>()));
    } catch (const Error& problem) {
      field.fail(std::string("is wrong: ") + problem.what(), problem.hint());
    }
  };
  if (!field.value().is_array()) return take(field.value());
  for (const json& value : field.value()) take(value);
}

void take_max_restarts(JobDefinition& job, const std::string&, const SourceField& field) {
  const long count = field.integer();
  if (count < 0 || count > kMostRestarts)
    field.fail("is " + field.text(), "write a whole number from 0 to " + std::to_string(kMostRestarts));
  job.max_restarts = static_cast<int>(count);
}

void take_distribution(JobDefinition& job, const std::string&, const SourceField& field) {
  job.distribution = field.text();
}

}  // namespace amltrain
