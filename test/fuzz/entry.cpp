// libFuzzer's entry, and without libFuzzer a main that replays files and folders of inputs.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "input.hpp"

namespace amltrain::fuzz {

InputFile::InputFile(std::span<const std::byte> bytes) : fd_(memfd_create("input", MFD_CLOEXEC)) {
  if (fd_.get() < 0) throw_errno("can't make a file in memory");
  path_ = "/proc/self/fd/" + std::to_string(fd_.get());
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t count = pwrite(fd_.get(), bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
    if (count <= 0) throw_errno("can't fill a file in memory");
    at += static_cast<std::size_t>(count);
  }
}

void require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", property);
  std::abort();
}

}  // namespace amltrain::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz({data, size});
  return 0;
}

#ifndef AMLTRAIN_FUZZ
int main(int argc, char** argv) {
  std::size_t replayed = 0;
  const auto replay = [&](const std::filesystem::path& file) {
    const std::string bytes = amltrain::read_file(file);
    std::fprintf(stderr, "%s\n", file.c_str());  // the last one is the one that ended the process
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    ++replayed;
  };
  LLVMFuzzerTestOneInput(nullptr, 0);
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) {
      replay(argv[i]);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) replay(entry.path());
  }
  std::printf("%zu inputs\n", replayed);
  return replayed == 0;
}
#endif
