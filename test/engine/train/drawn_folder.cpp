#include "engine/train/drawn_folder.hpp"

#include "image/pictures.hpp"
#include "support/files.hpp"
#include "support/json.hpp"
#include "support/temporary_folder.hpp"

namespace amltrain::test {
namespace {

void draw_class(const std::filesystem::path& folder, int brightness, int images) {
  std::filesystem::create_directories(folder);
  for (int i = 0; i < images; ++i) {
    Image image = draw_picture(40, 48, static_cast<std::uint32_t>(1 + i + 1000 * brightness));
    for (std::uint8_t& value : image.rgb) value = static_cast<std::uint8_t>(value / 3 + brightness);
    const std::vector<std::byte> jpeg = encode_jpeg(image, 90);
    write_plain(folder / (std::to_string(i) + ".jpg"),
                {reinterpret_cast<const char*>(jpeg.data()), jpeg.size()});
  }
}

}  // namespace

void draw_folder(const std::filesystem::path& root, int train_images, int val_images) {
  for (const auto& [split, images] : {std::pair{"train", train_images}, {"val", val_images}}) {
    draw_class(root / split / "dark", 0, images);
    draw_class(root / split / "light", 160, images);
  }
}

engine::TrainOptions quick_options(const std::filesystem::path& data, const std::filesystem::path& output) {
  engine::TrainOptions options;
  options.data = data;
  options.output_folder = output;
  options.epochs = 2;
  options.workers = 1;
  options.threads = 1;
  options.image_size = 40;
  options.resize_size = 44;
  options.learning_rate = 0.005;
  options.precision = engine::Precision::fp32;
  options.log_every = 3;
  return options;
}

engine::TrainOptions logged_options(const std::filesystem::path& root, const std::string& name) {
  engine::TrainOptions options = quick_options(root / "data", root / name / "out");
  std::filesystem::create_directories(root / name);
  options.log_every = 1;
  options.metrics_file = root / name / "metrics.jsonl";
  return options;
}

std::string metrics_of(const engine::TrainOptions& options) {
  std::string text;
  for_each_json_line(options.metrics_file, [&](json& point) {
    if (point["name"] == "images_per_second") return;
    point.erase("time");
    text += point.dump() + "\n";
  });
  return text;
}

}  // namespace amltrain::test
