// A library that is opened while the program runs: one that not every machine has, or that takes longer to
// load than most commands take to run.
#pragma once

#include <dlfcn.h>

#include <memory>
#include <string>

#include "support/error.hpp"

namespace amltrain {

class SharedLibrary {
 public:
  /// `soname` as the loader looks for it. A library that is not there has no functions.
  explicit SharedLibrary(const char* soname) : handle_(dlopen(soname, RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) problem_ = dlerror();
  }

  /// True when the library has the function.
  template <typename Function>
  bool find(Function*& function, const char* name) const {
    function = handle_ != nullptr ? reinterpret_cast<Function*>(dlsym(handle_.get(), name)) : nullptr;
    return function != nullptr;
  }
  /// Throws environment, with the loader's own words, where find() says false.
  template <typename Function>
  void require(Function*& function, const char* name) const {
    if (find(function, name)) return;
    const std::string& why = problem_;
    throw Error(category::environment, why.empty() ? std::string("a library lacks ") + name : why,
                "install what scripts/bootstrap names");
  }

 private:
  struct Close {
    void operator()(void* handle) const { dlclose(handle); }
  };
  std::unique_ptr<void, Close> handle_;
  std::string problem_;
};

}  // namespace amltrain
