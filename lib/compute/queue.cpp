#include "compute/queue.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <string_view>
#include <utility>

#include "support/error.hpp"
#include "support/files.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNumber = "number-", kPlace = "place-", kSuffix = ".lock";
constexpr std::chrono::seconds kPatience{30};
constexpr std::uint64_t kLongestPlace = 4096;
constexpr std::size_t kLongestNote = 1024;

struct Place {
  int priority;
  long number;
};
bool is_before(const Place& left, const Place& right) {
  return left.priority != right.priority ? left.priority > right.priority : left.number < right.number;
}

fs::path number_file(const fs::path& folder, long number) {
  return folder / (std::string(kNumber) + std::to_string(number) + std::string(kSuffix));
}
fs::path place_file(const fs::path& folder, const Place& place) {
  return folder / (std::string(kPlace) + std::to_string(place.priority) + "-" + std::to_string(place.number) +
                   std::string(kSuffix));
}

template <typename Number>
bool take(std::string_view& text, Number& number) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || number < 0) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

std::optional<long> number_in(std::string_view name) {
  if (!name.starts_with(kNumber)) return std::nullopt;
  name.remove_prefix(kNumber.size());
  long number = 0;
  return take(name, number) && name == kSuffix ? std::optional(number) : std::nullopt;
}

std::optional<Place> place_in(std::string_view name) {
  if (!name.starts_with(kPlace)) return std::nullopt;
  name.remove_prefix(kPlace.size());
  Place place{};
  if (!take(name, place.priority) || !name.starts_with('-')) return std::nullopt;
  name.remove_prefix(1);
  return take(name, place.number) && name == kSuffix ? std::optional(place) : std::nullopt;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code absent;  // the compute target was deleted: nobody waits
  for (fs::directory_iterator entry(folder, absent); !absent && entry != fs::directory_iterator();
       entry.increment(absent))
    names.push_back(entry->path().filename().string());
  return names;
}

std::vector<Place> places_in(const fs::path& folder) {
  std::vector<Place> places;
  for (const std::string& name : names_in(folder)) {
    if (const auto place = place_in(name)) places.push_back(*place);
  }
  std::sort(places.begin(), places.end(), is_before);
  return places;
}

FileLock require_free(const fs::path& file) {
  auto lock = FileLock::try_acquire(file);
  if (!lock) throw Error(category::internal, file.string() + " is held by another run");
  return std::move(*lock);
}

/// RUN, a newline, and the note up to where spaces fill it up.
QueuedRun queued_run_in(const std::string& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string::npos) return {text, ""};
  std::string note = text.substr(end + 1);
  note.resize(note.find_last_not_of(' ') + 1);
  return {text.substr(0, end), std::move(note)};
}

void remove_unheld(const fs::path& file) {
  if (!FileLock::is_held(file)) fs::remove(file);
}

}  // namespace

QueuePlace::QueuePlace(fs::path folder, fs::path giving, std::string run, int priority, long number,
                       FileLock lock)
    : folder_(std::move(folder)),
      giving_(std::move(giving)),
      run_(std::move(run)),
      priority_(priority),
      number_(number),
      number_lock_(std::move(lock)) {}

QueuePlace QueuePlace::take_number(const Workspace& workspace, const std::string& compute,
                                   const std::string& run, int priority) {
  const fs::path folder = workspace.lease_folder(compute),
                 giving_file = workspace.lock_file("queue-" + compute);
  create_folders(folder);
  create_folders(giving_file.parent_path());
  const FileLock giving = FileLock::acquire(giving_file, kPatience);
  long last = 0;
  for (const std::string& name : names_in(folder)) {
    if (place_in(name)) remove_unheld(folder / name);
    const auto number = number_in(name);
    if (!number) continue;
    if (FileLock::is_held(folder / name))
      last = std::max(last, *number);
    else
      fs::remove(folder / name);
  }
  return {folder, giving_file, run, priority, last + 1, require_free(number_file(folder, last + 1))};
}

void clear_queue(const Workspace& workspace, const std::string& compute) {
  const fs::path folder = workspace.lease_folder(compute);
  const FileLock giving = FileLock::acquire(workspace.lock_file("queue-" + compute), kPatience);
  for (const std::string& name : names_in(folder))
    if (place_in(name) || number_in(name)) remove_unheld(folder / name);
}

QueuePlace::QueuePlace(QueuePlace&& other) noexcept
    : folder_(std::exchange(other.folder_, {})),
      giving_(std::move(other.giving_)),
      run_(std::move(other.run_)),
      priority_(other.priority_),
      number_(other.number_),
      number_lock_(std::move(other.number_lock_)),
      place_lock_(std::move(other.place_lock_)) {}

QueuePlace::~QueuePlace() {
  if (folder_.empty()) return;
  std::error_code ignored;  // the next to join clears away what is left
  fs::remove(place_file(folder_, {priority_, number_}), ignored);
  fs::remove(number_file(folder_, number_), ignored);
}

void QueuePlace::enter(std::chrono::milliseconds patience) {
  if (place_lock_) return;
  const fs::path file = place_file(folder_, {priority_, number_});
  const FileLock giving = FileLock::acquire(giving_, patience);
  FileLock lock = require_free(file);
  write_all(lock.fd(), std::as_bytes(std::span(run_)), file);
  place_lock_.emplace(std::move(lock));
}

void QueuePlace::leave() {
  if (!place_lock_) return;
  std::error_code ignored;  // the next to join clears it away
  fs::remove(place_file(folder_, {priority_, number_}), ignored);
  place_lock_.reset();
}

void QueuePlace::note(const std::string& why) const {
  if (!place_lock_) return;
  // Always as long, so that one write replaces what was there.
  std::string line = "\n" + why;
  line.resize(kLongestNote, ' ');
  const auto written = pwrite(place_lock_->fd(), line.data(), line.size(), static_cast<off_t>(run_.size()));
  static_cast<void>(written);
}

std::size_t QueuePlace::ahead() const {
  const std::vector<Place> places = places_in(folder_);
  const Place own{priority_, number_};
  const auto behind =
      std::find_if(places.begin(), places.end(), [&](const Place& place) { return !is_before(place, own); });
  const bool any = std::any_of(places.begin(), behind, [&](const Place& place) {
    return FileLock::is_held(place_file(folder_, place));
  });
  return any ? static_cast<std::size_t>(behind - places.begin()) : 0;
}

std::vector<QueuedRun> queued_runs(const Workspace& workspace, const std::string& compute) {
  const fs::path folder = workspace.lease_folder(compute);
  std::vector<QueuedRun> runs;
  for (const Place& place : places_in(folder)) {
    const fs::path file = place_file(folder, place);
    try {
      if (FileLock::is_held(file)) runs.push_back(queued_run_in(read_file(file, kLongestPlace)));
    } catch (const Error& gone) {  // it got its slot meanwhile
      if (gone.kind() != category::not_found) throw;
    }
  }
  return runs;
}

}  // namespace amltrain
