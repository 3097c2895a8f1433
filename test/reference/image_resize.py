"""Writes drawn images with what Pillow and torchvision make of their crops and sizes.

  image_resize.py OUT

OUT/manifest.json: {"crops": [{"file", "box", "height", "width", "rgb"}], "shorter": [{"file", "shorter", ...}],
"views": [{"file", "resize", "crop", "height", "width", "rgb", "floats", "mirrored"}]}; "rgb" names a file of raw
pixels, "floats" and "mirrored" one of planar float32.
"""
import json
import random
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from torchvision import transforms
from torchvision.transforms import functional

out = Path(sys.argv[1])
rng = np.random.default_rng(3)
draw = random.Random(3)
normalise = transforms.Compose([transforms.ToTensor(),
                                transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
count = 0


def store(suffix, data):
    global count
    count += 1
    path = out / f"{count}.{suffix}"
    path.write_bytes(data)
    return str(path)


def stored_image(image):
    return {"height": image.height, "width": image.width, "rgb": store("rgb", image.tobytes())}


def image_file(height, width):
    noise = rng.integers(0, 256, (height, width, 3))
    y, x = np.mgrid[0:height, 0:width]
    smooth = (127 + 127 * np.sin(x / 17 + y / 23))[..., None]
    array = np.where((x // 31 + y // 29)[..., None] % 2, noise, smooth).astype(np.uint8)
    path = Path(store("png", b""))
    Image.fromarray(array).save(path)
    return path


def crops():
    for height, width in ((300, 411), (97, 64), (1, 9), (640, 30), (512, 5)):
        path = image_file(height, width)
        image = Image.open(path).convert("RGB")
        for _ in range(40):
            w, h = draw.randint(1, width), draw.randint(1, height)
            left, top = draw.randint(0, width - w), draw.randint(0, height - h)
            size = draw.choice([(224, 224), (w, 31), (33, h), (1, 1), (draw.randint(1, 500), draw.randint(1, 500))])
            part = functional.resized_crop(image, top, left, h, w, size[::-1])
            yield {"file": str(path), "box": [left, top, w, h]} | stored_image(part)


def shorter():
    for height, width in ((300, 411), (411, 300), (256, 256), (100, 333), (333, 100), (257, 256), (1000, 256)):
        path = image_file(height, width)
        for size in (256, 64, 301):
            image = transforms.Resize(size)(Image.open(path).convert("RGB"))
            yield {"file": str(path), "shorter": size} | stored_image(image)


def views():
    for height, width in ((300, 411), (411, 301), (120, 500), (256, 259), (31, 40)):
        path = image_file(height, width)
        for resize, crop in ((256, 224), (65, 32), (40, 57), (33, 32)):
            view = transforms.CenterCrop(crop)(transforms.Resize(resize)(Image.open(path).convert("RGB")))
            yield {"file": str(path), "resize": resize, "crop": crop,
                   "floats": store("floats", normalise(view).numpy().tobytes()),
                   "mirrored": store("floats", normalise(functional.hflip(view)).numpy().tobytes())
                   } | stored_image(view)


manifest = {"crops": list(crops()), "shorter": list(shorter()), "views": list(views())}
(out / "manifest.json").write_text(json.dumps(manifest))
