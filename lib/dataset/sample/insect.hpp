// The two classes: one interface, one file a class.
#pragma once

#include <memory>

#include "dataset/sample/canvas.hpp"

namespace amltrain::sample {

/// Colours of an insect, drawn alike for all classes.
struct Palette {
  Colour base, accent, dark;
};
Palette draw_palette(Random& random);

/// An insect about two units long or wide, its head up, its middle at the origin.
class Insect {
 public:
  virtual ~Insect() = default;
  /// Colour at `p`, lit from the direction `light` (a unit vector in local coordinates); `pixel` is the width
  /// over which edges are smoothed.
  virtual Paint paint(Point p, Point light, double pixel) const = 0;
  /// How far `p` is inside the outline, roughly; negative outside. Its shadow is drawn by this.
  virtual double inside(Point p) const = 0;
};

std::unique_ptr<Insect> draw_beetle(Random& random);
std::unique_ptr<Insect> draw_butterfly(Random& random);

}  // namespace amltrain::sample
