#include "compute/queue.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "support/error.hpp"
#include "support/files.hpp"

namespace amltrain {
namespace {

constexpr std::string_view kPrefix = "place-", kSuffix = ".lock";
constexpr std::chrono::seconds kPatience{10};

std::filesystem::path place_file(const std::filesystem::path& folder, long number) {
  return folder / (std::string(kPrefix) + std::to_string(number) + std::string(kSuffix));
}

std::optional<long> number_in(std::string_view name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  const std::string_view digits = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
  long number = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (problem != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::vector<long> numbers_in(const std::filesystem::path& folder) {
  std::vector<long> numbers;
  std::error_code absent;  // the compute target was deleted: nobody waits
  for (const auto& entry : std::filesystem::directory_iterator(folder, absent)) {
    if (const auto number = number_in(entry.path().filename().string())) numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace

QueuePlace QueuePlace::join(const Workspace& workspace, const std::string& compute) {
  const std::filesystem::path folder = workspace.lease_folder(compute);
  create_folders(folder);
  // Numbers are given and cleared away by one process at a time; a place is only ever made here.
  const FileLock giving = FileLock::acquire(folder / "queue.lock", kPatience);
  long last = 0;
  for (const long number : numbers_in(folder)) {
    if (FileLock::is_held(place_file(folder, number)))
      last = std::max(last, number);
    else
      std::filesystem::remove(place_file(folder, number));
  }
  auto lock = FileLock::try_acquire(place_file(folder, last + 1));
  if (!lock)
    throw Error(category::internal,
                "place " + std::to_string(last + 1) + " of " + folder.string() + " is taken");
  return {folder, last + 1, std::move(*lock)};
}

QueuePlace::QueuePlace(QueuePlace&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), number_(other.number_), lock_(std::move(other.lock_)) {}

QueuePlace::~QueuePlace() {
  if (folder_.empty()) return;
  std::error_code ignored;  // the next to join clears away what is left
  std::filesystem::remove(place_file(folder_, number_), ignored);
}

int QueuePlace::ahead() const {
  int count = 0;
  for (const long number : numbers_in(folder_)) {
    if (number < number_ && FileLock::is_held(place_file(folder_, number))) ++count;
  }
  return count;
}

}  // namespace amltrain
