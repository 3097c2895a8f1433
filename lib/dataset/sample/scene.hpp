// A photograph: ground, things that lie about, an insect with its shadow, light and the camera's grain.
#pragma once

#include "dataset/sample/insect.hpp"

namespace amltrain::sample {

using DrawInsect = std::unique_ptr<Insect> (*)(Random&);

/// All of the picture follows from the state of `random`.
Image draw_scene(Random& random, DrawInsect draw_insect);

}  // namespace amltrain::sample
