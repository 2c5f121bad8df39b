"""Things of kitchens, baths, living rooms and gardens. Each stands on its frame's origin."""

from __future__ import annotations

from starter_images.objects import palette as c
from starter_images.pen import Pen


def bottle(pen: Pen, colour: str = c.GREEN, label: str = "", *, cap: str = c.DARK) -> None:
    """A bottle, 90 high, with a paper label."""
    pen.box((-9, -92), (18, 12), cap, radius=2)
    pen.box((-7, -82), (14, 18), colour)
    pen.box((-18, -68), (36, 68), colour, radius=9)
    pen.box((-13, -62), (5, 54), c.SHINE, radius=2)
    pen.box((-18, -48), (36, 30), c.PAPER)
    if label:
        pen.text((0, -33), label, 11 if len(label) < 6 else 34 / len(label) * 1.6)


def pill_bottle(pen: Pen, colour: str = c.ORANGE, label: str = "") -> None:
    """A pill bottle with a white cap, 60 high."""
    pen.box((-17, -62), (34, 15), c.WHITE, radius=3, edge="#d5d9dd")
    pen.box((-15, -48), (30, 48), colour, radius=4)
    pen.box((-15, -38), (30, 26), c.PAPER)
    if label:
        pen.text((0, -25), label, 9)
    else:
        for y in (-33, -27, -21):
            pen.line([(-10, y), (10, y)], c.GREY, 2)


def jar(pen: Pen, colour: str = c.RED) -> None:
    """A lidded jar or tin, 50 high."""
    pen.box((-17, -50), (34, 50), colour, radius=5)
    pen.box((-17, -50), (34, 8), c.STEEL, radius=3)
    pen.box((-17, -34), (34, 20), c.PAPER)
    pen.disc((0, -24), 6, colour)


def cup(pen: Pen, colour: str = c.RED) -> None:
    """A mug with steam, 48 high."""
    pen.ring((24, -24), 13, colour, width=6)
    pen.box((-24, -48), (48, 48), colour, radius=8)
    pen.oval((0, -46), (22, 5), "#6b4630")
    for x in (-9, 7):
        pen.line([(x, -58), (x + 5, -66), (x, -74), (x + 4, -82)], "#ffffffb0", 3)


def wine_glass(pen: Pen) -> None:
    """A glass of red wine, 84 high."""
    pen.oval((0, -3), (18, 4), "#c5d6de")
    pen.line([(0, -4), (0, -44)], "#c5d6de", 4)
    pen.oval((0, -62), (18, 24), "#e3eff4")
    pen.oval((0, -56), (16, 16), "#a33c4c")
    pen.box((-17, -74), (34, 8), "#e3eff4")


def plate(pen: Pen, *, tilt: float = 0.42) -> None:
    """An empty plate lying on a table, 100 wide, with fork and knife."""
    pen.oval((2, 4), (50, 50 * tilt), c.SHADOW)
    pen.oval((0, 0), (50, 50 * tilt), c.WHITE)
    pen.oval((0, 0), (34, 34 * tilt), "#e7ecef")
    pen.line([(-62, -14), (-66, 16)], c.STEEL, 4)
    for dx in (-4, 0, 4):
        pen.line([(-62 + dx, -14), (-61 + dx, -25)], c.STEEL, 2)
    pen.line([(62, -22), (65, 0)], c.STEEL, 6)
    pen.line([(65, 0), (67, 16)], c.SLATE, 5)


def candle(pen: Pen) -> None:
    """A burning candle on a stand, 110 high."""
    pen.oval((0, -4), (20, 6), "#c9a54a")
    pen.box((-7, -80), (14, 76), c.CREAM, radius=2)
    pen.oval((0, -94), (6, 12), c.YELLOW)
    pen.oval((0, -90), (3, 6), c.ORANGE)


def knife_block(pen: Pen) -> None:
    """A wooden knife block with four handles, 100 high."""
    pen.shade(80)
    for index in range(4):
        x = -22 + index * 14
        pen.line([(x, -66 - index * 5), (x + 14, -100 - index * 5)], c.BLACK, 9)
        pen.disc((x + 10, -90 - index * 5), 2, c.STEEL)
    pen.poly([(-34, 0), (-34, -62), (30, -86), (42, -56), (42, 0)], c.TIMBER)
    pen.poly([(-34, -62), (30, -86), (34, -76), (-34, -50)], "#b57d4d")


def cutting_board(pen: Pen) -> None:
    """A board with tomato, carrot, cucumber slices, 150 wide."""
    pen.box((-80, -14), (160, 14), "#dcae74", radius=5)
    for x in (-56, -30):
        pen.disc((x, -28), 15, c.RED)
        pen.poly([(x - 7, -42), (x + 7, -42), (x, -36)], c.FOREST)
    pen.poly([(-12, -22), (46, -30), (46, -16)], c.ORANGE)
    for dy in (-8, 0, 8):
        pen.line([(46, -23), (62, -25 + dy)], c.GREEN, 4)
    for x in (4, 18, 32):
        pen.disc((x, -16), 9, c.FOREST)
        pen.disc((x, -16), 6.5, "#d8edb4")


def kettle(pen: Pen, colour: str = "#7ea6c9") -> None:
    """A kettle, 86 high."""
    pen.arc((0, -58), (28, 34), (190, 350), c.DARK, width=7)
    pen.poly([(-38, -36), (-70, -62), (-60, -66), (-30, -50)], colour)
    pen.box((-40, -62), (80, 62), colour, radius=26)
    pen.box((-40, -22), (80, 22), colour, radius=6)
    pen.disc((0, -64), 7, c.DARK)
    pen.oval((-18, -36), (6, 14), c.SHINE)


def stove(pen: Pen) -> None:
    """A gas stove with flames and an oven door, 150 wide, 170 high."""
    pen.box((-80, -170), (160, 170), "#e8ebee", radius=4)
    pen.box((-80, -170), (160, 34), c.STEEL)
    for x in (-56, -28, 0, 28, 56):
        pen.disc((x, -153), 9, c.DARK)
        pen.line([(x, -153), (x, -160)], c.WHITE, 2)
    pen.box((-62, -118), (124, 88), c.DARK, radius=8)
    pen.box((-52, -108), (104, 60), c.SLATE, radius=5)
    pen.box((-58, -130), (116, 7), c.GREY, radius=3)
    for x in (-44, 44):
        pen.box((x - 30, -178), (60, 6), c.BLACK)
        for dx in (-20, -7, 7, 20):
            pen.poly([(x + dx - 6, -178), (x + dx + 6, -178), (x + dx, -196)], "#5b9be0")


def thermometer(pen: Pen) -> None:
    """An upright thermometer with a red column, 70 high."""
    pen.box((-7, -72), (14, 66), c.WHITE, radius=7, edge=c.GREY)
    pen.disc((0, -8), 10, c.RED)
    pen.line([(0, -10), (0, -46)], c.RED, 5)
    for y in (-60, -50, -40, -30):
        pen.line([(7, y), (13, y)], c.INK, 2)


def plant(pen: Pen, pot: str = c.BRICK, leaves: str = c.GREEN, *, flower: str | None = None) -> None:
    """A pot plant, 100 high."""
    for dx, dy in ((-32, -70), (32, -70), (-18, -94), (18, -94), (0, -104)):
        pen.line([(0, -36), (dx, dy)], c.FOREST, 3)
        pen.oval((dx, dy), (14, 12), leaves)
        if flower:
            pen.disc((dx, dy - 4), 9, flower)
            pen.disc((dx, dy - 4), 3.5, c.YELLOW)
    pen.poly([(-26, -40), (26, -40), (19, 0), (-19, 0)], pot)
    pen.box((-30, -44), (60, 11), pot, radius=3)
    pen.box((-30, -35), (60, 3), c.SHADOW)


def watering_can(pen: Pen, colour: str = c.TEAL) -> None:
    """A watering can, 76 high."""
    pen.arc((16, -48), (30, 30), (200, 400), colour, width=7)
    pen.poly([(-26, -20), (-74, -66), (-66, -72), (-22, -40)], colour)
    pen.poly([(-84, -62), (-62, -80), (-60, -70), (-76, -58)], colour)
    pen.box((-32, -54), (66, 54), colour, radius=6)
    pen.box((-32, -54), (66, 7), c.SHADOW)


def bucket(pen: Pen, colour: str = "#8fa3b0") -> None:
    """A bucket, 60 high."""
    pen.arc((0, -52), (32, 34), (180, 360), c.SLATE, width=3)
    pen.poly([(-34, -54), (34, -54), (26, 0), (-26, 0)], colour)
    pen.oval((0, -54), (34, 8), c.SLATE)
    pen.oval((0, -53), (28, 5), "#a7d0e2")


def armchair(pen: Pen, colour: str = c.TEAL) -> None:
    """An armchair from the front, 150 wide, 150 high."""
    pen.shade(170)
    pen.box((-62, -150), (124, 120), colour, radius=24)
    pen.box((-58, -66), (116, 36), "#6bbab6", radius=10)
    for x in (-82, 48):
        pen.box((x, -96), (34, 84), colour, radius=14)
        pen.box((x + 26 if x < 0 else x, -88), (6, 64), c.SHADOW, radius=3)
    pen.box((-62, -34), (124, 22), colour)
    for x in (-66, 54):
        pen.box((x, -12), (12, 12), c.BARK)


def sofa(pen: Pen, colour: str = c.VIOLET) -> None:
    """A sofa from the front, 230 wide, 100 high."""
    pen.shade(240)
    pen.box((-100, -104), (200, 80), colour, radius=18)
    for x in (-92, 2):
        pen.box((x, -58), (90, 30), "#a68cc9", radius=9)
    for x in (-120, 88):
        pen.box((x, -76), (32, 66), colour, radius=13)
    pen.box((-100, -30), (200, 20), colour)
    for x in (-104, 92):
        pen.box((x, -10), (12, 10), c.BARK)


def chair(pen: Pen, colour: str = c.TIMBER) -> None:
    """A wooden chair facing right, 120 high."""
    for x in (-24, 24):
        pen.box((x - 4, -56), (8, 56), colour)
    pen.box((-30, -64), (60, 12), colour, radius=4)
    pen.box((-30, -130), (9, 70), colour, radius=3)
    pen.box((-30, -128), (9, 6), c.SHADOW)


def handbag(pen: Pen, colour: str = c.BRICK) -> None:
    """A handbag, 70 high."""
    pen.arc((0, -42), (20, 30), (180, 360), colour, width=6)
    pen.poly([(-32, -46), (32, -46), (38, 0), (-38, 0)], colour)
    pen.poly([(-32, -46), (32, -46), (0, -20)], c.SHADOW)
    pen.disc((0, -22), 5, c.YELLOW)


def suitcase(pen: Pen, colour: str = c.BLUE) -> None:
    """An upright suitcase on wheels, 110 high."""
    pen.shade(80)
    pen.line([(-14, -90), (-14, -122), (14, -122), (14, -90)], c.SLATE, 4)
    pen.box((-36, -96), (72, 90), colour, radius=9)
    for x in (-18, 0, 18):
        pen.line([(x, -88), (x, -14)], c.SHADOW, 4)
    for x in (-26, 26):
        pen.disc((x, -4), 5, c.BLACK)


def hanging_lamp(pen: Pen, drop: float = 60) -> None:
    """A lamp hanging from the origin by its cord, with a cone of light."""
    pen.line([(0, 0), (0, drop)], c.DARK, 4)
    pen.poly([(-34, drop + 34), (34, drop + 34), (120, drop + 230), (-120, drop + 230)], "#fff3b838")
    pen.poly([(-14, drop), (14, drop), (40, drop + 34), (-40, drop + 34)], c.DARK)
    pen.oval((0, drop + 36), (18, 8), c.YELLOW)


def desk_lamp(pen: Pen, colour: str = c.GREEN) -> None:
    """A desk lamp, 130 high, shining to the right."""
    pen.poly([(28, -98), (76, -78), (110, 0), (10, 0)], "#fff3b850")
    pen.oval((0, -4), (32, 8), colour)
    pen.line([(0, -6), (-18, -66), (22, -118)], c.DARK, 6)
    pen.poly([(12, -132), (30, -142), (82, -80), (26, -100)], colour)
