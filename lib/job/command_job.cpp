#include "job/command_job.hpp"

#include <algorithm>

#include "job/secret_variables.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

constexpr const char* kNoNul = "no command, path or variable can hold one: leave \\0 out";

bool has_nul(const std::string& text) { return text.find('\0') != std::string::npos; }

/// C ends a text there: the shell would run the part before it.
void refuse_nul(const SourceField& field) {
  const json& value = field.value();
  if (value.is_object())
    return field.for_each([&field](const std::string& name, const SourceField& member) {
      if (has_nul(name)) field.fail("has a name that holds a NUL", kNoNul);
      refuse_nul(member);
    });
  const auto holds_nul = [](const json& text) { return text.is_string() && has_nul(text); };
  if (holds_nul(value) || (value.is_array() && std::any_of(value.begin(), value.end(), holds_nul)))
    field.fail("holds a NUL", kNoNul);
}

class Reader {
 public:
  explicit Reader(const SourceDocument& document) : root_(document) {}

  CommandJobReading read() && {
    guarded(root_, [&] {
      if (!root_.value().is_object()) root_.fail("is no job", "begin with: command: ...");
      visit_members(root_, "", "");
      require_whole();
    });
    return std::move(read_);
  }

 private:
  void visit_members(const SourceField& map, const std::string& pattern, const std::string& name) {
    map.for_each([&](const std::string& member_name, const SourceField& member) {
      guarded(member, [&] {
        if (has_nul(member_name)) map.fail("has a name that holds a NUL", kNoNul);
        const auto [below, named] = pattern_of(pattern, member_name);
        if (below.empty()) member.fail_unknown(schema_members(pattern));
        visit(member, below, named ? member_name : name);
      });
    });
  }

  struct Pattern {
    std::string path;  // empty: there is no such field
    bool named;        // it ends with `*`
  };
  static Pattern pattern_of(const std::string& pattern, const std::string& member) {
    const std::string prefix = pattern.empty() ? "" : pattern + ".";
    const auto known = [](const std::string& path) {
      return !schema_rows(path).empty() || has_schema_members(path);
    };
    const bool can_be_field = !member.empty() && member.find_first_of(".*") == std::string::npos;
    if (can_be_field && known(prefix + member)) return {prefix + member, false};
    if (known(prefix + "*")) return {prefix + "*", true};
    return {"", false};
  }

  void visit(const SourceField& field, const std::string& pattern, const std::string& name) {
    const std::vector<SchemaRow> rows = schema_rows(pattern);
    if (has_schema_members(pattern) && (field.value().is_object() || rows.empty())) {
      if (!rows.empty() && rows.front().take != nullptr) rows.front().take(read_.job, name, field);
      return visit_members(field, pattern, name);
    }
    refuse_nul(field);
    const SchemaRow& row = row_for(rows, field);
    if (row.standing == Standing::refused)
      field.fail("is '" + std::string(row.value) + "', which is not honoured here", std::string(row.here));
    if (row.take != nullptr) row.take(read_.job, name, field);
    account(field, row.standing, std::string(row.here));
  }

  static const SchemaRow& row_for(const std::vector<SchemaRow>& rows, const SourceField& field) {
    const bool by_value =
        std::any_of(rows.begin(), rows.end(), [](const auto& row) { return !row.value.empty(); });
    const auto any =
        std::find_if(rows.begin(), rows.end(), [](const auto& row) { return row.value.empty(); });
    if (!by_value || (any != rows.end() && field.value().is_null())) return *any;
    const std::string value = field.text();
    std::vector<std::string> known;
    for (const SchemaRow& row : rows) {
      if (row.value == value) return row;
      if (row.standing != Standing::refused) known.emplace_back(row.value);
    }
    if (any != rows.end()) return *any;
    const auto near = closest(value, known);
    field.fail("is '" + value + "', which is not honoured here",
               near ? "did you mean '" + *near + "'?" : "honoured here: " + join(known, ", "));
  }

  /// What no field says alone.
  void require_whole() {
    const json& document = root_.value();
    if (!document.contains("command")) root_.fail("has no command", "add: command: ...");
    const auto distribution = document.find("distribution");
    if (distribution != document.end() && distribution->is_object() &&
        distribution->value("type", json()) == "mpi" && !distribution->contains("process_count_per_instance"))
      root_.fail("has distribution.type mpi without process_count_per_instance",
                 "add process_count_per_instance: 1 under distribution");
    visit_inputs([&](const SourceField& input) {
      if (input.value().is_object() && !input.value().contains("path")) input.fail("has no path");
    });
  }

  template <typename Visit>
  void visit_inputs(const Visit& visit) {
    root_.for_each([&](const std::string& name, const SourceField& inputs) {
      if (name != "inputs" || !inputs.value().is_object()) return;
      inputs.for_each(
          [&](const std::string&, const SourceField& input) { guarded(input, [&] { visit(input); }); });
    });
  }

  template <typename Act>
  void guarded(const SourceField& field, const Act& act) {
    try {
      act();
    } catch (const Error& problem) {
      if (problem.kind() != category::bad_input) throw;
      const std::string said = problem.what(), begin = field.where() + ": " + field.title() + " ";
      account(field, Standing::refused, said.starts_with(begin) ? said.substr(begin.size()) : said,
              problem.hint());
      read_.faults.push_back(problem);
    }
  }

  /// What is shown is kept in terminals and logs of CI jobs.
  static json shown_value(const SourceField& field) {
    json value = field.value();
    if (value.is_string() && is_secret_variable("", value.get<std::string>())) return std::string(kNotKept);
    if (!value.is_object()) return value;
    for (auto& [name, member] : value.items()) {
      const std::string text = member.is_string() ? member.get<std::string>() : recorded_text(member);
      if (is_secret_variable(name, text)) member = std::string(kNotKept);
    }
    return value;
  }

  void account(const SourceField& field, Standing standing, std::string here, std::string hint = "") {
    read_.fields.push_back(
        {field.path(), field.line(), shown_value(field), standing, std::move(here), std::move(hint)});
  }

  const SourceField root_;
  CommandJobReading read_;
};

}  // namespace

CommandJobReading read_command_job(const SourceDocument& document) { return Reader(document).read(); }

JobDefinition command_job(const SourceDocument& document) {
  CommandJobReading read = read_command_job(document);
  if (!read.faults.empty()) throw Error(read.faults.front());
  return std::move(read.job);
}

}  // namespace amltrain
