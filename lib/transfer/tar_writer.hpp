// A tar archive of plain files (POSIX pax), written as it is made.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "support/file_set.hpp"
#include "support/files.hpp"

namespace amltrain {

class TarWriter {
 public:
  /// What it writes to must outlive it.
  explicit TarWriter(AtomicFile& target);
  ~TarWriter();
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;

  /// Streams the file `path` below the open folder `root` into the entry `name`, and says what went in.
  /// Throws Error{conflict} when it changes size meanwhile, Error{bad_input} for a name that extract() would
  /// refuse.
  HashedFile add(int root, const std::filesystem::path& path, const std::string& name);
  HashedFile add_text(std::string_view text, const std::string& name);
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace amltrain
