// What an insect sits on, drawn alike for all classes.
#pragma once

#include "dataset/sample/canvas.hpp"

namespace amltrain::sample {

/// Covers the canvas with soil, blurred foliage, bark, stone or a petal, and strews leaves, stems and
/// pebbles.
void paint_ground(Canvas& canvas, Random& random);

}  // namespace amltrain::sample
