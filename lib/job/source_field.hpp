// One value of a SourceDocument on its way into a struct; knows how to complain about itself.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "job/source_document.hpp"

namespace amltrain {

class SourceField {
 public:
  explicit SourceField(const SourceDocument& document) : SourceField(document, document.tree, "", "") {}

  const json& value() const { return *value_; }
  const std::string& path() const { return path_; }  // "inputs.data.path"; empty for the document
  const std::filesystem::path& folder() const { return document_->folder; }     // that paths are seen from
  std::string title() const { return path_.empty() ? "the document" : path_; }  // in messages

  /// A scalar as it was written. Throws for null, maps and lists.
  std::string text() const;
  long integer() const;

  /// Members of a map in their order; a null has none. Throws for anything else.
  void for_each(const std::function<void(const std::string& name, const SourceField& member)>& visit) const;

  int line() const;           // in the file, from 1; 0: not known
  std::string where() const;  // "FILE:LINE", or FILE and that the value was given with --set

  /// Throws Error{bad_input}: "FILE:LINE: PATH PROBLEM".
  [[noreturn]] void fail(const std::string& problem, const std::string& hint = "") const;
  /// For a member whose name none of `known` is.
  [[noreturn]] void fail_unknown(const std::vector<std::string>& known) const;

 private:
  SourceField(const SourceDocument& document, const json& value, std::string path, std::string pointer)
      : document_(&document), value_(&value), path_(std::move(path)), pointer_(std::move(pointer)) {}

  const SourceDocument* document_;
  const json* value_;
  std::string path_, pointer_;
};

}  // namespace amltrain
