#include "dataset/sample/canvas.hpp"

namespace amltrain::sample {

Colour to_colour(const Hsv& hsv) {
  const auto channel = [&](double shift) {
    const double place = (hsv.hue + shift - std::floor(hsv.hue + shift)) * 6;
    return hsv.value * (1 - hsv.saturation * std::clamp(std::min(place, 4 - place), 0.0, 1.0));
  };
  return {channel(5.0 / 6), channel(3.0 / 6), channel(1.0 / 6)};
}

Paint layered(const Paint& below, const Paint& over) {
  const double cover = over.cover + below.cover * (1 - over.cover);
  if (cover <= 0) return {};
  return {mix(below.colour, over.colour, over.cover / cover), cover};
}

double distance_to_segment(Point p, Point a, Point b) {
  const double dx = b.x - a.x, dy = b.y - a.y;
  const double along = std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy), 0.0, 1.0);
  const double x = p.x - a.x - along * dx, y = p.y - a.y - along * dy;
  return std::sqrt(x * x + y * y);
}

Pose::Pose(Point center, double turns, double pixels_per_unit, double squeeze, double shear)
    : center_(center),
      cosine_(cos_turns(turns)),
      sine_(sin_turns(turns)),
      scale_(pixels_per_unit),
      squeeze_(squeeze),
      shear_(shear) {}

Point Pose::to_local(double x, double y) const {
  const double dx = (x + 0.5 - center_.x) / scale_, dy = (center_.y - y - 0.5) / scale_;
  const double u = cosine_ * dx + sine_ * dy, v = cosine_ * dy - sine_ * dx;
  return {(u - shear_ * v) / squeeze_, v};
}

Image Canvas::to_image() const {
  Image image{height_, width_, {}};
  image.rgb.reserve(pixels_.size() * 3);
  for (const Colour& colour : pixels_)
    for (const double value : {colour.r, colour.g, colour.b})
      image.rgb.push_back(static_cast<std::uint8_t>(std::clamp(value, 0.0, 1.0) * 255 + 0.5));
  return image;
}

}  // namespace amltrain::sample
