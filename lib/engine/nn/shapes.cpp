#include "engine/nn/shapes.hpp"

namespace amltrain::engine {
namespace {

class ShapeList {
 public:
  void conv(const std::string& name, std::int64_t out, std::int64_t in_per_group, std::int64_t kernel) {
    shapes.push_back({name + ".weight", {out, in_per_group, kernel, kernel}});
  }
  void batch_norm(const std::string& name, std::int64_t channels) {
    for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"})
      shapes.push_back({name + part, {channels}});
    shapes.push_back({name + ".num_batches_tracked", {}});
  }

  std::vector<NamedShape> shapes;
};

void add_block(ShapeList& list, const ResNetSpec& spec, const std::string& name, int stage, std::int64_t in,
               bool with_downsample) {
  const std::int64_t width = block_width(spec, stage);
  const std::int64_t out = (std::int64_t{64} << stage) * spec.expansion();
  if (spec.block == Block::basic) {
    list.conv(name + ".conv1", out, in, 3);
    list.batch_norm(name + ".bn1", out);
    list.conv(name + ".conv2", out, out, 3);
    list.batch_norm(name + ".bn2", out);
  } else {
    list.conv(name + ".conv1", width, in, 1);
    list.batch_norm(name + ".bn1", width);
    list.conv(name + ".conv2", width, width / spec.groups, 3);
    list.batch_norm(name + ".bn2", width);
    list.conv(name + ".conv3", out, width, 1);
    list.batch_norm(name + ".bn3", out);
  }
  if (with_downsample) {
    list.conv(name + ".downsample.0", out, in, 1);
    list.batch_norm(name + ".downsample.1", out);
  }
}

}  // namespace

bool is_batch_counter(std::string_view name) { return name.ends_with(".num_batches_tracked"); }
bool is_parameter(std::string_view name) { return name.ends_with(".weight") || name.ends_with(".bias"); }
bool is_head(std::string_view name) { return name.starts_with("fc."); }

std::int64_t block_width(const ResNetSpec& spec, int stage) {
  return (std::int64_t{64} << stage) * spec.width_per_group / 64 * spec.groups;
}

std::vector<NamedShape> parameter_shapes(const ResNetSpec& spec, std::int64_t classes) {
  ShapeList list;
  list.conv("conv1", 64, 3, 7);
  list.batch_norm("bn1", 64);
  std::int64_t in = 64;
  for (int stage = 0; stage < 4; ++stage) {
    const std::int64_t out = (std::int64_t{64} << stage) * spec.expansion();
    for (int block = 0; block < spec.layers[static_cast<std::size_t>(stage)]; ++block) {
      const std::string name = "layer" + std::to_string(stage + 1) + "." + std::to_string(block);
      // torchvision: the shortcut is a convolution where the stage begins with a stride or a change of width.
      add_block(list, spec, name, stage, in, block == 0 && (stage > 0 || in != out));
      in = out;
    }
  }
  list.shapes.push_back({"fc.weight", {classes, spec.features()}});
  list.shapes.push_back({"fc.bias", {classes}});
  return list.shapes;
}

}  // namespace amltrain::engine
