// Memory by which a process shows the one that started it that it is at work.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "support/files.hpp"
#include "support/process.hpp"

namespace amltrain {

class LifeSign {
 public:
  /// In the one that starts it. Throws Error{environment} where there is no memory for it.
  static LifeSign make();
  /// In the one that was started with it; absent when it was started without.
  static std::optional<LifeSign> of_this_process();

  LifeSign(LifeSign&& other) noexcept;
  LifeSign& operator=(LifeSign&&) = delete;
  ~LifeSign();

  /// `command` is started with it.
  void give_to(Command& command) const;

  /// It is at work, and may be silent for so long from now on; 0: for ever.
  void show(std::chrono::milliseconds patience) const;

  std::uint64_t shown() const;
  std::chrono::milliseconds patience() const;

 private:
  struct Page;
  explicit LifeSign(Fd file);

  Fd file_;
  Page* page_;
};

}  // namespace amltrain
