"""The pen every picture is drawn with: flat shapes in a movable frame, at twice the size, smoothed on the way out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image, ImageDraw, ImageFont

__all__ = ["HEIGHT", "WIDTH", "Pen", "blank", "png_of"]

WIDTH, HEIGHT = 640, 480
_OVERSAMPLE = 2
_COLOURS = 96

Point = tuple[float, float]


@dataclass(frozen=True)
class Pen:
    """A frame on the picture: an origin, a scale, a direction. x runs right, y runs down, in units of the frame.

    Colours are "#rrggbb", or "#rrggbbaa" to let what lies below shine through.
    """

    image: Image.Image
    draw: ImageDraw.ImageDraw
    x: float = 0
    y: float = 0
    scale: float = 1
    side: int = 1

    def at(self, x: float, y: float, scale: float = 1) -> Pen:
        """A pen whose origin is (x, y) of this frame and whose unit is `scale` of this one's."""
        return replace(self, x=self.x + self.side * self.scale * x, y=self.y + self.scale * y, scale=self.scale * scale)

    def mirrored(self) -> Pen:
        """A pen that draws the same thing facing the other way; text stays readable."""
        return replace(self, side=-self.side)

    def box(self, corner: Point, size: Point, fill: str, *, radius: float = 0, edge: str | None = None) -> None:
        """A rectangle from its upper left corner, with rounded corners where `radius` is above 0."""
        xs = sorted((self._px(corner[0]), self._px(corner[0] + size[0])))
        ys = sorted((self._py(corner[1]), self._py(corner[1] + size[1])))
        frame = (xs[0], ys[0], xs[1], ys[1])
        rounding = min(self._length(radius), (xs[1] - xs[0]) / 2, (ys[1] - ys[0]) / 2)
        self.draw.rounded_rectangle(
            frame, rounding, fill=fill, outline=edge, width=round(self._length(2)) if edge else 1
        )

    def oval(self, centre: Point, radii: Point, fill: str) -> None:
        """An ellipse around its centre."""
        x, y, rx, ry = self._px(centre[0]), self._py(centre[1]), self._length(radii[0]), self._length(radii[1])
        self.draw.ellipse((x - rx, y - ry, x + rx, y + ry), fill=fill)

    def disc(self, centre: Point, radius: float, fill: str) -> None:
        """A filled circle."""
        self.oval(centre, (radius, radius), fill)

    def ring(self, centre: Point, radius: float, fill: str, *, width: float = 3) -> None:
        """A circle's line."""
        x, y, r = self._px(centre[0]), self._py(centre[1]), self._length(radius)
        self.draw.ellipse((x - r, y - r, x + r, y + r), outline=fill, width=max(1, round(self._length(width))))

    def arc(self, centre: Point, radii: Point, span: Point, fill: str, *, width: float = 3) -> None:
        """A part of an ellipse's line; `span` is in degrees, clockwise from three o'clock."""
        x, y, rx, ry = self._px(centre[0]), self._py(centre[1]), self._length(radii[0]), self._length(radii[1])
        start, end = span if self.side > 0 else (180 - span[1], 180 - span[0])
        self.draw.arc((x - rx, y - ry, x + rx, y + ry), start, end, fill=fill, width=max(1, round(self._length(width))))

    def poly(self, points: Sequence[Point], fill: str) -> None:
        """A filled polygon."""
        self.draw.polygon([(self._px(x), self._py(y)) for x, y in points], fill=fill)

    def line(self, points: Sequence[Point], fill: str, width: float = 3) -> None:
        """A line through the points, with round joints and ends."""
        thick = max(1, round(self._length(width)))
        spots = [(self._px(x), self._py(y)) for x, y in points]
        self.draw.line(spots, fill=fill, width=thick, joint="curve")
        if thick > 3 and len(fill) == 7:
            for x, y in (spots[0], spots[-1]):
                self.draw.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=fill)

    def text(self, centre: Point, words: str, size: float, fill: str = "#33363f", *, anchor: str = "mm") -> None:
        """Words around a point (`anchor` as Pillow names it: "mm" centred, "lm" starting there)."""
        font = ImageFont.load_default(size=max(6, round(self._length(size))))
        self.draw.text((self._px(centre[0]), self._py(centre[1])), words, fill=fill, font=font, anchor=anchor)

    def shade(self, width: float, height: float = 6) -> None:
        """The soft shadow of a thing that stands at the origin."""
        self.oval((0, 0), (width / 2, height), "#00000026")

    def _px(self, x: float) -> float:
        return (self.x + self.side * self.scale * x) * _OVERSAMPLE

    def _py(self, y: float) -> float:
        return (self.y + self.scale * y) * _OVERSAMPLE

    def _length(self, value: float) -> float:
        return value * self.scale * _OVERSAMPLE


def blank(colour: str = "#ffffff") -> Pen:
    """A pen over an empty picture."""
    image = Image.new("RGB", (WIDTH * _OVERSAMPLE, HEIGHT * _OVERSAMPLE), colour)
    return Pen(image, ImageDraw.Draw(image, "RGBA"))


def png_of(pen: Pen) -> bytes:
    """The picture as a small PNG: 640 x 480, 96 colours of its own."""
    smooth = pen.image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    flat = smooth.quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    flat.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
