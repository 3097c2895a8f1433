#include <catch2/catch.hpp>

#include "errors.hpp"
#include "support/process.hpp"
#include "support/text.hpp"
#include "temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

/// What /bin/sh makes of `text`: each word of `printf` arguments on a line of its own.
std::string words_of_sh(const std::string& text) {
  const TemporaryFolder folder;
  Command command;
  command.arguments = {"/bin/sh", "-c", "printf '%s\\n' " + text};
  command.stdout_file = folder / "out";
  REQUIRE(wait_for(start_process(command)).ok());
  return read_plain(folder / "out");
}

}  // namespace

TEST_CASE("plain words are split as sh splits them", "[support]") {
  const std::string text =
      GENERATE(as<std::string>(), "python train.py", "  a   b\t c  ", "'a b' c", "\"a b\" c", "a'b'\"c\"d",
               "''", "a '' b", "a\\ b", "\\\"", "'\\n'", "\"\\n\"", "\"a\\\"b\"", "\"\\\\\"", "\"'\"", "'\"'",
               "--tag=k=v", "a=b", "a#b", "a~", "a\\\nb", "\"a\\\nb\"", "'$x' '`' '*'", "\\$x", "\"\\$x\"",
               "]", "a{b}c", "-", "a,b:c@d%e+f");
  CAPTURE(text);
  // With a program in front, as sh was asked: the first word has rules of its own.
  const auto words = split_plain_words("program " + text);
  REQUIRE(words);
  std::string lines;
  for (std::size_t i = 1; i < words->size(); ++i) lines += (*words)[i] + "\n";
  CHECK(lines == words_of_sh(text));
}

TEST_CASE("text that needs a shell is left to the shell", "[support]") {
  const std::string text = GENERATE(
      as<std::string>(), "a | b", "a && b", "a;b", "a > b", "a 2>&1", "a < b", "a &", "(a)", "$HOME/x",
      "a \"$x\"", "a `b`", "a \"`b`\"", "ls *.py", "a ?", "a [bc]", "a # comment", "# comment", "~/train.py",
      "a ~", "X=1 a", "a\nb", "! a", "{ a", "if a", "exit 3", "cd /", ". ./env", "exec a", "source env");
  CAPTURE(text);
  CHECK_FALSE(split_plain_words(text));
}

TEST_CASE("quoting takes their meaning from shell words", "[support]") {
  CHECK(split_plain_words("'exit' 3") == std::vector<std::string>{"exit", "3"});
  CHECK(split_plain_words("\\exit 3") == std::vector<std::string>{"exit", "3"});
  CHECK(split_plain_words("'X'=1 a") == std::vector<std::string>{"X=1", "a"});
}

TEST_CASE("blank text has no words and a last newline ends the command", "[support]") {
  CHECK(split_plain_words("")->empty());
  CHECK(split_plain_words(" \n\t ")->empty());
  CHECK(split_plain_words("\n a b \n\n") == std::vector<std::string>{"a", "b"});
}

TEST_CASE("an open quote is bad input", "[support]") {
  const std::string text = GENERATE(as<std::string>(), "a 'b", "a \"b", "\"", "a \"b\\\"", "it's");
  CHECK(error_of([&] { split_plain_words(text); }).kind() == category::bad_input);
}

TEST_CASE("a quoted word is read back by sh as it was", "[support]") {
  const std::string word = GENERATE(as<std::string>(), "plain", "", "a b", "it's", "'", "$HOME", "a\nb", "*",
                                    "\\", "--tag=k=v", "X=1", "~", "#", "é", "a\"b", "!", "-n");
  CAPTURE(word);
  CHECK(words_of_sh(shell_quote(word)) == word + "\n");
  CHECK(split_plain_words("program " + shell_quote(word)) == std::vector<std::string>{"program", word});
}

TEST_CASE("plain words are not quoted, a word that could be an assignment is", "[support]") {
  CHECK(shell_quote("outputs/model.pt") == "outputs/model.pt");
  CHECK(shell_quote("--lr=0.1") == "--lr=0.1");
  CHECK(shell_quote("X=1") == "'X=1'");
}
