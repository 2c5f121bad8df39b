"""Furniture and machines of offices, shops, stores, sites and laboratories. Each stands on its frame's origin."""

from __future__ import annotations

from starter_images.objects import palette as c
from starter_images.pen import Pen


def counter(pen: Pen, width: float, height: float = 110, *, colour: str = c.WOOD, top: str = c.BARK) -> None:
    """A counter or a desk's front from its lower left corner, with panels."""
    pen.box((0, -height), (width, height), colour)
    pen.box((-8, -height - 12), (width + 16, 16), top, radius=4)
    count = max(1, round(width / 130))
    for index in range(count):
        pen.box((index * width / count + 12, -height + 18), (width / count - 24, height - 34), c.SHADOW, radius=4)


def table(pen: Pen, width: float, height: float = 90, *, colour: str = c.WOOD) -> None:
    """A table on two legs, around its middle."""
    pen.shade(width)
    for side in (-1, 1):
        pen.box((side * (width / 2 - 18) - 6, -height), (12, height), c.TIMBER)
    pen.box((-width / 2, -height - 8), (width, 16), colour, radius=4)


def shelf(pen: Pen, width: float, height: float, *, boards: int = 3, colour: str = c.TIMBER) -> None:
    """An empty shelf from its lower left corner; board i lies at i x height / boards above the ground."""
    pen.box((0, -height), (width, height), "#00000018")
    for board in range(boards + 1):
        pen.box((-4, -height * board / boards - 4), (width + 8, 8), colour)
    for x in (-6, width - 2):
        pen.box((x, -height - 4), (8, height + 8), colour)


def carton(pen: Pen, width: float = 60, height: float = 46, *, colour: str = c.CARDBOARD) -> None:
    """A cardboard box with tape."""
    pen.box((-width / 2, -height), (width, height), colour)
    pen.box((-width / 2, -height), (width, height * 0.16), "#ffffff30")
    pen.box((-5, -height), (10, height * 0.5), "#f0dcb8")
    pen.box((width * 0.16, -height * 0.34), (width * 0.24, height * 0.2), c.PAPER)


def filing_cabinet(pen: Pen, label: str = "", *, drawers: int = 3, width: float = 130) -> None:
    """A filing cabinet with labelled drawers, 56 high a drawer."""
    pen.box((-width / 2, -drawers * 62 - 8), (width, drawers * 62 + 8), "#8b9aa6", radius=4)
    for index in range(drawers):
        y = -drawers * 62 + index * 62
        pen.box((-width / 2 + 7, y), (width - 14, 54), "#a5b3bd", radius=3)
        pen.box((-20, y + 40), (40, 7), c.DARK, radius=3)
        if label:
            pen.box((-width / 2 + 13, y + 9), (width - 26, 24), c.PAPER, radius=2)
            pen.text((0, y + 21), label, (width - 30) * 1.5 / len(label))


def drum(pen: Pen, colour: str = c.BLUE) -> None:
    """A steel drum with a hazard diamond, 100 high."""
    pen.box((-34, -100), (68, 100), colour, radius=5)
    for y in (-68, -34):
        pen.box((-36, y - 3), (72, 6), c.SHADOW)
    pen.oval((0, -100), (34, 7), c.NAVY)
    pen.poly([(0, -84), (26, -52), (0, -20), (-26, -52)], c.YELLOW)
    pen.poly([(0, -74), (16, -44), (-16, -44)], c.BLACK)
    pen.text((0, -53), "!", 18, c.YELLOW)


def jerry_can(pen: Pen, colour: str = c.RED, label: str = "FUEL") -> None:
    """A fuel canister, 90 high."""
    pen.box((-24, -92), (44, 9), colour, radius=3)
    pen.box((-24, -92), (8, 22), colour)
    pen.box((10, -92), (8, 22), colour)
    pen.poly([(24, -74), (44, -92), (50, -86), (34, -66)], c.DARK)
    pen.box((-34, -76), (68, 76), colour, radius=7)
    pen.line([(-24, -64), (24, -10)], c.SHADOW, 4)
    pen.line([(24, -64), (-24, -10)], c.SHADOW, 4)
    pen.box((-26, -47), (52, 20), c.PAPER, radius=3)
    pen.text((0, -37), label, min(15, 76 / len(label)), colour)


def hazard_triangle(pen: Pen, mark: str = "!") -> None:
    """A yellow warning triangle around its middle, 70 wide."""
    pen.poly([(0, -40), (42, 32), (-42, 32)], c.BLACK)
    pen.poly([(0, -29), (32, 26), (-32, 26)], c.YELLOW)
    if mark == "bolt":
        pen.poly([(6, -16), (-10, 6), (-1, 6), (-6, 22), (11, -1), (2, -1)], c.BLACK)
    else:
        pen.text((0, 6), mark, 32, c.BLACK)


def flask(pen: Pen, liquid: str = c.GREEN) -> None:
    """A conical laboratory flask, 90 high."""
    pen.poly([(-10, -90), (10, -90), (10, -58), (38, 0), (-38, 0), (-10, -58)], "#bfd8e4")
    pen.poly([(-20, -36), (20, -36), (36, -3), (-36, -3)], liquid)
    pen.box((-14, -94), (28, 7), "#c5d6de", radius=3)
    for x, y in ((-8, -16), (8, -24), (14, -10)):
        pen.disc((x, y), 3.5, "#ffffff90")


def beaker(pen: Pen, liquid: str = c.BLUE) -> None:
    """A straight laboratory glass, 70 high."""
    pen.box((-24, -70), (48, 70), "#bfd8e4", radius=4)
    pen.box((-22, -40), (44, 38), liquid, radius=3)
    for y in (-20, -32, -44, -56):
        pen.line([(8, y), (20, y)], c.SLATE, 2)


def burner(pen: Pen) -> None:
    """A gas burner with a blue flame, 110 high."""
    pen.box((-28, -9), (56, 9), c.DARK, radius=3)
    pen.box((-7, -62), (14, 56), c.GREY)
    pen.box((-10, -30), (20, 9), c.DARK)
    pen.oval((0, -86), (13, 26), "#5b9be0")
    pen.oval((0, -78), (7, 15), "#cfe5fb")


def crate(pen: Pen) -> None:
    """A slatted wooden crate, 110 wide, 50 high."""
    pen.box((-56, -52), (112, 52), c.BARK)
    for y in (-52, -33, -14):
        pen.box((-58, y), (116, 13), "#e6bd85", radius=2)
    for x in (-54, 44):
        pen.box((x, -54), (10, 54), c.TIMBER)


def hand_truck(pen: Pen) -> None:
    """A two-wheeled hand truck, 140 high, with its plate to the right."""
    for x in (-16, 12):
        pen.line([(x, -8), (x - 14, -136)], c.RED, 6)
    for y in (-50, -84, -116):
        pen.line([(-18 + y / 10, y), (8 + y / 10, y)], c.RED, 5)
    pen.line([(-16, -8), (48, -4)], c.SLATE, 7)
    pen.disc((-10, -8), 12, c.BLACK)
    pen.disc((-10, -8), 5, c.STEEL)


def locker(pen: Pen, number: str, colour: str = c.BLUE) -> None:
    """A tall closed locker, 70 wide, 210 high, from its lower left corner."""
    pen.box((0, -210), (70, 210), colour)
    pen.box((3, -207), (64, 204), "#ffffff28")
    for y in (-192, -182, -172):
        pen.line([(18, y), (52, y)], c.SHADOW, 4)
    pen.box((18, -158), (34, 22), c.PAPER, radius=3)
    pen.text((35, -147), number, 15)
    pen.box((54, -108), (7, 26), c.DARK, radius=3)


def rack(pen: Pen, width: float = 90, height: float = 250) -> None:
    """A server rack with rows of lights, from its lower left corner."""
    pen.box((0, -height), (width, height), c.BLACK, radius=4)
    for index in range(int(height / 24)):
        y = -height + 8 + index * 24
        pen.box((7, y), (width - 14, 18), "#48505c", radius=2)
        for light in range(4):
            pen.disc((16 + light * 9, y + 9), 2.8, (c.LIME, "#68c3f0", c.LIME, c.ORANGE)[(light + index) % 4])
        pen.line([(width * 0.6, y + 9), (width - 16, y + 9)], c.BLACK, 3)


def hammer(pen: Pen) -> None:
    """A hammer lying on the origin's line, 100 long."""
    pen.line([(-50, -8), (40, -8)], c.WOOD, 10)
    pen.box((32, -32), (20, 44), c.SLATE, radius=4)


def saw(pen: Pen) -> None:
    """A hand saw hanging around its middle, 130 long."""
    pen.poly([(-44, -20), (86, -4), (86, 8), (-44, 20)], c.STEEL)
    for x in range(-40, 82, 12):
        y = 20 - (x + 44) * 0.092
        pen.poly([(x, y - 1), (x + 12, y - 2), (x + 6, y + 6)], c.STEEL)
    pen.box((-86, -26), (48, 52), c.BRICK, radius=14)
    pen.box((-74, -12), (24, 24), "#e4d3b5", radius=8)


def paint_can(pen: Pen, colour: str = c.BLUE) -> None:
    """An open paint can with a drip, 60 high."""
    pen.arc((0, -50), (28, 26), (180, 360), c.SLATE, width=3)
    pen.box((-28, -56), (56, 56), c.STEEL, radius=4)
    pen.oval((0, -55), (28, 7), colour)
    pen.box((-28, -38), (56, 26), colour)
    pen.box((10, -55), (9, 22), colour, radius=4)


def stand_with_mics(pen: Pen, *, front: str = c.WOOD) -> None:
    """A speaker's stand without microphones, 150 high; they go at (+-16, -150)."""
    pen.shade(130)
    pen.poly([(-44, -140), (44, -140), (54, 0), (-54, 0)], front)
    pen.poly([(-58, -150), (58, -150), (50, -134), (-50, -134)], c.BARK)
    pen.box((-60, -8), (120, 8), c.BARK)


def rope_barrier(pen: Pen, count: int = 3, *, step: float = 80) -> None:
    """Brass posts with a red rope between them, from the left post, 80 high."""
    for index in range(count):
        x = index * step
        if index:
            pen.arc((x - step / 2, -68), (step / 2, 28), (0, 180), c.RED, width=6)
        pen.oval((x, -3), (14, 5), "#b08f35")
        pen.box((x - 4, -74), (8, 72), "#c9a54a")
        pen.disc((x, -77), 7, "#c9a54a")


def tray(pen: Pen) -> None:
    """An airport tray, 130 wide, 24 high."""
    pen.poly([(-66, -26), (66, -26), (58, 0), (-58, 0)], c.GREY)
    pen.box((-70, -30), (140, 8), c.SLATE, radius=3)


def arch(pen: Pen, words: str = "") -> None:
    """A scanner arch to walk through, 130 wide, 260 high."""
    for x in (-66, 46):
        pen.box((x, -250), (20, 250), c.STEEL, radius=3)
        pen.disc((x + 10, -200), 4, c.LIME)
    pen.box((-66, -262), (132, 36), c.SLATE, radius=5)
    if words:
        pen.text((0, -244), words, 20, c.WHITE)
