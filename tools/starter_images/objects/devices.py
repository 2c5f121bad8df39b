"""Screens, phones, cameras, tills. Each says where its origin is."""

from __future__ import annotations

from collections.abc import Sequence

from starter_images.objects import palette as c
from starter_images.pen import Pen


def monitor(pen: Pen, screen: str = "#e9f1f7", *, width: float = 200) -> Pen:
    """A computer screen standing on the origin; gives the pen of its upper left corner (width x 0.62 width)."""
    height = width * 0.62
    pen.oval((0, -3), (width * 0.26, 6), c.SLATE)
    pen.box((-9, -40), (18, 38), c.SLATE)
    pen.box((-width / 2 - 8, -height - 52), (width + 16, height + 16), c.DARK, radius=8)
    pen.box((-width / 2, -height - 44), (width, height), screen)
    return pen.at(-width / 2, -height - 44)


def keyboard(pen: Pen) -> None:
    """A keyboard seen from the front, 120 wide."""
    pen.poly([(-60, -14), (60, -14), (70, 0), (-70, 0)], c.STEEL)
    for y in (-11, -7, -3):
        pen.line([(-56, y), (56, y)], c.GREY, 1.6)


def laptop(pen: Pen, screen: str = "#e9f1f7", *, width: float = 240) -> Pen:
    """An open laptop standing on the origin; gives the pen of its screen's upper left corner (width x 0.62 width)."""
    height = width * 0.62
    pen.box((-width / 2 - 9, -height - 30), (width + 18, height + 18), c.SLATE, radius=8)
    pen.box((-width / 2, -height - 21), (width, height), screen)
    pen.poly([(-width / 2 - 9, -13), (width / 2 + 9, -13), (width / 2 + 34, 12), (-width / 2 - 34, 12)], c.STEEL)
    for row in range(3):
        pen.line([(-width / 2 - row * 5, -8 + row * 5), (width / 2 + row * 5, -8 + row * 5)], c.GREY, 2.4)
    pen.box((-width / 2 - 34, 11), (width + 68, 6), c.GREY, radius=3)
    return pen.at(-width / 2, -height - 21)


def phone(pen: Pen, screen: str = "#eef4f8", *, width: float = 90) -> Pen:
    """An upright phone around its middle; gives the pen of its screen's upper left corner (width x 1.7 width)."""
    height = width * 1.7
    edge = width * 0.07
    pen.box(
        (-width / 2 - edge, -height / 2 - edge * 2), (width + 2 * edge, height + 4 * edge), c.BLACK, radius=edge * 2.4
    )
    pen.box((-width / 2, -height / 2), (width, height), screen, radius=edge)
    return pen.at(-width / 2, -height / 2)


def camera(pen: Pen) -> None:
    """A security camera hanging from the origin, looking down to the right."""
    pen.box((-12, 0), (24, 7), c.DARK)
    pen.line([(0, 4), (0, 26)], c.DARK, 6)
    pen.poly([(-32, 15), (36, 30), (30, 61), (-38, 46)], c.SLATE)
    pen.poly([(-29, 19), (34, 33), (29, 57), (-34, 43)], c.WHITE)
    pen.poly([(34, 30), (46, 30), (39, 62), (28, 60)], c.DARK)
    pen.disc((39, 46), 7, "#5b9be0")
    pen.disc((-20, 32), 3.5, c.RED)


def till(pen: Pen, shown: str = "12.50") -> None:
    """A cash register, 110 wide, 110 high."""
    pen.box((-54, -32), (108, 32), c.SLATE, radius=4)
    pen.line([(-44, -12), (44, -12)], c.GREY, 3)
    pen.poly([(-50, -32), (50, -32), (36, -78), (-36, -78)], c.STEEL)
    for row in range(3):
        for column in range(5):
            pen.box(
                (-30 + column * 13, -70 + row * 12), (9, 8), (c.WHITE, c.WHITE, c.RED)[row * (column == 4)], radius=2
            )
    pen.box((-32, -112), (64, 32), c.DARK, radius=4)
    pen.text((0, -96), shown, 17, "#8be08f")


def keypad(pen: Pen) -> None:
    """A keypad with twelve keys around its middle, 54 by 72."""
    pen.box((-27, -36), (54, 72), c.DARK, radius=5)
    for index, key in enumerate("123456789*0#"):
        x, y = -16 + index % 3 * 16, -24 + index // 3 * 16
        pen.box((x - 6, y - 6), (12, 12), c.STEEL, radius=2)
        pen.text((x, y), key, 9)


def bubble(pen: Pen, size: tuple[float, float], fill: str, *, tail: int = -1) -> None:
    """An empty speech bubble from its upper left corner; `tail` is -1 for left, 1 for right."""
    width, height = size
    pen.box((0, 0), size, fill, radius=11)
    edge = 0 if tail < 0 else width
    pen.poly([(edge - tail * 4, height - 14), (edge - tail * 22, height - 2), (edge + tail * 8, height + 6)], fill)


def padlock(pen: Pen, colour: str = c.YELLOW) -> None:
    """A closed padlock around its middle, 70 high."""
    pen.arc((0, -10), (17, 24), (180, 360), c.SLATE, width=8)
    pen.box((-28, -10), (56, 46), colour, radius=6)
    pen.disc((0, 8), 7, c.DARK)
    pen.box((-3, 8), (6, 16), c.DARK)


def paper_clip(pen: Pen, colour: str = c.SLATE) -> None:
    """The paper clip sign around its middle, 40 high."""
    pen.line([(10, -6), (10, 12)], colour, 4)
    pen.arc((0, 10), (10, 10), (0, 180), colour, width=4)
    pen.line([(-10, 10), (-10, -12)], colour, 4)
    pen.arc((-2, -12), (8, 9), (180, 360), colour, width=4)
    pen.line([(5, -12), (5, 8)], colour, 4)
    pen.arc((0, 8), (5, 6), (0, 180), colour, width=4)
    pen.line([(-4, 8), (-4, -6)], colour, 4)


def button(pen: Pen, words: str, fill: str = c.BLUE, *, size: float = 16) -> None:
    """A screen button around its middle."""
    half = len(words) * size * 0.34 + 16
    pen.box((-half, -size * 0.9), (2 * half, size * 1.8), fill, radius=size * 0.5)
    pen.text((0, 0), words, size, c.WHITE)


def screen_lines(pen: Pen, widths: Sequence[float], *, step: float = 12) -> None:
    """Grey lines of text from the origin down."""
    for row, width in enumerate(widths):
        pen.line([(0, row * step), (width, row * step)], "#a9b4be", 4)


def microphone(pen: Pen) -> None:
    """A microphone on a short stalk that stands on the origin, 60 high."""
    pen.line([(0, 0), (4, -44)], c.DARK, 4)
    pen.oval((5, -54), (9, 13), c.BLACK)
    pen.arc((5, -54), (9, 6), (0, 180), c.GREY, width=2)


def loudspeaker(pen: Pen) -> None:
    """A loudspeaker box, 70 wide, 130 high."""
    pen.box((-36, -132), (72, 132), c.BLACK, radius=4)
    pen.disc((0, -100), 18, c.SLATE)
    pen.disc((0, -100), 8, c.DARK)
    pen.disc((0, -44), 28, c.SLATE)
    pen.disc((0, -44), 12, c.DARK)
