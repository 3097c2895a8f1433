// Every field of a job file (Azure ML's public `commandJob` schema, CLI v2) and what becomes of it on one's
// own machines. Jobs are read by this table, and `amltrain job explain` tells it: the two can't disagree.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "job/definition.hpp"
#include "job/source_field.hpp"

namespace amltrain {

enum class Standing {
  honoured,    // acts as in Azure ML
  mapped,      // acts in the way of one's own machines
  no_meaning,  // accepted, and nothing acts on it
  refused      // a job that asks for it can't be run here
};
const char* name_of(Standing standing);  // "honoured", "mapped", "no_meaning", "refused"

/// Puts a field into the job. `name` is what `*` stands for in the path of its row. Throws Error{bad_input}
/// by field.fail() for a value that it can't have.
using TakeField = void (*)(JobDefinition& job, const std::string& name, const SourceField& field);

struct SchemaRow {
  std::string_view path;   // "inputs.*.path": `*` is a name of the user's
  std::string_view value;  // the row is about this value; empty: about any that has no row of its own
  Standing standing;
  std::string_view here;  // what becomes of it, in words
  TakeField take = nullptr;
};

/// In the order of the documentation. The value of a field all of whose rows name one must be one of these.
std::span<const SchemaRow> job_schema();

/// The rows of exactly that path.
std::vector<SchemaRow> schema_rows(std::string_view path);
/// The last part of each path one level below `path`, without `*`; "" is the top.
std::vector<std::string> schema_members(std::string_view path);
/// True when there are paths below it.
bool has_schema_members(std::string_view path);

}  // namespace amltrain
