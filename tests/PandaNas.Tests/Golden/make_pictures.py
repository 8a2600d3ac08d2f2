"""Small pictures of kinds that SkiaSharp cannot write, and what Pillow makes of them. Run: python3 make_pictures.py (Pillow 9.4.0)."""
import json
import pathlib
import struct
import zlib

from PIL import Image

FOLDER = pathlib.Path(__file__).parent / "pictures"
WIDTH, HEIGHT = 24, 16


def picture():
    """Smooth colours with a red corner, so that every orientation looks different."""
    image = Image.new("RGB", (WIDTH, HEIGHT))
    for y in range(HEIGHT):
        for x in range(WIDTH):
            image.putpixel((x, y), (250, 10, 10) if x < 8 and y < 8 else (x * 10, y * 15, 255 - x * 5 - y * 5))
    return image


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    return data.tobytes()


def sixteen_bit_png(image):
    """Pillow writes no colours of 16 bits."""
    rows = b""
    for y in range(image.height):
        rows += b"\0" + b"".join(struct.pack(">HHH", *(value * 257 for value in image.getpixel((x, y)))) for x in range(image.width))

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", image.width, image.height, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def main():
    FOLDER.mkdir(exist_ok=True)
    image = picture()
    for orientation in range(1, 9):
        for extension, options in (("jpg", {"quality": 95}), ("png", {}), ("webp", {"lossless": True})):
            image.save(FOLDER / f"turned{orientation}.{extension}", exif=exif(orientation), **options)
    image.save(FOLDER / "progressive.jpg", progressive=True, quality=95)
    image.save(FOLDER / "bitmap.bmp")
    image.save(FOLDER / "tagged.tif")
    image.convert("CMYK").save(FOLDER / "printed.jpg", quality=95)
    image.convert("L").save(FOLDER / "grey.jpg", quality=95)
    image.convert("L").convert("I").point(lambda value: value * 257).convert("I;16").save(FOLDER / "grey16.png")
    (FOLDER / "colour16.png").write_bytes(sixteen_bit_png(image))
    first, second = image.quantize(64), image.transpose(Image.Transpose.ROTATE_180).quantize(64)
    first.save(FOLDER / "moving.gif", save_all=True, append_images=[second], duration=100)
    transparent = image.convert("RGBA")
    transparent.putalpha(Image.linear_gradient("L").resize((WIDTH, HEIGHT)))
    transparent.save(FOLDER / "transparent.png")
    transparent.save(FOLDER / "transparent.webp", lossless=True)
    hole = first.copy()
    hole.save(FOLDER / "hole.gif", transparency=hole.getpixel((0, 0)))

    shown = {}
    for path in sorted(FOLDER.iterdir()):
        if path.suffix not in (".jpg", ".png", ".webp", ".bmp", ".gif"):
            continue
        opened = Image.open(path)
        orientation = opened.getexif().get(0x0112, 1)
        how = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
               5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90}
        if opened.mode.startswith("I"):
            opened = opened.point(lambda value: value / 257).convert("L")
        if path.stem in ("transparent", "hole"):
            white = Image.new("RGBA", opened.size, "white")
            white.alpha_composite(opened.convert("RGBA"))
            opened = white
        opened = opened.convert("RGB")
        if orientation in how:
            opened = opened.transpose(how[orientation])
        shown[path.name] = {"width": opened.width, "height": opened.height, "rgb": opened.tobytes().hex()}
    (pathlib.Path(__file__).parent / "pictures.json").write_text(json.dumps(shown, indent=1))


if __name__ == "__main__":
    main()
