// Pi by throwing darts: a compiled trainer, which reports by lines in the file that AMLTRAIN_METRICS names.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>

int main(int count, char** words) {
  const long darts = count > 1 ? std::atol(words[1]) : 100000;
  const char* metrics_file = std::getenv("AMLTRAIN_METRICS");
  std::ofstream metrics(metrics_file != nullptr ? metrics_file : "/dev/null", std::ios::app);
  std::mt19937_64 random(42);
  std::uniform_real_distribution<double> side(-1, 1);
  long inside = 0;
  for (long dart = 1; dart <= darts; ++dart) {
    const double x = side(random), y = side(random);
    inside += x * x + y * y < 1 ? 1 : 0;
    if (dart % (darts / 4) == 0)
      metrics << "pi=" << 4.0 * static_cast<double>(inside) / static_cast<double>(dart) << " step=" << dart << std::endl;
  }
  std::cout << inside << " of " << darts << " darts are inside\n";
}
