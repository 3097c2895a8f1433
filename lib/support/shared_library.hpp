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
  /// `soname` as the loader looks for it, `package` as Debian names what it is in. A library that is not
  /// there has no functions; one that is stays to the end of the process, since threads of its own may be in
  /// it.
  SharedLibrary(const char* soname, const char* package)
      : soname_(soname), package_(package), handle_(dlopen(soname, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)) {
    if (handle_ == nullptr) problem_ = dlerror();
  }

  /// True when the library has the function.
  template <typename Function>
  bool find(Function*& function, const char* name) const {
    function = handle_ != nullptr ? reinterpret_cast<Function*>(dlsym(handle_.get(), name)) : nullptr;
    return function != nullptr;
  }
  /// Throws environment, with the loader's own words and the package, where find() says false.
  template <typename Function>
  void require(Function*& function, const char* name) const {
    if (find(function, name)) return;
    throw Error(category::environment, problem_.empty() ? soname_ + " lacks " + name : problem_,
                "install it again (Debian: " + package_ + ")");
  }

 private:
  struct Close {
    void operator()(void* handle) const { dlclose(handle); }
  };
  std::string soname_, package_;
  std::unique_ptr<void, Close> handle_;
  std::string problem_;
};

}  // namespace amltrain
