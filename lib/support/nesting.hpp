// How deeply a JSON document may be nested before it is not ours.
#pragma once

#include <string_view>

namespace amltrain {

/// Who copies or prints a deeper document would run out of stack.
inline constexpr int kDeepestNesting = 200;

/// Of one document, or of several in lines. Only brackets are counted: for what is no JSON the answer may be
/// either.
bool is_nested_too_deeply(std::string_view text);

}  // namespace amltrain
