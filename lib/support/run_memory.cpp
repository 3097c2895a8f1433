#include "support/run_memory.hpp"

#include <sys/mman.h>

#include <filesystem>
#include <vector>

#include "support/hash.hpp"

namespace amltrain {
namespace {

std::string name_of_run(const std::string& mark) {
  return "amltrain-" + sha256_of("memory of run " + mark).substr(0, 16) + "-";
}

}  // namespace

std::string run_memory_name(const std::string& mark, const std::string& secret, int node) {
  return "/" + name_of_run(mark) + sha256_of("memory of " + secret).substr(0, 32) + "-" +
         std::to_string(node);
}

void forget_run_memory(const std::string& mark) {
  const std::string begin = name_of_run(mark);
  std::vector<std::string> names;
  std::error_code absent;
  for (std::filesystem::directory_iterator entry("/dev/shm", absent), end; !absent && entry != end;
       entry.increment(absent))
    if (const std::string name = entry->path().filename(); name.starts_with(begin)) names.push_back(name);
  for (const std::string& name : names) shm_unlink(("/" + name).c_str());
}

}  // namespace amltrain
