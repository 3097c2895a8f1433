#include "dataset/sample/insect.hpp"

namespace amltrain::sample {
namespace {

/// One wing of the right side: a leaf shape along an axis from its root.
struct Wing {
  Point root, axis;             // a unit vector
  double length, width, taper;  // taper: how much wider towards the tip
  double scallops, depth;       // waves of the outer edge

  struct Place {
    double along, across;  // 0 to 1 from root to tip; -1 to 1 from edge to edge
    double inside;         // distance to the edge, negative outside
  };
  Place at(Point p) const;
};

Wing::Place Wing::at(Point p) const {
  const double x = p.x - root.x, y = p.y - root.y;
  const double a = (x * axis.x + y * axis.y) / length, b = y * axis.x - x * axis.y;
  if (a <= 0 || a >= 1) {
    const double beyond = (a <= 0 ? a : a - 1) * length;
    return {a, 0, -std::sqrt(beyond * beyond + b * b)};
  }
  const double wave = 1 + depth * sin_turns(scallops * b / width);
  const double half = width * std::sqrt(a * (1 - a)) * (1 - taper + 2 * taper * a) * wave;
  return {a, b / half, half - std::abs(b)};
}

class Butterfly final : public Insect {
 public:
  explicit Butterfly(Random& random);
  Paint paint(Point p, Point light, double pixel) const override;
  double inside(Point p) const override;

 private:
  Point unfold(Point p) const { return {std::abs(p.x) / (p.x > 0 ? fold_right_ : fold_left_), p.y}; }
  Paint paint_wing(const Wing& wing, bool front, Point p, double shade, double pixel) const;
  Paint paint_body(Point p, Point light, double pixel) const;

  Palette palette_;
  Wing front_, back_;
  double fold_left_, fold_right_;
  double border_;
  bool dotted_;
  double vein_count_, eye_size_, bands_, body_width_;
  Point eye_front_, eye_back_;  // along, across
  Point antenna_;
  std::uint32_t grain_;
};

Butterfly::Butterfly(Random& random)
    : palette_(draw_palette(random)),
      fold_left_(random.uniform(0.7, 1)),
      fold_right_(random.uniform(0.7, 1)),
      border_(random.uniform(0.07, 0.13)),
      dotted_(random.chance(0.75)),
      vein_count_(random.uniform(5, 8)),
      eye_size_(random.chance(0.7) ? random.uniform(0.06, 0.12) : 0),
      bands_(random.chance(0.4) ? random.uniform(2, 4) : 0),
      body_width_(random.uniform(0.045, 0.07)),
      eye_front_{random.uniform(0.6, 0.78), random.uniform(-0.4, 0.4)},
      eye_back_{random.uniform(0.5, 0.75), random.uniform(-0.4, 0.4)},
      antenna_{random.uniform(0.18, 0.35), random.uniform(0.75, 0.9)},
      grain_(static_cast<std::uint32_t>(random.bits())) {
  const double rise = random.uniform(0.075, 0.13), fall = random.uniform(-0.14, -0.085);
  front_ = {{0.02, 0.14},
            {cos_turns(rise), sin_turns(rise)},
            random.uniform(0.95, 1.15),
            random.uniform(0.5, 0.68),
            random.uniform(0.3, 0.6),
            random.uniform(1.5, 3.5),
            random.uniform(0, 0.08)};
  back_ = {{0.02, 0.02},
           {cos_turns(fall), sin_turns(fall)},
           random.uniform(0.72, 0.92),
           random.uniform(0.55, 0.72),
           random.uniform(0.0, 0.35),
           random.uniform(1.5, 3.5),
           random.uniform(0, 0.08)};
}

Paint Butterfly::paint_wing(const Wing& wing, bool front, Point p, double shade, double pixel) const {
  const Wing::Place place = wing.at(p);
  if (place.inside < -2 * pixel) return {};
  Colour colour = mix(palette_.base, palette_.accent, smooth_step(0.15, 0.95, place.along) * 0.6);
  if (bands_ > 0)
    colour = mix(colour, palette_.accent, smooth_step(0.0, 0.5, sin_turns(place.along * bands_)));
  const double vein = std::abs(sin_turns(place.across * (0.6 + 0.4 * place.along) * vein_count_ * 0.25));
  colour = mix(palette_.dark, colour, smooth_step(0.0, 0.16, vein + 0.04));
  const double from_edge = std::min(place.inside, (1 - place.along) * wing.length);
  colour = mix(palette_.dark, colour, smooth_step(border_ * 0.9, border_ * 1.1, from_edge));
  if (dotted_) {  // a row of pale dots in the border
    const double dot = sin_turns(place.along * wing.length * 4.5) - 0.2;
    const double middle = 1 - std::abs(from_edge / border_ - 0.5) * 3.2;
    colour = mix(colour, Colour{0.93, 0.92, 0.86}, smooth_step(0, 0.35, std::min(dot, middle)));
  }
  if (eye_size_ > 0) {
    const Point eye = front ? eye_front_ : eye_back_;
    const double x = (place.along - eye.x) * wing.length, y = (place.across - eye.y) * wing.width * 0.5;
    const double from_eye = std::sqrt(x * x + y * y) / eye_size_;
    colour = mix(palette_.accent, colour, smooth_step(0.9, 1.1, from_eye));
    colour = mix(palette_.dark, colour, smooth_step(0.6, 0.75, from_eye));
    colour = mix(Colour{0.95, 0.95, 0.9}, colour, smooth_step(0.15, 0.3, from_eye));
  }
  const double scales = 0.82 + 0.36 * fractal_noise(p.x * 26, p.y * 26, 3, grain_);
  const double root_shadow = 0.6 + 0.4 * smooth_step(0, 0.35, place.along);
  return {colour * (scales * shade * root_shadow), smooth_step(-pixel, pixel, place.inside)};
}

Paint Butterfly::paint_body(Point p, Point light, double pixel) const {
  const double gap = distance_to_segment(p, {0, -0.4}, {0, 0.26});
  const double thick = body_width_ * (1 + 0.5 * smooth_step(-0.1, 0.15, p.y));
  const double ring = 0.75 + 0.25 * sin_turns(p.y * 12);
  const double lit = 0.7 + 0.5 * std::clamp(p.x * light.x / thick, -1.0, 1.0);
  Paint result{mix(palette_.dark, palette_.base, 0.25) * (ring * lit),
               smooth_step(pixel, -pixel, gap - thick)};
  const double head = std::sqrt(p.x * p.x + (p.y - 0.33) * (p.y - 0.33)) - body_width_ * 1.2;
  result = layered(result, {palette_.dark * lit, smooth_step(pixel, -pixel, head)});
  const Point right{std::abs(p.x), p.y};
  const double feeler = distance_to_segment(right, {0.02, 0.36}, antenna_) - 0.012;
  const double cx = right.x - antenna_.x, cy = right.y - antenna_.y;
  const double club = std::sqrt(cx * cx + cy * cy) - 0.03;
  return layered(result, {palette_.dark * 0.8, smooth_step(pixel, -pixel, std::min(feeler, club))});
}

Paint Butterfly::paint(Point p, Point light, double pixel) const {
  if (std::abs(p.x) > 1.3 || std::abs(p.y) > 1.3) return {};
  const Point open = unfold(p);
  const double shade = p.x * light.x > 0 ? 1.05 : 0.8;  // the wing that is turned to the light
  Paint result = paint_wing(back_, false, open, shade * 0.92, pixel);
  result = layered(result, paint_wing(front_, true, open, shade, pixel));
  return layered(result, paint_body(p, light, pixel));
}

double Butterfly::inside(Point p) const {
  const Point open = unfold(p);
  return std::max({front_.at(open).inside, back_.at(open).inside,
                   body_width_ - distance_to_segment(p, {0, -0.4}, {0, 0.3})});
}

}  // namespace

std::unique_ptr<Insect> draw_butterfly(Random& random) { return std::make_unique<Butterfly>(random); }

}  // namespace amltrain::sample
