#include <dlfcn.h>

#include <cstdlib>

#include "engine/api.hpp"
#include "support/error.hpp"
#include "support/process.hpp"

namespace amltrain::engine {
namespace {

using Instance = Engine* (*)(const char* interface);

Engine& load() {
  const std::filesystem::path library = installed_path("lib/libamltrain_engine.so");
  // OpenMP reads this when it is loaded. Threads that spin at a barrier starve the thread they wait for as
  // soon as anything else runs (loader threads, another job): 3 to 10 times slower on a busy machine.
  setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
  void* const handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const symbol = handle ? dlsym(handle, "amltrain_engine_instance") : nullptr;
  if (symbol == nullptr) {
    const char* const reason = dlerror();
    throw Error(category::environment,
                std::string("the engine can't be loaded: ") + (reason ? reason : library.c_str()),
                "build with scripts/bootstrap and cmake --build, or install the whole folder again");
  }
  Engine* const engine = reinterpret_cast<Instance>(symbol)(AMLTRAIN_ENGINE_INTERFACE);
  if (engine == nullptr)
    throw Error(category::environment, library.string() + " is of another build than this amltrain",
                "build all of it, or install the whole folder again");
  return *engine;
}

}  // namespace

Engine& open_engine() {
  static Engine& engine = load();  // never closed: torch's threads live as long as the process
  return engine;
}

}  // namespace amltrain::engine
