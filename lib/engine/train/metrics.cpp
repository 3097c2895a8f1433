#include "engine/train/metrics.hpp"

#include <string>

#include "support/clock.hpp"
#include "support/files.hpp"
#include "support/json.hpp"

namespace amltrain::engine {

void MetricLog::write(std::int64_t step, int epoch,
                      std::initializer_list<std::pair<const char*, double>> metrics) const {
  if (file_.empty()) return;
  const std::string time = to_iso8601(now());
  std::string lines;
  for (const auto& [name, value] : metrics) {
    const json line = {{"time", time}, {"name", name},   {"value", value},
                       {"step", step}, {"epoch", epoch}, {"rank", 0}};
    lines += (lines.empty() ? "" : "\n") + line.dump();
  }
  append_line(file_, lines, false);
}

}  // namespace amltrain::engine
