"""Writes image_operations.json: what Pillow makes of two small images. Run with Debian's python3 and python3-pil:
/usr/bin/python3 make_image_operations.py"""
import base64
import colorsys
import json
import math
import random
from PIL import Image, ImageEnhance, ImageOps

SIDE = 24


def picture(kind):
    """Smooth colours with a patch of noise, or a dark image of few values."""
    generator = random.Random(kind)
    image = Image.new("RGB", (SIDE, SIDE))
    for y in range(SIDE):
        for x in range(SIDE):
            if kind == "dark":
                value = (20 + (x * y) % 7, 60, 10 + x)
            elif x > 12 and y > 12:
                value = tuple(generator.randrange(256) for _ in range(3))
            else:
                value = (10 * x, 250 - 9 * y, (x * x + 3 * y) % 256)
            image.putpixel((x, y), value)
    return image


def affine(image, matrix):
    return image.transform(image.size, Image.AFFINE, matrix, Image.NEAREST)


def hue(image, turn):
    """By the standard library's definition of HSV, on whole numbers rounded to nearest."""
    result = image.copy()
    for y in range(SIDE):
        for x in range(SIDE):
            h, s, v = colorsys.rgb_to_hsv(*(value / 255 for value in image.getpixel((x, y))))
            turned = colorsys.hsv_to_rgb((h + turn) % 1, s, v)
            result.putpixel((x, y), tuple(int(value * 255 + 0.5) for value in turned))
    return result


OPERATIONS = {
    "Identity": lambda image, m: image,
    "ShearX": lambda image, m: affine(image, (1, m, 0, 0, 1, 0)),
    "ShearY": lambda image, m: affine(image, (1, 0, 0, m, 1, 0)),
    "TranslateX": lambda image, m: affine(image, (1, 0, -int(m), 0, 1, 0)),
    "TranslateY": lambda image, m: affine(image, (1, 0, 0, 0, 1, -int(m))),
    "Rotate": lambda image, m: image.rotate(m, Image.NEAREST),
    "Brightness": lambda image, m: ImageEnhance.Brightness(image).enhance(1 + m),
    "Color": lambda image, m: ImageEnhance.Color(image).enhance(1 + m),
    "Contrast": lambda image, m: ImageEnhance.Contrast(image).enhance(1 + m),
    "Sharpness": lambda image, m: ImageEnhance.Sharpness(image).enhance(1 + m),
    "Posterize": lambda image, m: ImageOps.posterize(image, int(m)),
    "Solarize": lambda image, m: ImageOps.solarize(image, m),
    "AutoContrast": lambda image, m: ImageOps.autocontrast(image),
    "Equalize": lambda image, m: ImageOps.equalize(image),
    "Invert": lambda image, m: ImageOps.invert(image),
    "Hue": hue,
}
SIGNED = {
    "ShearX": [0.3, 0.05], "ShearY": [0.3, 0.05], "TranslateX": [7.9, 1], "TranslateY": [7.9, 1], "Rotate": [30, 11.25],
    "Brightness": [0.9, 0.3], "Color": [0.9, 0.3], "Contrast": [0.9, 0.3], "Sharpness": [0.9, 0.3], "Hue": [0.1, 0.37],
}
UNSIGNED = {"Posterize": [8, 5, 4], "Solarize": [255, 128, 76.5, 0]}
# left, top, width, height in the source; side of the target
BOXES = [(0, 0, 24, 24, 24), (0, 0, 24, 24, 9), (3, 5, 11, 7, 8), (2.5, 1.25, 20.5, 21.75, 10), (8, 8, 5, 4, 16), (23, 0, 1, 24, 4)]


def planes(image):
    return base64.b64encode(b"".join(band.tobytes() for band in image.split())).decode()


def magnitudes(name):
    return [sign * value for value in SIGNED.get(name, []) for sign in (1, -1)] or UNSIGNED.get(name, [0])


def main():
    images = {kind: picture(kind) for kind in ("colours", "dark")}
    cases = [
        {"image": kind, "operation": name, "magnitude": m, "planes": planes(operation(image.copy(), m))}
        for kind, image in images.items() for name, operation in OPERATIONS.items() for m in magnitudes(name)
    ]
    resized = [
        {"image": kind, "box": box[:4], "side": box[4], "planes": planes(image.resize(
            (box[4], box[4]), Image.BILINEAR, box=(box[0], box[1], box[0] + box[2], box[1] + box[3])))}
        for kind, image in images.items() for box in BOXES
    ]
    assert all(math.isfinite(case["magnitude"]) for case in cases)
    content = {"side": SIDE, "images": {kind: planes(image) for kind, image in images.items()}, "operations": cases, "resized": resized}
    with open("image_operations.json", "w", encoding="utf-8") as file:
        json.dump(content, file, indent=0)
        file.write("\n")


main()
