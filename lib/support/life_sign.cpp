#include "support/life_sign.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "support/error.hpp"

namespace amltrain {
namespace {

constexpr const char* kVariable = "AMLTRAIN_LIFE_SIGN";  // the number of the open file
constexpr const char* kName = "amltrain-life-sign";

}  // namespace

struct LifeSign::Page {
  std::atomic<std::uint64_t> shown;
  std::atomic<std::uint32_t> patience_ms;
};

LifeSign::LifeSign(Fd file) : file_(std::move(file)), page_(nullptr) {
  void* const memory = mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
  if (memory == MAP_FAILED) throw_errno("cannot share memory");
  page_ = static_cast<Page*>(memory);
}

LifeSign::LifeSign(LifeSign&& other) noexcept
    : file_(std::move(other.file_)), page_(std::exchange(other.page_, nullptr)) {}

LifeSign::~LifeSign() {
  if (page_ != nullptr) munmap(page_, sizeof(Page));
}

LifeSign LifeSign::make() {
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
  Fd file(memfd_create(kName, MFD_CLOEXEC));
  if (!file || ftruncate(file.get(), sizeof(Page)) != 0) throw_errno("cannot share memory");
  return LifeSign(std::move(file));
}

std::optional<LifeSign> LifeSign::of_this_process() {
  const char* const number = std::getenv(kVariable);
  if (number == nullptr) return std::nullopt;
  // A grandchild has the variable too, and another file of that number or none.
  std::error_code absent;
  const auto file = std::filesystem::read_symlink(std::string("/proc/self/fd/") + number, absent);
  if (!file.string().starts_with(std::string("/memfd:") + kName)) return std::nullopt;
  return LifeSign(Fd(std::atoi(number)));
}

void LifeSign::give_to(Command& command) const {
  command.inherited_fds.push_back(file_.get());
  command.environment[kVariable] = std::to_string(file_.get());
}

void LifeSign::show(std::chrono::milliseconds patience) const {
  page_->patience_ms.store(static_cast<std::uint32_t>(patience.count()));
  page_->shown.fetch_add(1);
}

std::uint64_t LifeSign::shown() const { return page_->shown.load(); }
std::chrono::milliseconds LifeSign::patience() const {
  return std::chrono::milliseconds(page_->patience_ms.load());
}

}  // namespace amltrain
