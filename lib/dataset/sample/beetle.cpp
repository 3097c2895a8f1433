#include <array>

#include "dataset/sample/insect.hpp"

namespace amltrain::sample {
namespace {

struct Ellipse {
  Point center;
  double width, height;  // half axes

  /// 0 in the middle, 1 on the outline.
  double radius(Point p) const {
    const double x = (p.x - center.x) / width, y = (p.y - center.y) / height;
    return std::sqrt(x * x + y * y);
  }
  double inside(Point p) const { return (1 - radius(p)) * std::min(width, height); }
};

struct Leg {
  Point hip, knee, foot;
};

class Beetle final : public Insect {
 public:
  explicit Beetle(Random& random);
  Paint paint(Point p, Point light, double pixel) const override;
  double inside(Point p) const override;

 private:
  enum Pattern { plain, spots, stripes, bands };
  Colour wing_case_colour(Point p) const;
  Paint dome(const Ellipse& shape, const Colour& colour, Point p, Point light, double pixel) const;

  Palette palette_;
  Pattern pattern_;
  Ellipse wing_case_, thorax_, head_;
  std::array<Leg, 6> legs_;
  std::array<Leg, 2> antennae_;
  std::array<Point, 7> spots_;
  double spot_size_, stripe_count_, gloss_, leg_width_;
  std::uint32_t grain_;
};

Beetle::Beetle(Random& random)
    : palette_(draw_palette(random)),
      pattern_(static_cast<Pattern>(random.between(plain, bands))),
      spot_size_(random.uniform(0.07, 0.13)),
      stripe_count_(random.uniform(2.5, 5)),
      gloss_(random.uniform(0.4, 0.95)),
      leg_width_(random.uniform(0.03, 0.05)),
      grain_(static_cast<std::uint32_t>(random.bits())) {
  const double width = random.uniform(0.36, 0.52), length = random.uniform(0.5, 0.62);
  wing_case_ = {{0, -0.18}, width, length};
  thorax_ = {{0, length - 0.22}, width * random.uniform(0.7, 0.95), random.uniform(0.17, 0.25)};
  head_ = {{0, length - 0.02}, width * random.uniform(0.35, 0.55), random.uniform(0.13, 0.18)};
  for (std::size_t i = 0; i < legs_.size(); ++i) {
    const double side = i % 2 == 0 ? 1 : -1;
    const double row = static_cast<double>(i / 2);  // 0 in front
    const Point hip{side * width * 0.6, 0.32 - 0.28 * row};
    const Point knee{side * (width + random.uniform(0.16, 0.3)),
                     hip.y + 0.22 - 0.24 * row + random.uniform(-0.06, 0.06)};
    legs_[i] = {
        hip,
        knee,
        {knee.x + side * random.uniform(0.0, 0.16), knee.y + 0.3 - 0.36 * row + random.uniform(-0.1, 0.1)}};
  }
  for (std::size_t i = 0; i < antennae_.size(); ++i) {
    const double side = i == 0 ? 1 : -1;
    const Point hip{side * head_.width * 0.6, head_.center.y + 0.08};
    const Point knee{hip.x + side * random.uniform(0.1, 0.2), hip.y + random.uniform(0.08, 0.16)};
    antennae_[i] = {
        hip, knee, {knee.x + side * random.uniform(0.04, 0.2), knee.y + random.uniform(0.02, 0.18)}};
  }
  for (Point& spot : spots_) spot = {random.uniform(0.12, 0.8), random.uniform(-0.8, 0.75)};
}

Colour Beetle::wing_case_colour(Point p) const {
  const double u = std::abs(p.x) / wing_case_.width, v = (p.y - wing_case_.center.y) / wing_case_.height;
  double marked = 0;
  if (pattern_ == spots) {
    for (const Point& spot : spots_) {
      const double x = (u - spot.x) * wing_case_.width, y = (v - spot.y) * wing_case_.height;
      marked =
          std::max(marked, smooth_step(spot_size_ + 0.015, spot_size_ - 0.015, std::sqrt(x * x + y * y)));
    }
  } else if (pattern_ == stripes) {
    marked = smooth_step(-0.15, 0.25, sin_turns(u * stripe_count_ * 0.9));
  } else if (pattern_ == bands) {
    marked = smooth_step(-0.1, 0.3, sin_turns(v * stripe_count_ * 0.4 + 0.1 * noise(u * 4, v * 4, grain_)));
  }
  const double grain = 0.85 + 0.3 * fractal_noise(p.x * 30, p.y * 30, 2, grain_);
  const Colour colour = mix(palette_.base, palette_.accent, marked) * grain;
  return mix(palette_.dark, colour, smooth_step(0.008, 0.03, std::abs(p.x)));  // where the wing cases meet
}

/// A rounded body: lit on the side of the light, with a highlight, dark at the edge.
Paint Beetle::dome(const Ellipse& shape, const Colour& colour, Point p, Point light, double pixel) const {
  const double radius = shape.radius(p);
  if (radius > 1.2) return {};
  const double cover = smooth_step(-pixel, pixel, shape.inside(p));
  const double x = (p.x - shape.center.x) / shape.width, y = (p.y - shape.center.y) / shape.height;
  const double up = std::sqrt(std::max(0.0, 1 - radius * radius));
  const double lit = std::max(0.0, 0.55 * (x * light.x + y * light.y) + 0.8 * up);
  const double hx = x - 0.45 * light.x, hy = y - 0.45 * light.y;
  const double shine = gloss_ * smooth_step(0.3, 0.0, std::sqrt(hx * hx + hy * hy));
  return {mix(colour * (0.25 + 0.85 * lit), {1, 1, 0.97}, shine), cover};
}

Paint Beetle::paint(Point p, Point light, double pixel) const {
  if (std::abs(p.x) > 1.3 || std::abs(p.y) > 1.4) return {};
  Paint result;
  const auto limb = [&](const Leg& leg, double width) {
    const double upper = distance_to_segment(p, leg.hip, leg.knee) - width;
    const double lower = distance_to_segment(p, leg.knee, leg.foot) - width * 0.7;
    const double gap = std::min(upper, lower);
    result = layered(result, {palette_.dark * (0.8 - 6 * gap), smooth_step(pixel, -pixel, gap)});
  };
  for (const Leg& leg : legs_) limb(leg, leg_width_);
  for (const Leg& antenna : antennae_) limb(antenna, leg_width_ * 0.5);
  const Colour front = mix(palette_.dark, palette_.base, 0.3);
  result = layered(result, dome(head_, front, p, light, pixel));
  result = layered(result, dome(thorax_, mix(front, palette_.accent, 0.25), p, light, pixel));
  if (wing_case_.radius(p) < 1.2)
    result = layered(result, dome(wing_case_, wing_case_colour(p), p, light, pixel));
  return result;
}

double Beetle::inside(Point p) const {
  double deepest = std::max({wing_case_.inside(p), thorax_.inside(p), head_.inside(p)});
  for (const Leg& leg : legs_)
    deepest = std::max({deepest, leg_width_ - distance_to_segment(p, leg.hip, leg.knee),
                        leg_width_ - distance_to_segment(p, leg.knee, leg.foot)});
  return deepest;
}

}  // namespace

std::unique_ptr<Insect> draw_beetle(Random& random) { return std::make_unique<Beetle>(random); }

}  // namespace amltrain::sample
