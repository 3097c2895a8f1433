// A job's command as words: quoting gives each word back.
#include "input.hpp"
#include "support/text.hpp"

void fuzz(amltrain::fuzz::Input input) {
  using namespace amltrain;
  std::optional<std::vector<std::string>> words;
  if (!fuzz::accepts([&] { words = split_plain_words(input.text()); }) || !words) return;
  std::string quoted;
  for (const std::string& word : *words) {
    if (word.find('\0') != std::string::npos) return;
    quoted += (quoted.empty() ? "" : " ") + shell_quote(word);
  }
  if (words->empty()) return;
  const auto again = split_plain_words(quoted);
  // The first word may be one that means something to the shell when it stands alone, as "'if'" does not.
  fuzz::require(again == words || !again, "words are the same when quoted and split again");
}
