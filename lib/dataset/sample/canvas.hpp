// What pictures are painted on, and the geometry of what is painted.
#pragma once

#include <cstddef>
#include <vector>

#include "dataset/sample/numbers.hpp"
#include "image/image.hpp"

namespace amltrain::sample {

struct Point {
  double x = 0, y = 0;
};

struct Colour {
  double r = 0, g = 0, b = 0;  // 0 to 1, as displayed
};
inline Colour operator*(const Colour& c, double factor) { return {c.r * factor, c.g * factor, c.b * factor}; }
inline Colour mix(const Colour& a, const Colour& b, double share) {
  return {mix(a.r, b.r, share), mix(a.g, b.g, share), mix(a.b, b.b, share)};
}
/// Braces, unlike parentheses, draw their random numbers in order: hence a type.
struct Hsv {
  double hue, saturation, value;  // hue in turns
};
Colour to_colour(const Hsv& hsv);

/// A colour and how much of what is below it covers.
struct Paint {
  Colour colour;
  double cover = 0;
};
/// `over` on top of `below`.
Paint layered(const Paint& below, const Paint& over);

/// Length of the shortest line from `p` to the segment from `a` to `b`.
double distance_to_segment(Point p, Point a, Point b);

/// Where something lies on the canvas: turned, scaled, and seen a little from the side.
class Pose {
 public:
  Pose(Point center, double turns, double pixels_per_unit, double squeeze, double shear);
  Point to_local(double x, double y) const;
  double pixel() const { return 1 / scale_; }  // size of a pixel in local units

 private:
  Point center_;
  double cosine_, sine_, scale_, squeeze_, shear_;
};

class Canvas {
 public:
  Canvas(int height, int width)
      : height_(height),
        width_(width),
        pixels_(static_cast<std::size_t>(height) * static_cast<std::size_t>(width)) {}
  int height() const { return height_; }
  int width() const { return width_; }

  /// Calls paint(x, y) -> Paint for every pixel and lays it on top.
  template <typename Painter>
  void paint(const Painter& painter) {
    std::size_t i = 0;
    for (int y = 0; y < height_; ++y)
      for (int x = 0; x < width_; ++x, ++i) {
        const Paint paint = painter(x, y);
        pixels_[i] = mix(pixels_[i], paint.colour, paint.cover);
      }
  }
  /// Calls change(x, y, colour) -> Colour for every pixel.
  template <typename Change>
  void change(const Change& change) {
    std::size_t i = 0;
    for (int y = 0; y < height_; ++y)
      for (int x = 0; x < width_; ++x, ++i) pixels_[i] = change(x, y, pixels_[i]);
  }
  Image to_image() const;

 private:
  int height_, width_;
  std::vector<Colour> pixels_;
};

}  // namespace amltrain::sample
