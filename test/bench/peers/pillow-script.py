"""Develops one photo with Pillow: PHOTO CUBE SHARE LONG_EDGE OUTPUT. Long edge 0: full size."""
import sys

from PIL import Image, ImageFilter

photo, cube, share, long_edge, output = sys.argv[1:]
with open(cube) as lines:
    size = int(next(lines).split()[1])
    table = [float(number) for line in lines for number in line.split()]
look = ImageFilter.Color3DLUT(size, table)

image = Image.open(photo)
kept = {key: image.info[key] for key in ("exif", "icc_profile") if image.info.get(key)}
edge = int(long_edge)
if edge:
    scale = edge / max(image.size)
    target = (round(image.width * scale), round(image.height * scale))
    # Decodes at a half, a quarter or an eighth where that is enough.
    image.draft("RGB", target)
    image = image.resize(target, Image.Resampling.LANCZOS)
developed = image.filter(look)
if float(share) < 1:
    developed = Image.blend(image, developed, float(share))
if output.endswith(".jpg"):
    developed.save(output, quality=90, subsampling="4:2:0", **kept)
else:
    developed.save(output)
