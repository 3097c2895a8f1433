#include <array>
#include <string>
#include <utility>

#include "engine/train/metrics.hpp"
#include "rates.hpp"
#include "spent.hpp"

namespace amltrain::bench {
namespace {

constexpr std::size_t kMetrics = 100;
using Names = std::array<std::string, kMetrics>;

template <std::size_t... I>
void write_all(const engine::MetricLog& log, std::int64_t step, const Names& names,
               std::index_sequence<I...>) {
  log.write(step, 0, {{names[I].c_str(), 1.0 / static_cast<double>(step + static_cast<std::int64_t>(I))}...});
}

}  // namespace

json metrics_cost(const Settings& settings, const std::filesystem::path& file) {
  Names names;
  for (std::size_t i = 0; i < kMetrics; ++i) names[i] = "metric_" + std::to_string(i);
  const engine::MetricLog log(file);
  const Stopwatch watch;
  for (int step = 1; step <= settings.steps; ++step)
    write_all(log, step, names, std::make_index_sequence<kMetrics>());
  const Spent spent = watch.stop(0);
  return {{"steps", settings.steps}, {"seconds", spent.seconds}, {"cpu_seconds", spent.cpu_seconds}};
}

}  // namespace amltrain::bench
