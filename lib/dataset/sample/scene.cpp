#include "dataset/sample/scene.hpp"

#include "dataset/sample/ground.hpp"

namespace amltrain::sample {
namespace {

void paint_insect(Canvas& canvas, Random& random, const Insect& insect) {
  const double shorter = std::min(canvas.height(), canvas.width());
  const double scale = shorter * random.uniform(0.45, 0.68);
  const double turns = random.uniform();
  const Point center{canvas.width() * random.uniform(0.38, 0.62),
                     canvas.height() * random.uniform(0.38, 0.62)};
  const Pose pose{center, turns, scale, random.uniform(0.75, 1), random.uniform(-0.2, 0.2)};
  const double light_turns = random.uniform();
  const Point light{cos_turns(light_turns - turns),
                    sin_turns(light_turns - turns)};  // in the insect's coordinates

  const double height = random.uniform(0.04, 0.14), softness = random.uniform(0.02, 0.1);
  const double darkness = random.uniform(0.3, 0.75);
  canvas.paint([&](int x, int y) -> Paint {
    const Point p = pose.to_local(x, y);
    if (std::abs(p.x) > 1.6 || std::abs(p.y) > 1.6) return {};
    const double inside = insect.inside({p.x + light.x * height, p.y + light.y * height});
    return {{0.03, 0.03, 0.05}, darkness * smooth_step(-softness, softness, inside)};
  });
  const double edge = random.uniform(0.7, 1.6) * pose.pixel();  // focus
  canvas.paint([&](int x, int y) { return insect.paint(pose.to_local(x, y), light, edge); });
}

/// Sunlight from one side, falling off to the corners, with a tint; then the grain of the sensor.
void expose(Canvas& canvas, Random& random) {
  const double turns = random.uniform(), slope = random.uniform(0, 0.35), corners = random.uniform(0, 0.35);
  const double brightness = random.uniform(0.8, 1.2), grain = random.uniform(0.01, 0.04);
  const Colour tint{random.uniform(0.9, 1.1), random.uniform(0.95, 1.05), random.uniform(0.85, 1.1)};
  const double dapple = random.chance(0.35) ? random.uniform(0.2, 0.5) : 0;  // light through leaves
  const auto seed = static_cast<std::uint32_t>(random.bits());
  const double cosine = cos_turns(turns), sine = sin_turns(turns);
  canvas.change([&](int px, int py, const Colour& colour) -> Colour {
    const double x = 2.0 * px / canvas.width() - 1, y = 2.0 * py / canvas.height() - 1;
    const double shade =
        dapple == 0 ? 1 : 1 - dapple * smooth_step(0.45, 0.6, fractal_noise(x * 2, y * 2, 2, seed));
    const double light =
        brightness * shade * (1 + slope * (cosine * x + sine * y)) * (1 - corners * (x * x + y * y) / 2);
    const double speck = grain * (random.uniform() + random.uniform() - 1);
    return {colour.r * tint.r * light + speck, colour.g * tint.g * light + speck,
            colour.b * tint.b * light + speck};
  });
}

}  // namespace

Palette draw_palette(Random& random) {
  const double hue = random.uniform();
  const Colour base = to_colour({hue, random.uniform(0.35, 0.95), random.uniform(0.45, 0.95)});
  const Colour whitish = to_colour({0.12, random.uniform(0, 0.3), random.uniform(0.8, 1)});
  const Colour other =
      to_colour({hue + random.uniform(0.1, 0.9), random.uniform(0.4, 0.9), random.uniform(0.35, 0.95)});
  const Colour accent = random.chance(0.3) ? whitish : other;
  return {base, accent, to_colour({hue + 0.5, random.uniform(0, 0.5), random.uniform(0.04, 0.2)})};
}

Image draw_scene(Random& random, DrawInsect draw_insect) {
  const int height = random.between(240, 500), width = random.between(240, 500);
  Canvas canvas(height, width);
  paint_ground(canvas, random);
  const std::unique_ptr<Insect> insect = draw_insect(random);
  paint_insect(canvas, random, *insect);
  expose(canvas, random);
  return canvas.to_image();
}

}  // namespace amltrain::sample
