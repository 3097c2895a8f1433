#include "history/run_notes.hpp"

#include "history/run_store.hpp"
#include "support/error.hpp"
#include "support/sealed.hpp"

namespace amltrain {
namespace {

constexpr const char* kSchema = "amltrain.run-notes/1";
constexpr std::chrono::seconds kPatience{30};

json to_document(const RunNotes& notes, const RunId& id) {
  json tags = json::object(), list = json::array();
  for (const auto& [key, value] : notes.tags) tags[key] = value ? json(*value) : json(nullptr);
  for (const Note& note : notes.notes) list.push_back({{"time", to_iso8601(note.time)}, {"text", note.text}});
  return {{"schema", kSchema},
          {"run", id},
          {"tags", std::move(tags)},
          {"notes", std::move(list)},
          {"archived", notes.archived}};
}

RunNotes parse_notes(const json& in) {
  RunNotes notes;
  const json tags = field<json>(in, "tags");
  for (const auto& [key, value] : tags.items())
    notes.tags[key] = optional_field<std::string>(tags, key.c_str());
  for (const json& note : field<json>(in, "notes"))
    notes.notes.push_back(
        {parse_iso8601(field<std::string>(note, "time")), field<std::string>(note, "text")});
  notes.archived = field<bool>(in, "archived");
  return notes;
}

}  // namespace

std::map<std::string, std::string> RunNotes::apply(std::map<std::string, std::string> tags_before) const {
  for (const auto& [key, value] : tags) {
    if (value)
      tags_before[key] = *value;
    else
      tags_before.erase(key);
  }
  return tags_before;
}

RunNotes read_notes(const RunPaths& paths) {
  json document;
  try {
    document = read_document(paths.notes(), kSchema);
  } catch (const Error& problem) {
    if (problem.kind() == category::not_found) return {};
    throw;
  }
  if (field<std::string>(document, "run") != paths.id())
    throw Error(category::bad_input,
                paths.notes().string() + " is of run " + field<std::string>(document, "run"));
  return parse_notes(document);
}

RunNotes change_notes(const RunPaths& paths, const std::function<void(RunNotes&)>& change) {
  const FileLock lock = FileLock::acquire(paths.notes_lock(), kPatience);
  RunNotes notes = read_notes(paths);
  change(notes);
  publish_file(paths.notes(), sealed_text(to_document(notes, paths.id())));
  return notes;
}

}  // namespace amltrain
