#include "engine/data/loader.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <numeric>
#include <stop_token>
#include <thread>

#include "engine/data/augment.hpp"
#include "engine/data/sample_reader.hpp"
#include "support/error.hpp"

namespace amltrain::engine {
namespace {

/// A place for one batch: filled image by image, by any thread, then given out, then filled again.
struct Slot {
  Batch batch;
  std::vector<std::exception_ptr> faults;  // one a position; empty when the image is there
  std::size_t missing = 0;                 // images still to be loaded
};

/// So much nicer than the step: a third of its share of a core that both want.
constexpr int kNicer = 5;

/// On Linux, priorities are those of threads. A system that forbids it leaves the thread as it is: no batch
/// depends on it.
void lower_own_priority() {
  const auto thread = static_cast<id_t>(gettid());
  setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + kNicer);
}

bool is_the_files_fault(const Error& problem) {
  return problem.kind() == category::bad_input || problem.kind() == category::not_found;
}

}  // namespace

// Positions of the epoch's order are claimed one by one, so that a batch is shared by all threads; batch b
// lives in slot b % slots. What is loaded for a position depends on (seed, epoch, sample) alone: threads
// change nothing.
struct Loader::State {
  State(const ImageFolder& folder_, const Split& split_, View view_, LoaderOptions options_);

  std::size_t batch_size() const { return static_cast<std::size_t>(options.batch_size); }
  std::size_t floats_per_image() const {
    return std::size_t{3} * static_cast<std::size_t>(options.image_size) *
           static_cast<std::size_t>(options.image_size);
  }
  /// Of all ranks.
  std::size_t all_batches() const { return (split.samples.size() + batch_size() - 1) / batch_size(); }
  std::size_t batches() const {
    return static_cast<std::size_t>(options.share.own_of(static_cast<int>(all_batches())));
  }
  Slot& slot_of(std::size_t batch) { return slots[batch % slots.size()]; }

  void start_epoch(int number, std::size_t first_batch, int image_size);
  const Batch* next();
  void work(std::stop_token stop, SampleReader& reader);
  bool can_claim() const {
    return claimed < order.size() && claimed / batch_size() < released + slots.size();
  }
  void keep_own_batches();
  void prepare(std::size_t batch);
  void release();
  void load(std::size_t position, SampleReader& reader);
  void check_faults(const Slot& slot);
  void close_gaps(Slot& slot);

  const ImageFolder& folder;
  const Split& split;
  const View view;
  LoaderOptions options;  // image_size is the epoch's, and changes while no thread is loading
  const int usual_image_size;
  ImageCache cache;
  std::vector<SampleReader> readers;  // one a thread

  mutable std::mutex mutex;  // guards all below but the images of slots, which belong to who claimed them
  std::condition_variable_any claimable;
  std::condition_variable loaded;
  int epoch = 0;
  std::vector<std::uint32_t> order;
  std::vector<Slot> slots;
  std::size_t claimed = 0;   // positions
  std::size_t released = 0;  // batches done with: the caller holds, or waits for, number `released`
  bool held = false;
  int loading = 0;                             // threads at work on an image
  std::map<std::string, std::string> skipped;  // path to problem
  std::vector<std::jthread> threads;           // last: stopped and joined before what they use goes
};

Loader::State::State(const ImageFolder& folder_, const Split& split_, View view_, LoaderOptions options_)
    : folder(folder_),
      split(split_),
      view(view_),
      options(options_),
      usual_image_size(options_.image_size),
      cache(split.samples.size(), options.cache_bytes) {
  if (options.batch_size < 1 || options.prefetch_batches < 1 || options.threads < 0 ||
      options.image_size < 1 || options.resize_size < 1 || options.share.rank < 0 ||
      options.share.rank >= options.share.ranks || options.share.per_step < 1)
    throw Error(
        category::bad_input,
        "batch size, prefetched batches and image sizes must be at least 1, and a rank one of the ranks");
  // One more than is loaded ahead, for the batch in the caller's hands.
  const auto ahead = static_cast<std::size_t>(options.threads == 0 ? 0 : options.prefetch_batches);
  slots.resize(std::clamp(batches(), std::size_t{1}, ahead + 1));
  order.reserve(split.samples.size());
  const int reader_count = std::max(options.threads, 1);  // one for the calling thread when there are none
  readers.reserve(static_cast<std::size_t>(reader_count));
  for (int i = 0; i < reader_count; ++i) readers.emplace_back(folder, split, view, options, cache);
  for (SampleReader& reader : readers)
    if (options.threads > 0)
      threads.emplace_back([this, &reader](std::stop_token stop) { work(stop, reader); });
}

void Loader::State::start_epoch(int number, std::size_t first_batch, int image_size) {
  std::unique_lock lock(mutex);
  claimed = order.size();
  loaded.wait(lock, [&] { return loading == 0; });
  epoch = number;
  if (view == View::train) options.image_size = image_size > 0 ? image_size : usual_image_size;
  order.resize(split.samples.size());
  visiting_order(view, options.seed, epoch, order);
  keep_own_batches();
  released = std::min(first_batch, batches());
  held = false;
  for (std::size_t batch = released; batch < std::min(released + slots.size(), batches()); ++batch)
    prepare(batch);
  claimed = std::min(released * batch_size(), order.size());
  claimable.notify_all();
}

/// Of `order`, moved to its front.
void Loader::State::keep_own_batches() {
  if (options.share.ranks == 1) return;
  std::size_t kept = 0;
  for (int own = 0; own < static_cast<int>(batches()); ++own) {
    const std::size_t first = static_cast<std::size_t>(options.share.among_all(own)) * batch_size();
    const std::size_t count = std::min(batch_size(), order.size() - first);
    std::copy_n(order.begin() + static_cast<std::ptrdiff_t>(first), count,
                order.begin() + static_cast<std::ptrdiff_t>(kept));
    kept += count;
  }
  order.resize(kept);
}

void Loader::State::prepare(std::size_t number) {
  Slot& slot = slot_of(number);
  const std::size_t first = number * batch_size();
  const std::size_t count = std::min(batch_size(), order.size() - first);
  slot.batch.count = static_cast<int>(count);
  slot.batch.image_size = options.image_size;
  slot.batch.images.resize(count * floats_per_image());
  slot.batch.labels.resize(count);
  slot.batch.samples.assign(order.begin() + static_cast<std::ptrdiff_t>(first),
                            order.begin() + static_cast<std::ptrdiff_t>(first + count));
  for (std::size_t i = 0; i < count; ++i) slot.batch.labels[i] = split.samples[slot.batch.samples[i]].label;
  slot.faults.assign(count, nullptr);
  slot.missing = count;
}

void Loader::State::release() {
  held = false;
  if (released + slots.size() < batches()) prepare(released + slots.size());
  ++released;
  claimable.notify_all();
}

void Loader::State::load(std::size_t position, SampleReader& reader) {
  Slot& slot = slot_of(position / batch_size());
  const std::size_t place = position % batch_size();
  const std::uint32_t index = slot.batch.samples[place];
  try {
    reader.read(index, epoch,
                std::span(slot.batch.images).subspan(place * floats_per_image(), floats_per_image()));
  } catch (...) {
    slot.faults[place] = std::current_exception();
  }
}

void Loader::State::work(std::stop_token stop, SampleReader& reader) {
  if (options.give_way) lower_own_priority();
  std::unique_lock lock(mutex);
  while (claimable.wait(lock, stop, [&] { return can_claim(); }) && !stop.stop_requested()) {
    const std::size_t position = claimed++;
    ++loading;
    lock.unlock();
    load(position, reader);
    lock.lock();
    --loading;
    if (--slot_of(position / batch_size()).missing == 0 || loading == 0) loaded.notify_all();
  }
}

/// Notes the files that may be skipped; throws the first fault that may not.
void Loader::State::check_faults(const Slot& slot) {
  for (std::size_t i = 0; i < slot.faults.size(); ++i) {
    if (!slot.faults[i]) continue;
    try {
      std::rethrow_exception(slot.faults[i]);
    } catch (const Error& problem) {
      if (!options.skip_unreadable || !is_the_files_fault(problem)) throw;
      skipped.emplace(split.samples[slot.batch.samples[i]].path, problem.what());
    }
  }
}

/// Closes the gaps that skipped files leave.
void Loader::State::close_gaps(Slot& slot) {
  Batch& batch = slot.batch;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < slot.faults.size(); ++i) {
    if (slot.faults[i]) continue;
    if (kept != i) {
      std::memcpy(batch.images.data() + kept * floats_per_image(),
                  batch.images.data() + i * floats_per_image(), floats_per_image() * sizeof(float));
      batch.labels[kept] = batch.labels[i];
      batch.samples[kept] = batch.samples[i];
    }
    ++kept;
  }
  batch.count = static_cast<int>(kept);
  batch.images.resize(kept * floats_per_image());
  batch.labels.resize(kept);
  batch.samples.resize(kept);
}

const Batch* Loader::State::next() {
  std::unique_lock lock(mutex);
  if (held) release();
  while (!order.empty() && released < batches()) {
    Slot& slot = slot_of(released);
    if (options.threads == 0 && slot.missing > 0) {
      for (std::size_t i = 0; i < slot.faults.size(); ++i) load(released * batch_size() + i, readers.front());
      slot.missing = 0;
    }
    loaded.wait(lock, [&] { return slot.missing == 0; });
    check_faults(slot);
    close_gaps(slot);
    held = true;
    if (slot.batch.count > 0) return &slot.batch;
    release();  // nothing of it could be read
  }
  return nullptr;
}

void visiting_order(View view, std::uint64_t seed, int epoch, std::span<std::uint32_t> order) {
  if (view == View::train)
    epoch_order(seed, epoch, order);
  else
    std::iota(order.begin(), order.end(), 0U);
}

Loader::Loader(const ImageFolder& folder, const Split& split, View view, LoaderOptions options)
    : state_(std::make_unique<State>(folder, split, view, options)) {}
Loader::~Loader() = default;

void Loader::start_epoch(int epoch, int first_batch, int image_size) {
  state_->start_epoch(epoch, static_cast<std::size_t>(std::max(first_batch, 0)), image_size);
}
const Batch* Loader::next() { return state_->next(); }
int Loader::next_batch() const {
  const std::lock_guard lock(state_->mutex);
  return static_cast<int>(state_->released) + (state_->held ? 1 : 0);
}
int Loader::batches() const { return static_cast<int>(state_->batches()); }

std::vector<UnreadableFile> Loader::skipped() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<UnreadableFile> files;
  for (const auto& [path, problem] : state_->skipped) files.push_back({path, problem});
  return files;
}

}  // namespace amltrain::engine
