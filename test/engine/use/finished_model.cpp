#include "engine/use/finished_model.hpp"

#include "engine/nn/init.hpp"
#include "engine/train/outputs.hpp"

namespace amltrain::test {

void put_model(const std::filesystem::path& folder, const std::vector<std::string>& labels) {
  const auto classes = static_cast<std::int64_t>(labels.size());
  engine::write_outputs(folder, engine::fresh_state(engine::find_resnet_spec("resnet18"), classes, 1), labels,
                        {{"schema", "amltrain.training-report/1"}, {"image_size", 40}, {"resize_size", 44}});
}

}  // namespace amltrain::test
