#include "dataset/sample/sample.hpp"

#include <fcntl.h>

#include <atomic>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "dataset/sample/scene.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/scratch_folder.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr int kQuality = 88;

struct Class {
  const char* folder;
  const char* file_prefix;
  sample::DrawInsect draw;
};
constexpr Class kClasses[] = {{"beetles", "beetle", sample::draw_beetle},
                              {"butterflies", "butterfly", sample::draw_butterfly}};

struct Picture {
  std::string path;
  std::uint64_t seed;
  sample::DrawInsect draw;
};

std::vector<Picture> list_pictures(const SampleOptions& options) {
  std::vector<Picture> pictures;
  std::uint64_t group =
      options.seed << 2;  // of the seed, a split and a class: a picture stays when counts change
  for (const auto& [split, count] :
       {std::pair{"train", options.train_per_class}, std::pair{"val", options.val_per_class}}) {
    for (const Class& kind : kClasses) {
      sample::Random seeds(sample::Random(group++).bits());
      for (int number = 1; number <= count; ++number) {
        char name[32];
        std::snprintf(name, sizeof name, "%s-%04d.jpg", kind.file_prefix, number);
        pictures.push_back({std::string(split) + "/" + kind.folder + "/" + name, seeds.bits(), kind.draw});
      }
    }
  }
  return pictures;
}

void draw_pictures(const std::vector<Picture>& pictures, const fs::path& folder) {
  const Fd root = open_folder(folder);
  for (const Picture& picture : pictures)
    create_folders_beneath(root.get(), fs::path(picture.path).parent_path());
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < pictures.size(); i = next++) {
        sample::Random random(pictures[i].seed);
        const std::vector<std::byte> file =
            encode_jpeg(sample::draw_scene(random, pictures[i].draw), kQuality);
        const Fd out = open_beneath(root.get(), pictures[i].path, O_WRONLY | O_CREAT | O_EXCL);
        write_all(out.get(), file, folder / pictures[i].path);
      }
    } catch (...) {
      next = pictures.size();
      if (!failed.exchange(true)) failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) helpers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
  sync_file_system(root.get());
}

}  // namespace

ImageFolder draw_sample(const fs::path& given, const SampleOptions& options) {
  if (options.train_per_class < 1 || options.val_per_class < 1)
    throw Error(category::bad_input, "a sample needs at least one image for each class in train and in val");
  const fs::path folder = fs::absolute(given / "").parent_path();  // without a '/' at its end
  std::error_code absent;
  if (fs::exists(fs::symlink_status(folder, absent)) && !(fs::is_directory(folder) && fs::is_empty(folder)))
    throw Error(category::conflict, folder.string() + " exists and isn't empty", "name another folder");
  // Under a provisional name until it is whole.
  ScratchFolder scratch(folder.parent_path() /
                        ("." + folder.filename().string() + ".partial-" + random_hex(4)));
  draw_pictures(list_pictures(options), scratch.path());
  fs::remove(
      folder,
      absent);  // an empty one; a folder that was filled meanwhile stays, and makes the next line throw
  rename_into_place(scratch.path(), folder, AtomicFile::existing::refuse);
  scratch.keep();
  return scan_image_folder(folder);
}

}  // namespace amltrain
