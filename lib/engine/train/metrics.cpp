#include "engine/train/metrics.hpp"

#include <string>

#include "support/clock.hpp"
#include "support/files.hpp"
#include "support/json.hpp"

namespace amltrain::engine {

void MetricLog::write(std::int64_t step, int epoch,
                      std::initializer_list<std::pair<const char*, double>> metrics) const {
  if (file_.empty()) return;
  // Of what can be many lines a step only the value is left to the JSON library.
  const std::string before = "{\"time\":\"" + to_iso8601(now()) + "\",\"name\":\"";
  const std::string after =
      ",\"step\":" + std::to_string(step) + ",\"epoch\":" + std::to_string(epoch) + ",\"rank\":0}";
  std::string lines;
  for (const auto& [name, value] : metrics) {
    if (!lines.empty()) lines += '\n';
    lines += before + name + "\",\"value\":" + json(value).dump() + after;
  }
  append_line(file_, lines);
}

}  // namespace amltrain::engine
