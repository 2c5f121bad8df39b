"""Scenes of sites and plants under the open sky."""

from __future__ import annotations

from starter_images.objects import devices, papers, places, town, works
from starter_images.objects import palette as c
from starter_images.pen import Pen, blank


def construction_site() -> Pen:
    """A crane, scaffolding, a pile of bricks, a warning sign."""
    pen = places.outdoors(c.SAND, line=360)
    _crane(pen.at(500, 370))
    pen.box((60, 140), (240, 230), "#c9c3b8")
    for x in (90, 170, 250):
        for y in (170, 250):
            pen.box((x, y), (40, 46), c.SLATE)
    for x in (40, 130, 220, 316):
        pen.line([(x, 120), (x, 376)], c.ORANGE, 5)
    for y in (150, 230, 310):
        pen.box((30, y), (296, 8), c.WOOD)
    for x in (40, 130, 220):
        pen.line([(x, 310), (x + 90, 238)], c.ORANGE, 3)
    for row in range(4):
        for column in range(6 - row):
            pen.box((350 + row * 15 + column * 31, 436 - row * 18), (29, 16), c.BRICK, radius=2)
    works.hazard_triangle(pen.at(130, 420))
    pen.box((126, 450), (8, 30), c.SLATE)
    papers.sign(pen.at(244, 430), ("SITE WORK", "KEEP OUT"), c.YELLOW, c.BLACK, size=17)
    return pen


def _crane(pen: Pen) -> None:
    for x in (-14, 14):
        pen.line([(x, 0), (x, -300)], c.YELLOW, 6)
    for y in range(-300, 0, 30):
        pen.line([(-14, y), (14, y + 30)], c.YELLOW, 3)
    pen.line([(-190, -300), (110, -300)], c.YELLOW, 8)
    pen.line([(-190, -300), (0, -344), (110, -300)], c.DARK, 3)
    pen.line([(0, -300), (0, -344)], c.YELLOW, 6)
    pen.box((70, -300), (40, 34), c.SLATE)
    pen.box((-22, -296), (44, 34), c.GLASS, edge=c.DARK)
    pen.line([(-150, -300), (-150, -190)], c.DARK, 3)
    pen.arc((-150, -182), (8, 8), (270, 450), c.DARK, width=4)


def rooftop_view() -> Pen:
    """A rooftop edge with an antenna and water tank, street with cars below."""
    pen = blank(c.SKY)
    places.cloud(pen.at(300, 60))
    places.skyline(pen, line=230)
    pen.poly([(250, 230), (390, 230), (640, 480), (120, 480)], c.TARMAC)
    for y, dash in ((250, 4), (285, 7), (330, 10), (390, 14)):
        pen.box((326 - dash / 2, y), (dash, dash * 2), c.WHITE)
    town.block_of_flats(pen.at(140, 400, 0.9), "#c99b7b")
    town.block_of_flats(pen.at(540, 400, 0.9), "#cfc09a")
    for x, y, size, colour in (
        (290, 268, 0.25, c.RED),
        (362, 290, 0.32, c.BLUE),
        (270, 330, 0.42, c.YELLOW),
        (396, 350, 0.5, c.GREEN),
    ):
        town.car(pen.at(x, y, size), colour)
    pen.poly([(0, 380), (640, 380), (640, 480), (0, 480)], "#a79c8f")
    pen.box((0, 366), (640, 26), "#c7bdb0")
    pen.line([(520, 440), (520, 190)], c.DARK, 5)
    for y, half in ((200, 44), (222, 36), (244, 28), (266, 20)):
        pen.line([(520 - half, y), (520 + half, y)], c.DARK, 4)
    for x in (64, 156):
        pen.line([(x, 440), (x + (8 if x == 64 else -8), 350)], c.BARK, 8)
    pen.box((56, 236), (108, 120), c.TIMBER, radius=4)
    for y in (262, 296, 330):
        pen.line([(56, y), (164, y)], c.DARK, 3)
    pen.poly([(48, 238), (172, 238), (110, 192)], c.SLATE)
    return pen


def water_tower() -> Pen:
    """A water tower on legs behind a fence with a gate and a sign."""
    pen = places.outdoors(line=340)
    for x, top in ((220, 266), (300, 290), (340, 350), (420, 374)):
        pen.line([(x, 400), (top if x in {220, 420} else x, 210)], c.SLATE, 9)
    for y in (270, 330):
        pen.line([(240, y), (400, y)], c.SLATE, 5)
    pen.box((230, 100), (180, 110), "#9fbccb", radius=22)
    pen.oval((320, 206), (88, 26), "#8aa9ba")
    pen.poly([(220, 112), (420, 112), (320, 48)], c.BRICK)
    pen.text((320, 156), "WATER", 36, c.NAVY)
    town.tree(pen.at(80, 380))
    town.tree(pen.at(570, 370, 0.8), c.FOREST)
    town.wire_fence(pen.at(0, 450), 260)
    town.wire_fence(pen.at(380, 450), 260)
    pen.box((262, 326), (116, 124), "#d9dee320", edge=c.DARK)
    town.wire_fence(pen.at(266, 448, 0.96), 112, height=122)
    devices.padlock(pen.at(368, 396, 0.4))
    papers.sign(pen.at(500, 396), ("TOWN WATER", "NO ENTRY"), c.WHITE, c.RED, size=19)
    return pen


def power_substation() -> Pen:
    """Transformers, pylons, a fence, a lightning sign."""
    pen = places.outdoors("#cfd0b0", line=340)
    for x, size in ((110, 1.0), (540, 1.15)):
        _pylon(pen.at(x, 370, size))
    for y, sag in ((150, 40), (196, 34)):
        pen.arc((325, y - 30), (205, sag + 30), (12, 168), c.DARK, width=2)
    for x in (230, 380):
        _transformer(pen.at(x, 400))
    town.wire_fence(pen.at(0, 462), 640, height=110)
    works.hazard_triangle(pen.at(320, 400, 1.2), "bolt")
    papers.sign(pen.at(320, 454), ("HIGH VOLTAGE",), c.YELLOW, c.BLACK, size=17)
    return pen


def _pylon(pen: Pen) -> None:
    pen.line([(-40, 0), (-10, -270), (10, -270), (40, 0)], c.SLATE, 5)
    for y in range(-240, 0, 60):
        half, below = 10 + (y + 270) / 9, 10 + (y + 330) / 9
        pen.line([(-half, y), (below, y + 60)], c.SLATE, 3)
        pen.line([(half, y), (-below, y + 60)], c.SLATE, 3)
    for y in (-230, -190):
        pen.line([(-58, y), (58, y)], c.SLATE, 5)
        for x in (-54, 54):
            pen.box((x - 4, y), (8, 16), c.BRICK)


def _transformer(pen: Pen) -> None:
    pen.box((-48, -100), (96, 100), "#8ba08f", radius=4)
    for x in range(-42, 48, 14):
        pen.box((x, -86), (7, 76), "#72877a")
    for x in (-28, 0, 28):
        pen.box((x - 5, -136), (10, 38), c.BRICK, radius=3)
        for y in (-130, -120, -110):
            pen.box((x - 9, y), (18, 4), c.BRICK, radius=2)


PICTURES = {
    draw.__name__: draw
    for draw in (
        construction_site,
        rooftop_view,
        water_tower,
        power_substation,
    )
}
