#include "snapshot/wildcard.hpp"

#include <cctype>
#include <optional>
#include <string>

namespace amltrain {
namespace {

using ByteSet = std::bitset<256>;

unsigned index_of(char byte) { return static_cast<unsigned char>(byte); }

/// The bytes of "[:NAME:]"; absent for a name that is none. ASCII, whatever the locale.
std::optional<ByteSet> class_named(std::string_view name) {
  struct Class {
    std::string_view name;
    int (*holds)(int);
  };
  static constexpr Class kClasses[] = {
      {"alnum", std::isalnum}, {"alpha", std::isalpha}, {"blank", std::isblank}, {"cntrl", std::iscntrl},
      {"digit", std::isdigit}, {"graph", std::isgraph}, {"lower", std::islower}, {"print", std::isprint},
      {"punct", std::ispunct}, {"space", std::isspace}, {"upper", std::isupper}, {"xdigit", std::isxdigit}};
  for (const Class& known : kClasses) {
    if (known.name != name) continue;
    ByteSet set;
    for (int byte = 0; byte < 128; ++byte) set[static_cast<unsigned>(byte)] = known.holds(byte) != 0;
    return set;
  }
  return std::nullopt;
}

/// Reads "[...]" from its '[' at `at`, which then stands behind the ']'. Absent when it does not end.
class SetReader {
 public:
  SetReader(std::string_view pattern, std::size_t at) : pattern_(pattern), at_(at + 1) {}

  std::optional<ByteSet> read() {
    const bool negated = at_ < pattern_.size() && (pattern_[at_] == '!' || pattern_[at_] == '^');
    if (negated) ++at_;
    for (bool first = true;; first = false) {
      if (at_ >= pattern_.size()) return std::nullopt;
      if (pattern_[at_] == ']' && !first) break;
      if (!read_member()) return std::nullopt;
    }
    ++at_;
    if (negated) set_.flip();
    set_[index_of('/')] = false;
    return set_;
  }
  std::size_t end() const { return at_; }

 private:
  /// A byte, the second half of a range, or a class.
  bool read_member() {
    const char byte = pattern_[at_];
    const bool is_range = byte == '-' && before_ && at_ + 1 < pattern_.size() && pattern_[at_ + 1] != ']';
    if (is_range) {
      ++at_;
      const auto last = read_byte();
      if (!last) return false;
      for (unsigned value = index_of(*before_); value <= index_of(*last); ++value) set_[value] = true;
      before_.reset();
      return true;
    }
    if (byte == '[' && at_ + 1 < pattern_.size() && pattern_[at_ + 1] == ':') {
      const std::size_t close = pattern_.find(']', at_ + 2);
      if (close == std::string_view::npos) return false;
      if (close > at_ + 2 && pattern_[close - 1] == ':') {
        const auto named = class_named(pattern_.substr(at_ + 2, close - at_ - 3));
        if (!named) return false;
        set_ |= *named;
        at_ = close + 1;
        before_.reset();
        return true;
      }
    }
    before_ = read_byte();
    if (!before_) return false;
    set_[index_of(*before_)] = true;
    return true;
  }

  std::optional<char> read_byte() {
    if (pattern_[at_] == '\\') ++at_;
    if (at_ >= pattern_.size()) return std::nullopt;
    return pattern_[at_++];
  }

  std::string_view pattern_;
  std::size_t at_;
  ByteSet set_;
  std::optional<char> before_;  // what a range may begin with
};

}  // namespace

void Wildcard::add_stars(std::string_view pattern, std::size_t& at) {
  const std::size_t begin = at;
  while (at < pattern.size() && pattern[at] == '*') ++at;
  const bool opens = begin == 0 || pattern[begin - 1] == '/';
  const std::string_view rest = pattern.substr(at);
  const bool spans = at - begin > 1 && opens && (rest.empty() || rest[0] == '/' || rest.starts_with("\\/"));
  if (!spans) {
    steps_.push_back({Step::Kind::any_in_folder});
  } else if (rest.starts_with('/')) {
    steps_.push_back({Step::Kind::folders});
    ++at;
  } else {
    steps_.push_back({Step::Kind::any});
  }
}

Wildcard::Wildcard(std::string_view pattern) {
  for (std::size_t at = 0; at < pattern.size() && !broken_;) {
    switch (pattern[at]) {
      case '*':
        add_stars(pattern, at);
        break;
      case '?': {
        Step step{Step::Kind::set};
        step.set.set().reset(index_of('/'));
        steps_.push_back(step);
        ++at;
        break;
      }
      case '[': {
        SetReader reader(pattern, at);
        const auto set = reader.read();
        broken_ = !set;
        if (set) steps_.push_back({Step::Kind::set, 0, *set});
        at = reader.end();
        break;
      }
      default:
        if (pattern[at] == '\\') ++at;
        broken_ = at >= pattern.size();
        if (!broken_) steps_.push_back({Step::Kind::byte, pattern[at++]});
    }
  }
}

/// All places in the pattern that the path so far may have led to, advanced byte by byte.
bool Wildcard::matches(std::string_view path) const {
  using Kind = Step::Kind;
  if (broken_) return false;
  const std::size_t end = steps_.size();
  std::vector<bool> reached(end + 1), next(end + 1);
  std::vector<bool> inside(end), next_inside(end);  // a "folders" that has begun, and can't be "" any more
  const auto skip_what_may_be_empty = [&](std::vector<bool>& places) {
    for (std::size_t place = 0; place < end; ++place) {
      if (places[place] && steps_[place].kind != Kind::byte && steps_[place].kind != Kind::set)
        places[place + 1] = true;
    }
  };
  reached[0] = true;
  skip_what_may_be_empty(reached);
  for (const char byte : path) {
    next.assign(end + 1, false);
    next_inside.assign(end, false);
    for (std::size_t place = 0; place < end; ++place) {
      const Step& step = steps_[place];
      if (step.kind == Kind::folders && (reached[place] || inside[place])) {
        next_inside[place] = true;
        if (byte == '/') next[place + 1] = true;
      }
      if (!reached[place]) continue;
      if ((step.kind == Kind::byte && step.byte == byte) ||
          (step.kind == Kind::set && step.set[index_of(byte)]))
        next[place + 1] = true;
      if (step.kind == Kind::any || (step.kind == Kind::any_in_folder && byte != '/')) next[place] = true;
    }
    skip_what_may_be_empty(next);
    reached.swap(next);
    inside.swap(next_inside);
  }
  return reached[end];
}

}  // namespace amltrain
