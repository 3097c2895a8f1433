// Archives of data and models: nothing of theirs may appear outside of the folder.
#include <cstdlib>

#include "input.hpp"
#include "transfer/extract.hpp"

namespace fs = std::filesystem;

namespace {

/// OUTER/inside, of which the archive may fill the inner one alone; on a file system in memory.
class Folders {
 public:
  Folders() {
    std::string name = "/dev/shm/amltrain-fuzz-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) amltrain::throw_errno("can't make a folder");
    outer_ = name;
  }
  ~Folders() { fs::remove_all(outer_); }
  Folders(const Folders&) = delete;
  Folders& operator=(const Folders&) = delete;

  fs::path fresh_inner() const {
    fs::remove_all(outer_ / "inside");
    fs::create_directory(outer_ / "inside");
    return outer_ / "inside";
  }
  bool holds_only_inner() const {
    const auto count = std::distance(fs::directory_iterator(outer_), fs::directory_iterator());
    return count == 1 && fs::is_directory(outer_ / "inside");
  }

 private:
  fs::path outer_;
};

}  // namespace

void fuzz(amltrain::fuzz::Input input) {
  using namespace amltrain;
  static const Folders folders;
  const fuzz::InputFile archive(input.bytes());
  const fs::path inner = folders.fresh_inner();
  const ExtractLimits limits{.bytes = 1 << 20, .entries = 200, .ratio = 200};
  fuzz::accepts([&] { extract(archive.path(), inner, limits); });
  fuzz::require(folders.holds_only_inner(), "an archive writes below its folder alone");
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(inner)) {
    fuzz::require(!entry.is_symlink() && (entry.is_directory() || entry.is_regular_file()),
                  "an archive gives files and folders alone");
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  fuzz::require(bytes <= limits.bytes, "an archive keeps to its limits");
}
