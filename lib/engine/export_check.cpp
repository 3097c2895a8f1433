#include "engine/export_check.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>

#include "engine/data/augment.hpp"
#include "engine/exchange/onnx_model.hpp"
#include "engine/torch.hpp"
#include "engine/train/step.hpp"
#include "image/folder.hpp"
#include "support/files.hpp"

namespace amltrain::engine {
namespace {

constexpr std::size_t kImages = 32, kBatch = 8;

at::Tensor load_image(const std::filesystem::path& file, const OnnxMetadata& view) {
  const std::string bytes = read_file(file);
  const Image image = decode(std::as_bytes(std::span(bytes)), file.string());
  at::Tensor pixels = at::empty({view.image_size, view.image_size, 3}, at::kFloat);
  normalise(validation_view(image, view.resize_size, view.image_size).rgb,
            {pixels.mutable_data_ptr<float>(), static_cast<std::size_t>(pixels.numel())});
  return pixels.permute({2, 0, 1}).contiguous();
}

/// Spread evenly over the split, so that every class is among them.
std::vector<at::Tensor> real_images(const std::filesystem::path& data, const OnnxMetadata& view) {
  const ImageFolder folder = scan_image_folder(data);
  const std::vector<Sample>& samples = folder.val.samples;
  const std::size_t count = std::min(kImages, samples.size());
  std::vector<at::Tensor> images;
  for (std::size_t i = 0; i < count; ++i)
    images.push_back(load_image(folder.root / samples[i * samples.size() / count].path, view));
  return images;
}

std::vector<at::Tensor> drawn_images(const OnnxMetadata& view) {
  const at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(std::uint64_t{1});
  std::vector<at::Tensor> images;
  for (std::size_t i = 0; i < kImages; ++i)
    images.push_back(at::empty({3, view.image_size, view.image_size}, at::kFloat).normal_(0, 1, generator));
  return images;
}

}  // namespace

ExportCheck check_export(const std::filesystem::path& file, ResNet& model, const OnnxMetadata& view,
                         const std::filesystem::path& data) {
  const OnnxModel written = OnnxModel::read(file);
  const std::vector<at::Tensor> images = data.empty() ? drawn_images(view) : real_images(data, view);
  ExportCheck check;
  for (std::size_t i = 0; i < images.size(); i += kBatch) {
    const std::size_t count = std::min(kBatch, images.size() - i);
    const at::Tensor batch = at::stack(at::TensorList(&images[i], count));
    const at::Tensor expected = infer(model, batch, at::kFloat);
    const at::Tensor difference = written.run(batch).sub(expected).abs();
    check.images += static_cast<int>(count);
    check.largest_difference = std::max(check.largest_difference, difference.max().item<double>());
    check.largest_logit = std::max(check.largest_logit, expected.abs().max().item<double>());
  }
  return check;
}

}  // namespace amltrain::engine
