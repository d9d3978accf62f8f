"""Looking at charts: which colours they have, where, and whether two are the same."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageChops, ImageColor

LABELS = ["x" * 80, "W" * 80, "模型", "שלום עולם", "👩‍🚀 emoji", "\u202egnp.exe", "", "\x00\n\t", "\ud800", "\u200d"]
"""Names that members could give to things."""


def opened(content: bytes) -> Image.Image:
    """Open what a chart returned."""
    image = Image.open(BytesIO(content))
    assert image.format == "PNG"
    return image.convert("RGB")


def rgb(colour: str) -> tuple[int, ...]:
    """Return the parts of a colour."""
    return ImageColor.getrgb(colour)[:3]


def share_of(image: Image.Image, colour: tuple[int, ...]) -> float:
    """How much of a picture has a colour, as nearly as a palette keeps it."""
    return len(places_of(image, colour)) / (image.width * image.height)


def places_of(image: Image.Image, colour: tuple[int, ...]) -> list[tuple[int, int]]:
    """Where a picture has a colour, as nearly as a palette keeps it."""
    parts = ImageChops.difference(image, Image.new("RGB", image.size, colour)).split()  # pyright: ignore[reportArgumentType]
    worst = ImageChops.lighter(ImageChops.lighter(parts[0], parts[1]), parts[2])
    return [(at % image.width, at // image.width) for at, off in enumerate(worst.tobytes()) if off < 4]


def centre_of(image: Image.Image, colour: tuple[int, ...]) -> tuple[float, float]:
    """Where the middle of a colour's box is."""
    places = places_of(image, colour)
    assert places, "the colour is in the picture"
    xs, ys = zip(*places, strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def alike(one: Image.Image, other: Image.Image, box: tuple[int, int, int, int]) -> bool:
    """Whether a part of two pictures is the same, but for what the palette makes of a shade."""
    difference = ImageChops.difference(one.crop(box), other.crop(box)).convert("L")
    extremes = difference.getextrema()
    return isinstance(extremes[1], int | float) and extremes[1] < 40


def contrast(one: str, other: str) -> float:
    """How well one colour is read on another (the ratio of WCAG 2)."""

    def light(colour: str) -> float:
        parts = [part / 255 for part in rgb(colour)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05

    darker, lighter = sorted((light(one), light(other)))
    return lighter / darker
