#include "job/source_field.hpp"

#include <algorithm>

#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {

std::string SourceField::text() const {
  if (!value_->is_primitive() || value_->is_null()) fail("needs a value that is text or a number");
  const auto place = document_->places.find(pointer_);
  if (place != document_->places.end()) return place->second.text;
  return value_->is_string() ? value_->get<std::string>() : recorded_text(*value_);
}

long SourceField::integer() const {
  if (!value_->is_number_integer()) fail("needs a whole number");
  return value_->get<long>();
}

void SourceField::for_each(const std::function<void(const std::string&, const SourceField&)>& visit) const {
  if (value_->is_null()) return;
  if (!value_->is_object()) fail("needs names with values");
  for (const auto& [name, member] : value_->items()) {
    const std::string pointer = pointer_ + pointer_step(name);
    visit(name, SourceField(*document_, member, path_.empty() ? name : path_ + "." + name, pointer));
  }
}

int SourceField::line() const {
  const auto place = document_->places.find(pointer_);
  return place == document_->places.end() ? 0 : std::max(place->second.line, 0);
}

std::string SourceField::where() const {
  const auto place = document_->places.find(pointer_);
  if (place == document_->places.end() || place->second.line == SourceDocument::kNoLine)
    return document_->origin;
  return document_->origin +
         (place->second.line > 0 ? ":" + std::to_string(place->second.line) : " with --set");
}

void SourceField::fail(const std::string& problem, const std::string& hint) const {
  throw Error(category::bad_input, where() + ": " + title() + " " + problem, hint);
}

void SourceField::fail_unknown(const std::vector<std::string>& known) const {
  const std::string name = path_.substr(path_.rfind('.') + 1);  // of npos + 1 is 0
  const auto near = closest(name, known);
  fail("is no field of a command job",
       near ? "did you mean '" + *near + "'?" : "known here: " + join(known, ", "));
}

}  // namespace amltrain
