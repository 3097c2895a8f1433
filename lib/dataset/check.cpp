#include "dataset/check.hpp"

#include <algorithm>
#include <thread>

#include "image/image.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/parallel.hpp"

namespace amltrain {
namespace {

/// One file as it was found.
struct Seen {
  Picture picture;
  int width = 0, height = 0;
  std::string problem;  // empty: it could be read
};

std::vector<Seen> list_files(const ImageFolder& folder) {
  std::vector<Seen> files;
  for (const Split* split : {&folder.train, &folder.val})
    for (const Sample& sample : split->samples)
      files.push_back({{sample.path, sample.label, split == &folder.val, "", {}}, 0, 0, ""});
  return files;
}

void look_at(const std::filesystem::path& root, Seen& seen) {
  try {
    const std::string file = read_file(root / seen.picture.path);
    const Image image = decode(std::as_bytes(std::span(file)), seen.picture.path);
    seen.width = image.width;
    seen.height = image.height;
    seen.picture.sha256 = sha256_of(file);
    seen.picture.look = look_of(image);
  } catch (const Error& problem) {
    if (problem.kind() != category::bad_input && problem.kind() != category::not_found) throw;
    seen.problem = problem.what();
    const std::string prefix = seen.picture.path + ": ";
    if (seen.problem.starts_with(prefix)) seen.problem.erase(0, prefix.size());
  }
}

SideRange range_of(std::vector<int> sides) {
  if (sides.empty()) return {};
  std::sort(sides.begin(), sides.end());
  return {sides.front(), sides[sides.size() / 2], sides.back()};
}

void count_classes(const ImageFolder& folder, DataCheck& check) {
  std::vector<std::size_t> counts(folder.classes.size());
  for (const Sample& sample : folder.train.samples) ++counts[static_cast<std::size_t>(sample.label)];
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
  check.smallest = {folder.classes[static_cast<std::size_t>(least - counts.begin())], *least};
  check.largest = {folder.classes[static_cast<std::size_t>(most - counts.begin())], *most};
}

json to_document(const SideRange& side) {
  return {{"min", side.least}, {"median", side.median}, {"max", side.most}};
}

}  // namespace

std::size_t DataCheck::leaks() const {
  return static_cast<std::size_t>(
      std::count_if(copies.begin(), copies.end(), [](const CopyGroup& group) { return group.leak; }));
}

std::size_t DataCheck::label_conflicts() const {
  return static_cast<std::size_t>(std::count_if(copies.begin(), copies.end(),
                                                [](const CopyGroup& group) { return group.label_conflict; }));
}

void to_json(json& out, const DataCheck& check) {
  out = {{"schema", "amltrain.data-check/1"},
         {"folder", check.folder},
         {"ok", check.ok()},
         {"near_distance", check.options.near_distance},
         {"leaks", check.leaks()},
         {"label_conflicts", check.label_conflicts()},
         {"unreadable", json::array()},
         {"copies", check.copies},
         {"balance",
          {{"largest", {{"class", check.largest.name}, {"images", check.largest.images}}},
           {"smallest", {{"class", check.smallest.name}, {"images", check.smallest.images}}},
           {"ratio", check.imbalance()}}},
         {"sizes", {{"width", to_document(check.width)}, {"height", to_document(check.height)}}},
         {"small", {{"image_size", check.options.image_size}, {"files", check.small}}},
         {"summary", check.summary}};
  for (const UnreadableFile& file : check.unreadable)
    out["unreadable"].push_back({{"path", file.path}, {"problem", file.problem}});
}

DataCheck check_data(const ImageFolder& folder, const CheckOptions& options) {
  std::vector<Seen> files = list_files(folder);
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  for_each_in_parallel(files.size(), options.threads > 0 ? options.threads : cores,
                       [&](std::size_t i) { look_at(folder.root, files[i]); });
  DataCheck check;
  check.folder = std::filesystem::absolute(folder.root).lexically_normal().string();
  check.summary = summarise(folder);
  check.options = options;
  for (const Split* split : {&folder.train, &folder.val})
    check.ignored.insert(check.ignored.end(), split->ignored.begin(), split->ignored.end());
  count_classes(folder, check);
  std::vector<Picture> readable;
  std::vector<int> widths, heights;
  for (Seen& file : files) {
    if (!file.problem.empty()) {
      check.unreadable.push_back({file.picture.path, file.problem});
      continue;
    }
    widths.push_back(file.width);
    heights.push_back(file.height);
    if (std::min(file.width, file.height) < options.image_size) check.small.push_back(file.picture.path);
    readable.push_back(std::move(file.picture));
  }
  check.width = range_of(std::move(widths));
  check.height = range_of(std::move(heights));
  check.copies = find_copies(readable, options.near_distance);
  return check;
}

}  // namespace amltrain
