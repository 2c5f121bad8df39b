"""Houses, vehicles and what stands in streets and gardens. Each stands on its frame's origin."""

from __future__ import annotations

from starter_images.objects import palette as c
from starter_images.pen import Pen


def tree(pen: Pen, leaves: str = c.GREEN) -> None:
    """A round tree, 190 high."""
    pen.shade(90)
    pen.box((-10, -80), (20, 80), c.BARK, radius=4)
    for x, y, r in ((-34, -104, 36), (34, -104, 36), (0, -142, 46), (0, -100, 40)):
        pen.disc((x, y), r, leaves)
    pen.disc((-14, -150), 18, "#ffffff22")


def pine(pen: Pen) -> None:
    """A fir tree, 170 high."""
    pen.box((-7, -24), (14, 24), c.BARK)
    for y, half in ((-20, 48), (-62, 40), (-104, 30)):
        pen.poly([(-half, y), (half, y), (0, y - 66)], c.FOREST)


def bush(pen: Pen, leaves: str = c.GREEN) -> None:
    """A low bush, 60 high."""
    for x, r in ((-30, 24), (0, 34), (30, 24)):
        pen.disc((x, -r + 4), r, leaves)
    pen.box((-50, -14), (100, 14), leaves, radius=6)


def house(pen: Pen, wall: str = "#f1dfbd", roof: str = c.BRICK, *, number: str = "") -> None:
    """A small house with a door and two windows, 220 high."""
    pen.box((-110, -140), (220, 140), wall)
    pen.poly([(-130, -138), (130, -138), (0, -226)], roof)
    pen.box((54, -218), (24, 50), roof)
    door(pen, number=number)
    for x in (-70, 70):
        pane(pen.at(x, -98))


def door(pen: Pen, colour: str = c.TEAL, *, number: str = "") -> None:
    """A house door, 50 wide, 96 high, with its number if there is one."""
    pen.box((-29, -100), (58, 100), c.WHITE)
    pen.box((-24, -96), (48, 96), colour)
    pen.box((-16, -42), (32, 32), c.SHADOW, radius=2)
    pen.disc((16, -50), 3.5, c.YELLOW)
    if number:
        pen.box((-16, -84), (32, 24), c.WHITE, radius=3)
        pen.text((0, -72), number, 19)
    else:
        pen.box((-16, -88), (32, 34), c.GLASS, radius=2)


def pane(pen: Pen, width: float = 46, height: float = 50) -> None:
    """A window seen from outside, around its middle."""
    pen.box((-width / 2 - 4, -height / 2 - 4), (width + 8, height + 8), c.WHITE)
    pen.box((-width / 2, -height / 2), (width, height), "#9fc8dd")
    pen.line([(0, -height / 2), (0, height / 2)], c.WHITE, 3)
    pen.line([(-width / 2, 0), (width / 2, 0)], c.WHITE, 3)


def block_of_flats(pen: Pen, wall: str = "#d9b48f", *, floors: int = 4, columns: int = 3) -> None:
    """A block of flats with a grid of windows."""
    width, height = columns * 62 + 20, floors * 68 + 16
    pen.box((-width / 2, -height), (width, height), wall)
    pen.box((-width / 2 - 6, -height - 8), (width + 12, 10), c.SLATE)
    for floor in range(floors):
        for column in range(columns):
            pane(pen.at(-width / 2 + 41 + column * 62, -height + 40 + floor * 68), 34, 40)


def shop(pen: Pen, name: str, colour: str = c.TEAL) -> None:
    """A shop front with its name over the window, 260 wide, 200 high."""
    pen.box((-130, -200), (260, 200), "#e9d9bf")
    pen.box((-130, -200), (260, 46), colour)
    pen.text((0, -177), name, 25, c.WHITE)
    for index in range(10):
        pen.box((-130 + index * 26, -154), (26, 18), c.WHITE if index % 2 else colour, radius=4)
    pen.box((-112, -126), (150, 100), c.GLASS, edge=c.WHITE)
    pen.box((60, -126), (52, 126), colour)
    pen.box((68, -118), (36, 70), c.GLASS)


def temple_front(pen: Pen, word: str = "", *, columns: int = 4) -> None:
    """A public building with columns, a gable and steps, 340 wide, 270 high."""
    pen.poly([(-170, -196), (170, -196), (0, -276)], "#e6dcc6")
    pen.poly([(-120, -204), (120, -204), (0, -260)], "#d6cab0")
    pen.box((-166, -198), (332, 34), "#efe6d2")
    pen.box((-150, -164), (300, 128), "#c9bda4")
    pen.box((-30, -126), (60, 90), c.TIMBER)
    pen.line([(0, -126), (0, -36)], c.BARK, 3)
    for index in range(columns):
        x = -132 + index * 264 / (columns - 1)
        pen.box((x - 15, -164), (30, 8), c.PAPER)
        pen.box((x - 11, -160), (22, 124), c.PAPER)
        pen.box((x + 4, -156), (4, 118), c.SHADOW)
        pen.box((x - 15, -44), (30, 8), c.PAPER)
    for step in range(3):
        pen.box((-160 - step * 14, -36 + step * 12), (320 + step * 28, 12), ("#f4eee0", "#e3dac6", "#d3c9b2")[step])
    if word:
        pen.text((0, -181), word, 26)


def car(pen: Pen, colour: str = c.RED) -> None:
    """A car from the side, facing right, 190 long, 76 high."""
    pen.shade(200)
    pen.poly([(-62, -44), (-40, -78), (26, -78), (58, -44)], colour)
    pen.poly([(-52, -46), (-34, -71), (-8, -71), (-8, -46)], c.GLASS)
    pen.poly([(-1, -46), (-1, -71), (22, -71), (46, -46)], c.GLASS)
    pen.box((-96, -50), (192, 36), colour, radius=14)
    pen.box((84, -44), (12, 10), c.YELLOW, radius=3)
    pen.box((-96, -44), (9, 10), c.BRICK, radius=3)
    pen.line([(-4, -46), (-4, -18)], c.SHADOW, 2)
    pen.box((8, -40), (14, 4), c.SHADOW, radius=2)
    for x in (-56, 56):
        wheel(pen.at(x, -17), 18)


def wheel(pen: Pen, radius: float) -> None:
    """A wheel around its middle."""
    pen.disc((0, 0), radius, c.BLACK)
    pen.disc((0, 0), radius * 0.5, c.STEEL)


def bus(pen: Pen, line: str = "12") -> None:
    """A city bus facing right, 340 long, 130 high, with its line's number."""
    pen.shade(340)
    pen.box((-170, -132), (340, 116), c.RED, radius=14)
    pen.box((-170, -50), (340, 10), c.CREAM)
    for index in range(5):
        pen.box((-156 + index * 54, -112), (46, 46), c.GLASS, radius=5)
    pen.box((116, -112), (44, 84), c.GLASS, radius=5)
    pen.line([(138, -112), (138, -28)], c.RED, 4)
    pen.box((58, -129), (52, 15), c.BLACK, radius=3)
    pen.text((84, -122), line, 13, c.YELLOW)
    for x in (-100, 80):
        wheel(pen.at(x, -16), 22)


def bicycle(pen: Pen, colour: str = c.RED) -> None:
    """A bicycle facing right, 150 long, 95 high."""
    for x in (-48, 48):
        pen.ring((x, -32), 32, c.BLACK, width=4)
        for dx, dy in ((0, 30), (26, 15), (26, -15)):
            pen.line([(x - dx, -32 - dy), (x + dx, -32 + dy)], "#8d939b", 1)
    for points in (
        [(-48, -32), (-22, -74), (32, -74), (-2, -32), (-48, -32)],
        [(-26, -84), (-2, -32)],
        [(48, -32), (30, -88)],
    ):
        pen.line(points, colour, 5)
    pen.line([(22, -92), (34, -90), (46, -82)], c.BLACK, 5)
    pen.line([(-38, -86), (-14, -86)], c.BLACK, 8)
    pen.disc((-2, -32), 8, c.SLATE)


def lamp_post(pen: Pen) -> None:
    """A street lamp, 230 high."""
    pen.box((-9, -10), (18, 10), c.DARK, radius=2)
    pen.line([(0, 0), (0, -216), (10, -226), (38, -226)], c.DARK, 6)
    pen.box((26, -228), (34, 9), c.DARK, radius=4)
    pen.box((30, -219), (26, 5), c.YELLOW, radius=2)


def bench(pen: Pen) -> None:
    """A park bench from the front, 140 wide, 70 high."""
    pen.shade(140)
    for x in (-56, 56):
        pen.box((x - 4, -66), (8, 66), c.DARK)
    for y in (-68, -54):
        pen.box((-70, y), (140, 10), c.WOOD, radius=3)
    pen.box((-74, -36), (148, 12), c.WOOD, radius=3)
    pen.box((-74, -27), (148, 4), c.TIMBER)


def fence(pen: Pen, width: float, colour: str = c.WHITE, *, height: float = 60) -> None:
    """A picket fence from its left end."""
    for y in (-height * 0.75, -height * 0.35):
        pen.box((0, y), (width, 7), colour)
    for x in range(0, int(width) - 8, 24):
        pen.poly([(x, 0), (x, -height), (x + 7, -height - 9), (x + 14, -height), (x + 14, 0)], colour)
        pen.line([(x + 14, 0), (x + 14, -height)], c.SHADOW, 1.5)


def wire_fence(pen: Pen, width: float, *, height: float = 120) -> None:
    """A wire mesh fence from its left end."""
    for x in range(0, int(width) + 1, 18):
        pen.line([(x, 0), (max(0, x - height), -min(height, x))], "#6b747f90", 1.5)
        pen.line([(x, 0), (min(width, x + height), -min(height, width - x))], "#6b747f90", 1.5)
    for x in range(0, int(width) + 1, 110):
        pen.box((x - 4, -height - 8), (8, height + 8), c.SLATE, radius=2)
    pen.line([(0, -height), (width, -height)], c.SLATE, 4)


def barrier(pen: Pen, width: float = 130) -> None:
    """A metal crowd barrier from its left end, 70 high."""
    pen.line([(0, -8), (0, -70), (width, -70), (width, -8)], "#d3d9df", 6)
    pen.line([(0, -18), (width, -18)], "#d3d9df", 4)
    for x in range(14, int(width), 14):
        pen.line([(x, -18), (x, -70)], "#d3d9df", 2.5)
    for foot in (14, width - 14):
        pen.line([(foot - 14, 0), (foot, -14), (foot + 14, 0)], "#d3d9df", 5)


def letterbox(pen: Pen, words: str, colour: str = c.TEAL) -> None:
    """A wall letterbox around its middle, 100 wide, with a label."""
    pen.box((-50, -38), (100, 76), colour, radius=6)
    pen.box((-36, -26), (72, 9), c.DARK, radius=4)
    pen.box((-38, 0), (76, 24), c.PAPER, radius=3)
    pen.text((0, 12), words, 16)


def flag(pen: Pen, colour: str = c.GREEN, *, height: float = 200) -> None:
    """A flag of one colour on a pole."""
    pen.box((-3, -height), (6, height), c.SLATE, radius=2)
    pen.disc((0, -height), 5, c.YELLOW)
    pen.poly(
        [
            (3, -height + 6),
            (44, -height + 14),
            (90, -height + 4),
            (90, -height + 58),
            (44, -height + 68),
            (3, -height + 60),
        ],
        colour,
    )


def station_clock(pen: Pen, radius: float = 36) -> None:
    """A round clock around its middle, at ten past ten."""
    pen.disc((0, 0), radius + 5, c.DARK)
    pen.disc((0, 0), radius, c.PAPER)
    for dx, dy in (
        (0, -1),
        (1, 0),
        (0, 1),
        (-1, 0),
        (0.5, 0.87),
        (-0.5, 0.87),
        (0.5, -0.87),
        (-0.5, -0.87),
        (0.87, 0.5),
        (0.87, -0.5),
        (-0.87, 0.5),
        (-0.87, -0.5),
    ):
        pen.line([(dx * radius * 0.8, dy * radius * 0.8), (dx * radius * 0.92, dy * radius * 0.92)], c.INK, 2)
    pen.line([(0, 0), (-radius * 0.45, -radius * 0.28)], c.INK, 4)
    pen.line([(0, 0), (radius * 0.6, -radius * 0.4)], c.INK, 3)
