"""Writes images of every kind that lib/image reads, and what Pillow makes of each.

  image_decode.py OUT [DATA]   DATA: a folder of real images to take instead of the drawn ones

OUT/manifest.json: [{"file", "height", "width", "rgb"} or {"file", "error"}]; "rgb" names a file of raw pixels.
"""
import io
import json
import random
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

rng = np.random.default_rng(11)


def picture(height, width, channels=3):
    """Smooth colour with edges and noise: chroma that subsampling, and detail that quantisation, changes."""
    y, x = np.mgrid[0:height, 0:width]
    layers = []
    for channel in range(channels):
        fx, fy = rng.uniform(0.02, 0.3, 2)
        layer = 128 + 90 * np.sin(fx * x + channel) * np.cos(fy * y) + rng.normal(0, 9, (height, width))
        layer[height // 3:height // 2, width // 4:width // 2] = rng.uniform(0, 255)
        layers.append(layer)
    return np.clip(np.stack(layers, -1), 0, 255).astype(np.uint8)


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png(array, depth, colour, interlaced=False, before_data=b""):
    """A PNG by hand: samples of `array` (height, width, channels) at `depth` bits; Pillow writes no such files."""
    height, width = array.shape[:2]

    def packed(rows):
        out = b""
        for row in rows:
            flat = row.reshape(-1)
            if depth == 16:
                line = flat.astype(">u2").tobytes()
            elif depth == 8:
                line = flat.astype(np.uint8).tobytes()
            else:
                bits = "".join(format(int(v), f"0{depth}b") for v in flat)
                bits += "0" * (-len(bits) % 8)
                line = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
            out += b"\0" + line
        return out

    passes = [(0, 0, 1, 1)]
    if interlaced:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    data = b"".join(packed(array[y::dy, x::dx]) for y, x, dy, dx in passes if array[y::dy, x::dx].size)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0,
                                                              interlaced))
            + before_data + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def jpegs():
    rgb = Image.fromarray(picture(95, 141))
    for size in (1, 8, 17, 64):
        yield f"size-{size}", saved(Image.fromarray(picture(size, size + 3)), "JPEG", quality=90)
    for subsampling in (0, 1, 2):
        for progressive in (False, True):
            yield (f"sub{subsampling}-{'progressive' if progressive else 'baseline'}",
                   saved(rgb, "JPEG", quality=80, subsampling=subsampling, progressive=progressive))
    yield "low-quality", saved(rgb, "JPEG", quality=8)
    yield "rgb-components", saved(rgb, "JPEG", keep_rgb=True, quality=92)
    yield "restarts", saved(rgb, "JPEG", quality=85, restart_marker_blocks=3)
    yield "grey", saved(rgb.convert("L"), "JPEG", quality=85)
    cmyk = saved(Image.fromarray(picture(60, 77, 4), "CMYK"), "JPEG", quality=90)
    yield "cmyk", cmyk
    adobe = cmyk.index(b"Adobe")
    yield "ycck", cmyk[:adobe + 11] + b"\2" + cmyk[adobe + 12:]
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "exif-rotated", saved(rgb, "JPEG", exif=exif)
    whole = saved(rgb, "JPEG", quality=85)
    yield "trailing-garbage", whole + b"\0\1\2 trailing \xff\xd8\xff garbage" * 9
    yield "no-end-marker", whole[:-2]
    broken = bytearray(whole)
    broken[len(broken) // 2] ^= 0x10
    yield "bit-flipped-scan", bytes(broken)
    for part in range(1, 12):
        yield f"cut-{part}", whole[:len(whole) * part // 12]
    progressive = saved(rgb, "JPEG", progressive=True)
    for part in range(1, 6):
        yield f"progressive-cut-{part}", progressive[:len(progressive) * part // 6]


def pngs():
    rgb = picture(61, 83)
    grey = rgb[:, :, :1]
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
        yield f"mode-{mode}", saved(Image.fromarray(rgb).convert(mode), "PNG")
    for colours in (2, 4, 16, 200):
        yield f"palette-{colours}", saved(Image.fromarray(rgb).quantize(colours), "PNG")
    yield "palette-transparent", saved(Image.fromarray(rgb).quantize(64), "PNG", transparency=bytes(range(64)))
    yield "rgb-transparent", saved(Image.fromarray(rgb), "PNG", transparency=tuple(int(v) for v in rgb[0, 0]))
    yield "grey-transparent", saved(Image.fromarray(rgb).convert("L"), "PNG", transparency=17)
    alpha = np.concatenate([rgb, grey], -1)
    yield "rgba-blended", saved(Image.fromarray(alpha), "PNG")
    wide = rng.integers(0, 65536, (61, 83, 4))
    for name, colour, channels in (("grey", 0, 1), ("rgb", 2, 3), ("grey-alpha", 4, 2), ("rgba", 6, 4)):
        yield f"16-{name}", png(wide[:, :, :channels], 16, colour)
        yield f"16-{name}-interlaced", png(wide[:, :, :channels], 16, colour, True)
        yield f"8-{name}-interlaced", png(alpha[:, :, :channels], 8, colour, True)
    yield "16-grey-dark", png(wide[:, :, :1] % 300, 16, 0)
    short = chunk(b"PLTE", bytes(range(30, 30 + 3 * 5)))
    for depth in (1, 2, 4):
        yield f"grey-{depth}", png(grey % (1 << depth), depth, 0)
        yield f"grey-{depth}-interlaced", png(grey % (1 << depth), depth, 0, True)
    yield "palette-4-interlaced", png(grey % 5, 4, 3, True, short)
    yield "palette-index-too-large", png(grey % 9, 8, 3, False, short)
    yield "gamma", png(rgb, 8, 2, False, chunk(b"gAMA", struct.pack(">I", 100000)))
    frames = [Image.fromarray(picture(40, 30)) for _ in range(3)]
    yield "animated", saved(frames[0], "PNG", save_all=True, append_images=frames[1:])
    whole = saved(Image.fromarray(rgb), "PNG")
    yield "trailing-garbage", whole + b"garbage"
    yield "no-end-chunk", whole[:-12]
    for part in range(1, 12):
        yield f"cut-{part}", whole[:len(whole) * part // 12]


def webps():
    rgb = Image.fromarray(picture(75, 98))
    alpha = Image.fromarray(picture(75, 98, 4))
    for name, image in (("rgb", rgb), ("rgba", alpha)):
        yield f"{name}-lossy", saved(image, "WEBP", quality=75)
        yield f"{name}-lossless", saved(image, "WEBP", lossless=True)
        yield f"{name}-exact", saved(image, "WEBP", lossless=True, exact=True)
    frames = [Image.fromarray(picture(40, 30, 4)) for _ in range(3)]
    yield "animated", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    whole = saved(rgb, "WEBP", quality=90)
    yield "trailing-garbage", whole + b"garbage"
    for part in range(1, 12):
        yield f"cut-{part}", whole[:len(whole) * part // 12]


def drawn(out):
    for kind, images in (("jpg", jpegs()), ("png", pngs()), ("webp", webps())):
        for name, data in images:
            path = out / f"{name}.{kind}"
            path.write_bytes(data)
            yield path
    for name, data in (("empty.jpg", b""), ("text.png", b"not an image"), ("start-only.jpg", b"\xff\xd8\xff")):
        (out / name).write_bytes(data)
        yield out / name


def real(folder):
    files = sorted(p for p in Path(folder).rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"))
    return random.Random(5).sample(files, min(len(files), 60))


def main():
    out = Path(sys.argv[1])
    manifest = []
    for number, path in enumerate(real(sys.argv[2]) if len(sys.argv) > 2 else drawn(out)):
        entry = {"file": str(path)}
        try:
            with Image.open(path) as image:
                rgb = image.convert("RGB")
            entry |= {"height": rgb.height, "width": rgb.width, "rgb": str(out / f"{number}.rgb")}
            Path(entry["rgb"]).write_bytes(rgb.tobytes())
        except Exception as problem:
            entry["error"] = str(problem)
        manifest.append(entry)
    (out / "manifest.json").write_text(json.dumps(manifest))


main()
