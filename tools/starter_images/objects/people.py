"""Adults, hands and animals. Each stands on its frame's origin."""

from __future__ import annotations

from starter_images.objects import palette as c
from starter_images.pen import Pen


def person(pen: Pen, shirt: str = c.BLUE, trousers: str = c.NAVY, *, look: int = 0) -> None:
    """A standing adult, 190 high; `look` picks skin and hair."""
    skin, hair = c.SKIN[look % 4], c.HAIR[look % 4]
    pen.shade(70)
    for side in (-1, 1):
        pen.box((side * 13 - 9, -92), (18, 88), trousers, radius=5)
        pen.oval((side * 14, -4), (13, 6), c.DARK)
        pen.line([(side * 26, -142), (side * 34, -112), (side * 32, -84)], shirt, 14)
        pen.disc((side * 32, -78), 7, skin)
    pen.box((-27, -154), (54, 72), shirt, radius=14)
    head(pen.at(0, -172), skin, hair, long=look % 2)


def head(pen: Pen, skin: str, hair: str, *, long: int = 0) -> None:
    """A head around its centre, 40 high, with a neck."""
    if long:
        pen.box((-19, -14), (38, 38), hair, radius=12)
    pen.box((-6, 8), (12, 16), skin)
    pen.oval((0, 0), (15, 18), skin)
    pen.arc((0, -3), (15, 16), (180, 360), hair, width=8)
    for x in (-6, 6):
        pen.disc((x, 0), 1.8, c.INK)
    pen.arc((0, 5), (6, 5), (20, 160), c.INK, width=1.6)


def bust(pen: Pen, shirt: str = c.TEAL, *, look: int = 0) -> None:
    """An adult from the waist up, behind a counter or at a table, 110 high."""
    skin, hair = c.SKIN[look % 4], c.HAIR[look % 4]
    pen.box((-36, -68), (72, 68), shirt, radius=20)
    pen.box((-36, -40), (72, 40), shirt)
    pen.poly([(-10, -68), (10, -68), (0, -50)], skin)
    head(pen.at(0, -88, 1.15), skin, hair, long=look % 2)


def silhouette(pen: Pen, colour: str = c.DARK) -> None:
    """The dark outline of a standing adult, 190 high."""
    pen.disc((0, -172), 17, colour)
    pen.box((-7, -160), (14, 16), colour)
    pen.box((-28, -150), (56, 74), colour, radius=15)
    for side in (-1, 1):
        pen.box((side * 13 - 10, -90), (20, 88), colour, radius=5)
        pen.oval((side * 15, -3), (13, 5), colour)
        pen.line([(side * 27, -138), (side * 35, -108), (side * 33, -78)], colour, 14)


def woman_silhouette(pen: Pen, colour: str = c.DARK, *, hem: float = -26) -> None:
    """The dark outline of a standing adult woman, 190 high, in a waisted coat or dress down to `hem`."""
    pen.box((-20, -190), (40, 50), colour, radius=17)
    pen.box((-25, -148), (50, 24), colour, radius=11)
    pen.poly([(-24, -138), (24, -138), (14, -106), (44, hem), (-44, hem), (-14, -106)], colour)
    for side in (-1, 1):
        pen.line([(side * 22, -136), (side * 34, -106), (side * 31, -78)], colour, 11)
        pen.box((side * 10 - 6, hem - 2), (12, -hem), colour)
        pen.oval((side * 13, -3), (11, 5), colour)


def seated_silhouette(pen: Pen, colour: str = c.DARK) -> None:
    """The dark outline of an adult sitting on a bench, feet on the origin, 135 high, facing right."""
    pen.disc((-8, -118), 16, colour)
    pen.box((-28, -102), (38, 66), colour, radius=14)
    pen.line([(-14, -44), (24, -44)], colour, 20)
    pen.line([(24, -42), (26, -6)], colour, 16)
    pen.oval((32, -4), (14, 5), colour)
    pen.line([(-4, -86), (12, -62), (28, -54)], colour, 11)


def crowd(pen: Pen, count: int, step: float, *, colours: tuple[str, ...] = (c.DARK, c.SLATE)) -> None:
    """A row of adult heads and shoulders seen from behind."""
    for index in range(count):
        colour = colours[index % len(colours)]
        y = -8 * (index % 3)
        pen.disc((index * step, y - 62), 19, colour)
        pen.box((index * step - 34, y - 42), (68, 130), colour, radius=24)


def hand(pen: Pen, skin: str = c.SKIN[1], sleeve: str = c.BLUE) -> None:
    """A forearm from below and a palm, with the palm's middle at the origin."""
    pen.poly([(-46, 20), (46, 20), (64, 330), (-56, 330)], skin)
    pen.box((-70, 190), (150, 150), sleeve, radius=12)
    pen.box((-62, -80), (124, 130), skin, radius=40)


def dog(pen: Pen, coat: str = "#b98250") -> None:
    """A dog that faces right, 90 high."""
    pen.shade(120)
    for x in (-42, -28, 26, 40):
        pen.box((x - 6, -38), (12, 38), coat, radius=4)
    pen.box((-54, -68), (104, 40), coat, radius=18)
    pen.line([(-50, -58), (-72, -84)], coat, 9)
    pen.poly([(30, -62), (52, -40), (68, -78), (44, -96)], coat)
    pen.box((38, -104), (46, 36), coat, radius=14)
    pen.box((66, -90), (32, 20), coat, radius=9)
    pen.disc((96, -86), 5, c.BLACK)
    pen.disc((68, -92), 3, c.BLACK)
    pen.oval((44, -88), (9, 17), "#7d5432")
    pen.box((34, -72), (26, 8), c.RED, radius=3)


def cat(pen: Pen, coat: str = "#8f8a86") -> None:
    """A sitting cat seen from the front, 90 high."""
    pen.shade(64)
    pen.line([(22, -8), (46, -14), (48, -40)], coat, 9)
    pen.oval((0, -28), (26, 30), coat)
    pen.disc((0, -66), 22, coat)
    pen.poly([(-21, -70), (-19, -98), (-3, -84)], coat)
    pen.poly([(21, -70), (19, -98), (3, -84)], coat)
    for side in (-1, 1):
        pen.oval((side * 8, -68), (4, 5), c.YELLOW)
        pen.oval((side * 8, -68), (1.6, 4.5), c.BLACK)
        pen.line([(side * 6, -58), (side * 30, -62)], c.WHITE, 1.2)
        pen.box((side * 9 - 6, -22), (12, 22), "#a6a19c", radius=5)
    pen.poly([(-4, -61), (4, -61), (0, -56)], c.PINK)


def cow(pen: Pen) -> None:
    """A spotted cow that faces right, 120 high."""
    pen.shade(150)
    for x in (-52, -34, 34, 52):
        pen.box((x - 7, -46), (14, 46), c.CREAM, radius=4)
        pen.box((x - 7, -8), (14, 8), c.BARK, radius=2)
    pen.box((-66, -100), (134, 62), c.CREAM, radius=20)
    pen.oval((-30, -78), (20, 16), "#5b4336")
    pen.oval((26, -62), (22, 14), "#5b4336")
    pen.line([(-64, -88), (-78, -50)], c.CREAM, 5)
    pen.oval((-30, -40), (16, 9), c.PINK)
    pen.box((58, -126), (44, 52), c.CREAM, radius=14)
    pen.box((62, -92), (46, 24), c.PINK, radius=11)
    pen.disc((96, -82), 3, c.BARK)
    pen.disc((82, -110), 3.4, c.BLACK)
    pen.oval((54, -116), (13, 7), "#5b4336")
    pen.line([(66, -126), (60, -140)], c.STONE, 6)


def fish(pen: Pen, colour: str = "#8fb3c4") -> None:
    """A fish lying on its side, 60 long, around its middle."""
    pen.oval((0, 0), (26, 10), colour)
    pen.poly([(-20, 0), (-38, -11), (-38, 11)], colour)
    pen.disc((16, -2), 2.4, c.BLACK)
    pen.arc((8, 0), (5, 8), (270, 450), "#6c8fa0", width=1.6)
