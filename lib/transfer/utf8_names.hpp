// libarchive converts names to and from the thread's locale; in "C", where every program starts, none but
// ASCII survives.
#pragma once

#include <locale.h>

#include "support/error.hpp"

namespace amltrain {

class Utf8Names {
 public:
  Utf8Names() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (locale_ == nullptr) throw_errno("the system has no locale C.UTF-8");
    before_ = uselocale(locale_);
  }
  ~Utf8Names() {
    uselocale(before_);
    freelocale(locale_);
  }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;

 private:
  locale_t locale_, before_;
};

}  // namespace amltrain
