// The word rules of POSIX sh (Shell Command Language, 2.2 Quoting and 2.3 Token Recognition).
#include <algorithm>
#include <array>

#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

bool contains(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Words that mean something else to a shell than the program of that name.
bool is_shell_word(std::string_view word) {
  constexpr std::array kWords{"!",     "{",      "}",      "case",     "do",       "done",    "elif",
                              "else",  "esac",   "fi",     "for",      "if",       "in",      "then",
                              "until", "while",  "break",  ":",        "continue", ".",       "eval",
                              "exec",  "exit",   "export", "readonly", "return",   "set",     "shift",
                              "times", "trap",   "unset",  "alias",    "cd",       "command", "getopts",
                              "read",  "source", "type",   "ulimit",   "umask",    "unalias", "wait"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

struct Word {
  std::string text;
  bool begun = false;       // '' is a word too
  bool quoted = false;      // any part of it
  bool assignment = false;  // NAME= so far unquoted
};

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  std::optional<std::vector<std::string>> split() {
    for (; at_ < text_.size(); ++at_) {
      if (!take(text_[at_])) return std::nullopt;
    }
    if (!end_word()) return std::nullopt;
    return std::move(words_);
  }

 private:
  bool take(char c) {
    if (c == ' ' || c == '\t') return end_word();
    if (c == '\n') {
      if (!end_word()) return false;
      return words_.empty() || text_.find_first_not_of(" \t\n", at_) == std::string_view::npos;
    }
    if (contains("|&;<>()$`*?[", c)) return false;
    if (!word_.begun && (c == '#' || c == '~')) return false;
    if (c == '\'') return take_single_quoted();
    if (c == '"') return take_double_quoted();
    if (c == '\\') return take_escaped();
    if (c == '=' && !word_.quoted && !word_.text.empty() && !(word_.text[0] >= '0' && word_.text[0] <= '9') &&
        std::all_of(word_.text.begin(), word_.text.end(), is_name_character))
      word_.assignment = true;
    add(c);
    return true;
  }

  bool take_single_quoted() {
    const std::size_t end = text_.find('\'', at_ + 1);
    if (end == std::string_view::npos) throw_open_quote();
    word_.text += text_.substr(at_ + 1, end - at_ - 1);
    word_.begun = word_.quoted = true;
    at_ = end;
    return true;
  }

  bool take_double_quoted() {
    word_.begun = word_.quoted = true;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') return true;
      if (c == '$' || c == '`') return false;
      if (c == '\\' && at_ + 1 < text_.size() && contains("$`\"\\\n", text_[at_ + 1])) {
        ++at_;
        if (text_[at_] != '\n') word_.text += text_[at_];
      } else {
        word_.text += c;
      }
    }
    throw_open_quote();
  }

  bool take_escaped() {
    if (at_ + 1 == text_.size()) {  // nothing left to escape: itself
      add('\\');
      return true;
    }
    ++at_;
    if (text_[at_] == '\n') return true;  // the line goes on
    word_.quoted = true;
    add(text_[at_]);
    return true;
  }

  void add(char c) {
    word_.text += c;
    word_.begun = true;
  }

  /// False when the word can only be the shell's.
  bool end_word() {
    if (!word_.begun) return true;
    const bool first = words_.empty();
    if (first && (word_.assignment || (!word_.quoted && is_shell_word(word_.text)))) return false;
    words_.push_back(std::move(word_.text));
    word_ = {};
    return true;
  }

  [[noreturn]] void throw_open_quote() const {
    throw Error(category::bad_input, "a quote is not closed in: " + std::string(text_), "close the quote");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Word word_;
  std::vector<std::string> words_;
};

}  // namespace

std::string shell_quote(std::string_view word) {
  const bool option = word.starts_with('-');  // elsewhere '=' may make an assignment
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [&](char c) {
    return is_name_character(c) || contains("@%+:,./-", c) || (c == '=' && option);
  });
  if (plain) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  }
  return quoted + "'";
}

std::optional<std::vector<std::string>> split_plain_words(std::string_view text) {
  return Splitter(text).split();
}

}  // namespace amltrain
