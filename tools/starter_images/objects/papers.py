"""Papers, signs, screens: whatever carries words. Most are placed by their middle; each says where its origin is."""

from __future__ import annotations

from collections.abc import Sequence

from starter_images.objects import palette as c
from starter_images.pen import Pen


def sign(pen: Pen, words: Sequence[str], fill: str = c.WHITE, ink: str = c.INK, *, size: float = 24) -> None:
    """A board with one or more lines of words, around its middle, as large as the words need."""
    width = max(len(line) for line in words) * size * 0.66 + 28
    height = len(words) * size * 1.25 + 18
    pen.box((-width / 2 + 3, -height / 2 + 4), (width, height), c.SHADOW, radius=6)
    pen.box((-width / 2, -height / 2), (width, height), fill, radius=6, edge=ink)
    for index, line in enumerate(words):
        pen.text((0, (index - (len(words) - 1) / 2) * size * 1.25), line, size, ink)


def sign_on_posts(pen: Pen, words: Sequence[str], fill: str = c.WHITE, ink: str = c.INK, *, size: float = 24) -> None:
    """The same board on two posts, 120 high, standing on the origin."""
    reach = max(len(line) for line in words) * size * 0.25
    for x in (-reach, reach):
        pen.box((x - 5, -100), (10, 100), c.TIMBER)
    sign(pen.at(0, -104), words, fill, ink, size=size)


def document(pen: Pen, title: str = "", *, lines: int = 7, width: float = 150, height: float = 200) -> None:
    """A sheet of paper with a title and grey lines of text, from its upper left corner."""
    pen.box((5, 6), (width, height), c.SHADOW)
    pen.box((0, 0), (width, height), c.PAPER, edge="#d8d2c2")
    top = 18.0
    if title:
        pen.text((width / 2, 26), title, min(22, width * 1.35 / len(title)))
        pen.line([(16, 44), (width - 16, 44)], c.INK, 2)
        top = 62
    step = min(18, (height - top - 12) / max(lines, 1))
    for row in range(lines):
        length = (0.86, 0.78, 0.9, 0.6)[row % 4] * (width - 32)
        pen.line([(16, top + row * step), (16 + length, top + row * step)], "#b9bcc2", 4)


def portrait(pen: Pen, look: int = 0) -> None:
    """A small photograph of a face, 44 by 52, from its upper left corner."""
    pen.box((0, 0), (44, 52), "#cfe0ea")
    pen.box((8, 36), (28, 16), (c.TEAL, c.VIOLET, c.BLUE, c.BRICK)[look % 4], radius=8)
    pen.disc((22, 22), 12, c.SKIN[look % 4])
    pen.arc((22, 21), (12, 12), (180, 360), c.HAIR[look % 4], width=6)


def rubber_stamp(pen: Pen, words: str = "") -> None:
    """A rubber stamp standing on its foot, 110 high, with a label on the foot."""
    pen.shade(120)
    pen.disc((0, -92), 22, c.TIMBER)
    pen.box((-11, -84), (22, 48), c.TIMBER)
    pen.box((-62, -44), (124, 36), c.BARK, radius=5)
    pen.box((-66, -10), (132, 10), c.RED, radius=2)
    if words:
        pen.box((-56, -40), (112, 26), c.PAPER, radius=3)
        pen.text((0, -27), words, 19, c.RED)


def pen_stick(pen: Pen, colour: str = c.NAVY) -> None:
    """A ball pen lying aslant, its tip at the origin."""
    pen.line([(4, -6), (74, -92)], c.SHADOW, 12)
    pen.line([(10, -12), (74, -92)], colour, 11)
    pen.poly([(0, 0), (7, -16), (16, -8)], c.STEEL)
    pen.line([(62, -92), (46, -66)], c.STEEL, 4)


def envelope(pen: Pen, colour: str = c.PAPER, *, width: float = 90) -> None:
    """A closed envelope around its middle."""
    half, drop = width / 2, width * 0.32
    pen.box((-half, -drop), (width, 2 * drop), colour, radius=2, edge="#bdb6a4")
    pen.line([(-half + 2, -drop + 2), (0, drop * 0.2), (half - 2, -drop + 2)], "#bdb6a4", 2.5)


def book_row(pen: Pen, width: float, *, height: float = 56, shift: int = 0) -> None:
    """A row of book backs from its lower left corner."""
    colours = (c.RED, c.TEAL, c.NAVY, c.YELLOW, c.FOREST, c.BRICK, c.VIOLET, c.CREAM)
    x, index = 0.0, shift
    while x < width - 18:
        thick = (14, 18, 11, 16, 13)[index % 5]
        tall = height * (1, 0.88, 0.95, 0.8)[index % 4]
        pen.box((x, -tall), (thick - 1.5, tall), colours[index % 8], radius=1.5)
        pen.box((x + 3, -tall + 8), (thick - 7.5, 4), "#ffffff90")
        x, index = x + thick, index + 1


def calendar(pen: Pen, title: str, *, crossed: int = 0) -> None:
    """A month's sheet around its middle, 150 by 150, its first days crossed out."""
    pen.box((-72, -70), (150, 150), c.SHADOW)
    pen.box((-75, -75), (150, 150), c.PAPER, edge="#d8d2c2")
    pen.box((-75, -75), (150, 34), c.RED)
    pen.text((0, -58), title, 20, c.WHITE)
    for day in range(28):
        x, y = -60 + day % 7 * 20, -26 + day // 7 * 26
        pen.text((x, y), str(day + 1), 11)
        if day < crossed:
            pen.line([(x - 7, y - 8), (x + 7, y + 8)], c.RED, 2.5)
            pen.line([(x + 7, y - 8), (x - 7, y + 8)], c.RED, 2.5)


def day_page(pen: Pen, word: str) -> None:
    """A tear-off calendar page around its middle that shows one word."""
    pen.box((-72, -56), (150, 116), c.SHADOW)
    pen.box((-75, -60), (150, 116), c.PAPER, edge="#d8d2c2")
    pen.box((-75, -60), (150, 30), c.RED)
    for x in (-40, 40):
        pen.disc((x, -56), 6, c.DARK)
    pen.text((0, 14), word, 25)


def clipboard(pen: Pen, title: Sequence[str]) -> None:
    """A clipboard from its upper left corner, 170 by 210."""
    pen.box((4, 6), (170, 216), c.SHADOW, radius=8)
    pen.box((0, 0), (170, 216), c.TIMBER, radius=8)
    pen.box((12, 18), (146, 186), c.PAPER)
    pen.box((55, -8), (60, 26), c.STEEL, radius=6)
    for row, words in enumerate(title):
        pen.text((85, 44 + row * 26), words, 20)
    for row in range(5):
        y = 92 + row * 22
        pen.box((26, y - 7), (13, 13), c.WHITE, edge=c.SLATE)
        pen.line([(50, y), (140, y)], "#b9bcc2", 4)


def poster(pen: Pen, words: Sequence[str], fill: str, *, ink: str = c.WHITE, width: float = 150) -> None:
    """A poster around its middle, 1.3 times as high as wide, with words at its foot."""
    height = width * 1.3
    pen.box((-width / 2 + 4, -height / 2 + 5), (width, height), c.SHADOW)
    pen.box((-width / 2, -height / 2), (width, height), fill)
    pen.box((-width / 2 + 7, -height / 2 + 7), (width - 14, height - 14), "#ffffff00", edge="#ffffffb0")
    for row, line in enumerate(reversed(words)):
        pen.text((0, height / 2 - 30 - row * 30), line, min(26, (width - 24) * 1.45 / max(len(line), 1)), ink)


def wall_chart(pen: Pen, title: str, *, up: str | None = None, down: str | None = None) -> None:
    """Axes with a rising and a falling line, 200 by 170, from the axes' corner (lower left), the title above."""
    pen.line([(0, -170), (0, 0), (200, 0)], c.INK, 3)
    for y in (-40, -80, -120, -160):
        pen.line([(2, y), (200, y)], "#d8dce0", 1.5)
    if up:
        pen.line([(4, -20), (50, -56), (90, -44), (140, -104), (190, -156)], up, 6)
    if down:
        pen.line([(4, -152), (50, -118), (90, -130), (140, -60), (190, -18)], down, 6)
    pen.text((100, -192), title, 24, up or down or c.INK)


def magnifier(pen: Pen) -> None:
    """A magnifying glass lying flat, its lens around the origin."""
    pen.line([(34, 34), (88, 88)], c.BARK, 16)
    pen.disc((0, 0), 46, "#ffffff70")
    pen.ring((0, 0), 50, c.SLATE, width=8)
    pen.arc((0, 0), (34, 34), (190, 260), "#ffffffc0", width=5)


def keys(pen: Pen) -> None:
    """Two keys on a ring, around the ring."""
    pen.ring((0, 0), 18, c.SLATE, width=4)
    for dx, colour in ((34, "#c9a54a"), (-6, c.GREY)):
        pen.line([(dx * 0.5, 18), (dx, 74)], colour, 7)
        pen.disc((dx * 0.5, 22), 12, colour)
        pen.line([(dx, 72), (dx + 11, 70)], colour, 5)
        pen.line([(dx - 2, 58), (dx + 9, 56)], colour, 5)
