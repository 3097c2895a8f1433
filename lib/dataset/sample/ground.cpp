#include "dataset/sample/ground.hpp"

namespace amltrain::sample {
namespace {

/// Mostly what grows and lies about, now and then any colour at all.
Colour draw_ground_colour(Random& random) {
  constexpr double kHues[] = {0.08, 0.11, 0.17, 0.25, 0.31, 0.38, 0.58};  // earth, straw, leaves, haze
  double hue = random.uniform();
  if (random.chance(0.88)) hue = kHues[random.between(0, 6)] + (hue - 0.5) * 0.08;
  return to_colour({hue, random.uniform(0.1, 0.55), random.uniform(0.25, 0.9)});
}

/// Two colours and a grain: stretched, it is bark or petal; coarse, foliage out of focus; fine, soil or
/// stone.
void paint_base(Canvas& canvas, Random& random) {
  const Colour first = draw_ground_colour(random);
  const Colour second = random.chance(0.5) ? draw_ground_colour(random) : first * random.uniform(0.35, 0.8);
  const auto seed = static_cast<std::uint32_t>(random.bits());
  const double coarse = random.uniform(1.5, 5) / canvas.width(), fine = random.uniform(0.04, 0.2);
  const double stretch = random.chance(0.4) ? random.uniform(3, 10) : 1;
  const double roughness = random.uniform(0.03, 0.3), turns = random.uniform();
  const double cosine = cos_turns(turns), sine = sin_turns(turns);
  canvas.paint([&](int px, int py) -> Paint {
    const double x = cosine * px + sine * py, y = (cosine * py - sine * px) / stretch;
    const double patch = fractal_noise(x * coarse, y * coarse, 3, seed);
    const double grain = fractal_noise(x * fine, y * fine, 2, seed + 99);
    const Colour colour = mix(first, second, smooth_step(0.3, 0.7, patch));
    return {colour * (1 + roughness * (grain - 0.5) * 2), 1};
  });
}

/// A leaf or petal with a middle vein; without, and round, a pebble.
void paint_leaf(Canvas& canvas, Random& random) {
  const bool pebble = random.chance(0.3);
  const double size = random.uniform(0.06, 0.28) * canvas.width();
  const Pose pose{{random.uniform(0, canvas.width()), random.uniform(0, canvas.height())},
                  random.uniform(),
                  size,
                  pebble ? random.uniform(0.7, 1) : random.uniform(0.25, 0.6),
                  random.uniform(-0.2, 0.2)};
  const Colour colour = draw_ground_colour(random);
  const double blur = random.uniform(2, 9) * pose.pixel(), side = random.uniform(-0.4, 0.4);
  const auto seed = static_cast<std::uint32_t>(random.bits());
  canvas.paint([&](int x, int y) -> Paint {
    const Point p = pose.to_local(x, y);
    if (std::abs(p.x) > 1.5 || std::abs(p.y) > 1.5) return {};
    const double reach = pebble ? 1 - std::sqrt(p.x * p.x + p.y * p.y) : (1 - p.y * p.y) - std::abs(p.x);
    const double cover = smooth_step(-blur, blur, reach);
    if (cover == 0) return {};
    double shade = 0.8 + 0.4 * fractal_noise(p.x * 9, p.y * 9, 2, seed) + side * p.x;
    if (!pebble) shade *= 0.75 + 0.25 * smooth_step(0.02, 0.06, std::abs(p.x));
    return {colour * shade, cover};
  });
}

/// A stem or blade of grass from edge to edge.
void paint_stem(Canvas& canvas, Random& random) {
  const Point a{random.uniform(-0.2, 1.2) * canvas.width(), -10.0};
  const Point b{random.uniform(-0.2, 1.2) * canvas.width(), canvas.height() + 10.0};
  const double width = random.uniform(1.5, 9), blur = random.uniform(1.5, 5), bend = random.uniform(-30, 30);
  const Colour colour = draw_ground_colour(random);
  const bool across = random.chance(0.5);
  canvas.paint([&](int px, int py) -> Paint {
    const double x = across ? py : px, y = across ? px : py;
    const double bow = bend * sin_turns(y / canvas.height() * 0.5);
    const double gap = distance_to_segment({x + bow, y}, a, b);
    return {colour * (1.15 - 0.4 * gap / width), smooth_step(width + blur, width - blur, gap)};
  });
}

}  // namespace

void paint_ground(Canvas& canvas, Random& random) {
  paint_base(canvas, random);
  for (int left = random.between(0, 4); left > 0; --left) paint_leaf(canvas, random);
  for (int left = random.between(0, 2); left > 0; --left) paint_stem(canvas, random);
}

}  // namespace amltrain::sample
