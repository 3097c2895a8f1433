#include "archive_view.hpp"

#include "support/text.hpp"

namespace amltrain::cli {

void tell_differences(const Context& context, const RunId& run, std::vector<std::string> differences) {
  constexpr std::size_t kShown = 4;
  if (differences.empty()) return;
  const std::size_t all = differences.size();
  if (all > kShown) differences.resize(kShown);
  context.notice("Run " + run + " differs from what it recorded: " + join(differences, ", ") +
                 (all > kShown ? ", and " + std::to_string(all - kShown) + " more" : "") +
                 "; amltrain workspace verify names all");
}

}  // namespace amltrain::cli
