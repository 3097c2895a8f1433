#include "image/folder.hpp"

#include <algorithm>
#include <map>

#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRead[] = {".jpg", ".jpeg", ".png", ".webp"};
constexpr const char* kTorchvisionAlone[] = {".ppm", ".bmp", ".pgm", ".tif", ".tiff"};
constexpr int kDeepest = 32;  // folders within a class; a link to a folder above would have no end

/// As torchvision: the end of the lower-cased name, so that a file named ".jpg" counts.
template <std::size_t N>
bool ends_in_one_of(const std::string& name, const char* const (&extensions)[N]) {
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return std::any_of(std::begin(extensions), std::end(extensions),
                     [&](const char* extension) { return lower.ends_with(extension); });
}

using Between = std::function<void()>;
const Between kNothing = [] {};

struct Listing {
  std::vector<std::string> folders, files;  // names, sorted bytewise
};

/// Links are followed, as torchvision follows them; a dangling one is listed as a file and found unreadable
/// later.
Listing list(const fs::path& folder, const Between& between = kNothing) {
  Listing found;
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      (entry.is_directory() ? found.folders : found.files).push_back(entry.path().filename().string());
      between();
    }
  } catch (const fs::filesystem_error& problem) {
    throw_errno("can't list " + folder.string(), problem.code().value());
  }
  std::sort(found.folders.begin(), found.folders.end());
  std::sort(found.files.begin(), found.files.end());
  return found;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// "" is the data folder itself.
std::string below(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

/// Files of `relative` and the folders below it, by folder: os.walk sorted by folder, as torchvision visits
/// them.
void collect(const fs::path& root, const std::string& relative, int depth,
             std::map<std::string, std::vector<std::string>>& files_of, const Between& between = kNothing) {
  if (depth > kDeepest)
    throw Error(category::bad_input,
                "folders more than " + std::to_string(kDeepest) + " deep: " + (root / relative).string(),
                "does a link there lead upwards?");
  const Listing found = list(root / relative, between);
  files_of[relative] = found.files;
  for (const std::string& folder : found.folders)
    collect(root, below(relative, folder), depth + 1, files_of, between);
}

std::vector<std::string> classes_of(const fs::path& root, const std::string& split) {
  if (!fs::is_directory(root / split))
    throw Error(category::bad_input, "no folder " + (root / split).string(),
                "put images into train/CLASS and val/CLASS, one folder for each class");
  std::vector<std::string> classes = list(root / split).folders;
  if (classes.empty())
    throw Error(category::bad_input, "no class folders in " + (root / split).string(),
                "put the images of each class into a folder of its own");
  return classes;
}

Split read_split(const fs::path& root, const std::string& split, const std::vector<std::string>& classes,
                 const Between& between = kNothing) {
  Split found;
  for (const std::string& file : list(root / split).files) found.ignored.push_back(below(split, file));
  for (std::size_t label = 0; label < classes.size(); ++label) {
    const std::string folder_of_class = below(split, classes[label]);
    std::map<std::string, std::vector<std::string>> files_of;
    collect(root, folder_of_class, 0, files_of, between);
    const std::size_t before = found.samples.size();
    for (const auto& [folder, files] : files_of) {
      for (const std::string& file : files) {
        const std::string path = folder + "/" + file;
        if (ends_in_one_of(file, kTorchvisionAlone))
          throw Error(category::bad_input, "an image format that is not read: " + (root / path).string(),
                      "convert it to PNG, or take it out");
        if (ends_in_one_of(file, kRead))
          found.samples.push_back({path, static_cast<int>(label)});
        else
          found.ignored.push_back(path);
      }
    }
    if (found.samples.size() == before)
      throw Error(category::bad_input, "no image in the class folder " + (root / folder_of_class).string(),
                  "add .jpg, .jpeg, .png or .webp files, or remove the folder");
  }
  return found;
}

std::vector<std::string> missing_from(const std::vector<std::string>& all,
                                      const std::vector<std::string>& some) {
  std::vector<std::string> missing;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(missing));
  return missing;
}

json summarise_split(const ImageFolder& folder, const Split& split) {
  std::vector<std::size_t> counts(folder.classes.size());
  for (const Sample& sample : split.samples) ++counts[static_cast<std::size_t>(sample.label)];
  json classes = json::object();
  for (std::size_t i = 0; i < counts.size(); ++i) classes[folder.classes[i]] = counts[i];
  return {{"images", split.samples.size()}, {"classes", classes}, {"ignored", split.ignored}};
}

}  // namespace

fs::path image_folder_root(const fs::path& given) {
  if (!fs::exists(given))
    throw Error(category::not_found, "no data folder " + given.string(),
                "it holds train/CLASS/* and val/CLASS/*");
  if (!fs::is_directory(given)) throw Error(category::bad_input, given.string() + " is not a folder");
  Listing found = list(given);
  if (contains(found.folders, "train") || contains(found.folders, "val")) return given;
  std::erase_if(found.folders,
                [](const std::string& name) { return name.starts_with('.') || name == "__MACOSX"; });
  if (found.folders.size() != 1) return given;
  const fs::path inner = given / found.folders[0];
  return contains(list(inner).folders, "train") ? inner : given;
}

ImageFolder scan_image_folder(const fs::path& given, const std::function<void()>& between) {
  ImageFolder folder;
  folder.root = image_folder_root(given);
  folder.classes = classes_of(folder.root, "train");
  const std::vector<std::string> in_val = classes_of(folder.root, "val");
  if (in_val != folder.classes) {
    const auto only_train = missing_from(folder.classes, in_val),
               only_val = missing_from(in_val, folder.classes);
    throw Error(category::bad_input,
                "train and val in " + folder.root.string() + " differ in their classes: " +
                    (only_train.empty() ? "" : "only in train: " + join(only_train, ", ")) +
                    (only_train.empty() || only_val.empty() ? "" : "; ") +
                    (only_val.empty() ? "" : "only in val: " + join(only_val, ", ")),
                "give both the same class folders");
  }
  folder.train = read_split(folder.root, "train", folder.classes, between);
  folder.val = read_split(folder.root, "val", folder.classes, between);
  return folder;
}

ImageFolder scan_split(const fs::path& given, const std::string& name) {
  ImageFolder folder;
  folder.root = image_folder_root(given);
  const Listing found = list(folder.root);
  const bool has_splits = contains(found.folders, "train") || contains(found.folders, "val");
  const std::string split = has_splits ? name : "";
  folder.classes = classes_of(folder.root, split);
  (name == "train" ? folder.train : folder.val) = read_split(folder.root, split, folder.classes);
  return folder;
}

std::vector<fs::path> list_images(const fs::path& folder) {
  std::map<std::string, std::vector<std::string>> files_of;
  collect(folder, "", 0, files_of);
  std::vector<fs::path> images;
  for (const auto& [relative, files] : files_of)
    for (const std::string& file : files)
      if (ends_in_one_of(file, kRead) || ends_in_one_of(file, kTorchvisionAlone))
        images.push_back(folder / below(relative, file));
  return images;
}

json summarise(const ImageFolder& folder) {
  return {{"classes", folder.classes},
          {"images", folder.train.samples.size() + folder.val.samples.size()},
          {"train", summarise_split(folder, folder.train)},
          {"val", summarise_split(folder, folder.val)}};
}

}  // namespace amltrain
