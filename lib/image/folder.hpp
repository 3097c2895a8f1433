// A folder of images by class, read as torchvision.datasets.ImageFolder reads it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "support/file_set.hpp"
#include "support/json.hpp"

namespace amltrain {

struct Sample {
  std::string path;  // relative to the data folder, '/' between parts: "train/ants/1.jpg"
  int label = 0;     // index into classes
};

struct Split {
  std::vector<Sample> samples;  // classes in order; within one by folder, then by name
  std::vector<std::string>
      ignored;  // other files found (torchvision ignores them too), relative to the data folder
};

struct ImageFolder {
  std::filesystem::path root;
  std::vector<std::string> classes;  // sorted bytewise, as Python sorts
  Split train, val;
};

/// Finds train/CLASS/* and val/CLASS/* below `root` (sub-folders included; a single folder around both is
/// entered). Image files are known by extension: .jpg .jpeg .png .webp; torchvision's other extensions (.ppm
/// .bmp .pgm .tif .tiff) are an error that names the file, since we don't read them. Throws Error{bad_input}
/// when train or val is absent, a class has no image, or val's classes are not train's; Error{not_found} when
/// `root` is absent. `between` is called between any two files: of many on a network this takes minutes.
ImageFolder scan_image_folder(
    const std::filesystem::path& root, const std::function<void()>& between = [] {});

/// The folder that scan_image_folder(given) takes as the root: `given`, or the single folder in it that is
/// around train and val. Throws Error{not_found} when `given` is absent, Error{bad_input} when it's no
/// folder.
std::filesystem::path image_folder_root(const std::filesystem::path& given);

/// Path, size and content hash of each sample, sorted by path. Throws when one can't be read.
std::vector<HashedFile> hash_samples(const ImageFolder& folder);

/// As scan_image_folder(), of the split `name` alone: the other need not be there and is left empty. When
/// `root` has neither train nor val, the classes are taken from right below it (CLASS/*).
ImageFolder scan_split(const std::filesystem::path& root, const std::string& name);

/// Every image file below `folder`, sorted by folder, then by name; with those of torchvision's formats that
/// are not read, whose decoding then says so.
std::vector<std::filesystem::path> list_images(const std::filesystem::path& folder);

/// "sha256:HEX" over the sorted paths, sizes and content hashes of all samples: names the data, wherever it
/// lies.
std::string fingerprint(const ImageFolder& folder);
/// The same, of what hash_samples() returned.
std::string fingerprint(std::span<const HashedFile> files);

struct UnreadableFile {
  std::string path;
  std::string problem;
};
/// Decodes every sample once, on `threads` threads; returns those that can't be read, in folder order.
std::vector<UnreadableFile> find_unreadable(const ImageFolder& folder, int threads);

/// classes with counts a split, totals, ignored files.
json summarise(const ImageFolder& folder);

}  // namespace amltrain
