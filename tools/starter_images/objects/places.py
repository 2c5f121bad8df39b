"""Where a picture plays: rooms, gardens, streets, table tops. Each covers the whole picture."""

from __future__ import annotations

from starter_images.objects import palette as c
from starter_images.pen import HEIGHT, WIDTH, Pen, blank


def room(wall: str = "#f3e4cb", floor: str = "#c99f73", *, line: float = 350) -> Pen:
    """A room seen from the front: a wall, a skirting board, a floor."""
    pen = blank(wall)
    pen.box((0, line), (WIDTH, HEIGHT - line), floor)
    pen.box((0, line - 10), (WIDTH, 10), c.WHITE)
    pen.box((0, line), (WIDTH, 3), c.SHADOW)
    return pen


def tiled_room(wall: str = "#dcefee", floor: str = "#b9c4c9", *, line: float = 350) -> Pen:
    """A room with a tiled wall: a kitchen, a bath, a ward."""
    pen = room(wall, floor, line=line)
    for x in range(40, WIDTH, 60):
        pen.line([(x, 0), (x, line - 10)], "#ffffffa0", 2)
    for y in range(30, int(line) - 12, 60):
        pen.line([(0, y), (WIDTH, y)], "#ffffffa0", 2)
    return pen


def outdoors(ground: str = c.GRASS, *, line: float = 300, sky: str = c.SKY) -> Pen:
    """Open air: a sky with sun and clouds, hills, a ground."""
    pen = blank(sky)
    pen.disc((560, 70), 34, "#fbdf83")
    for x, y, size in ((110, 70, 1.0), (360, 50, 0.8), (480, 130, 0.6)):
        cloud(pen.at(x, y, size))
    pen.oval((150, line + 30), (260, 80), "#b4d9a2")
    pen.oval((520, line + 40), (280, 70), "#c2e0ad")
    pen.box((0, line), (WIDTH, HEIGHT - line), ground)
    return pen


def street(*, line: float = 330) -> Pen:
    """A street seen from across the road: sky, pavement, kerb, road with dashes."""
    pen = blank(c.SKY)
    for x, y, size in ((120, 60, 0.9), (420, 80, 0.7)):
        cloud(pen.at(x, y, size))
    pen.box((0, line), (WIDTH, 50), c.STONE)
    pen.box((0, line + 50), (WIDTH, 6), c.GREY)
    pen.box((0, line + 56), (WIDTH, HEIGHT), c.TARMAC)
    for x in range(-20, WIDTH, 110):
        pen.box((x, line + 104), (60, 6), c.WHITE)
    return pen


def skyline(pen: Pen, *, line: float) -> None:
    """Far houses in pale colours along a horizon."""
    for index, (width, height) in enumerate(
        ((70, 120), (90, 80), (60, 150), (110, 100), (80, 130), (90, 70), (140, 110))
    ):
        x = sum((70, 90, 60, 110, 80, 90, 140)[:index])
        pen.box((x, line - height), (width - 3, height), ("#a9c4d6", "#b8cedc", "#9fbbcf")[index % 3])
        for row in range(12, height - 10, 22):
            for column in range(10, width - 16, 20):
                pen.box((x + column, line - height + row), (9, 11), "#dcebf3")


def table_top(wall: str = "#f3e4cb", wood: str = c.WOOD, *, line: float = 210) -> Pen:
    """A table seen close, from slightly above: wall behind, wood in front."""
    pen = blank(wall)
    pen.box((0, line), (WIDTH, HEIGHT - line), wood)
    pen.box((0, line), (WIDTH, 5), c.SHINE)
    for y in (line + 60, line + 140, line + 215):
        pen.line([(0, y), (WIDTH, y)], "#00000014", 3)
    return pen


def desk_top(wood: str = c.WOOD) -> Pen:
    """A table seen straight from above."""
    pen = blank(wood)
    for y in range(60, HEIGHT, 80):
        pen.line([(0, y), (WIDTH, y)], "#00000014", 3)
    return pen


def brick_wall(*, line: float = 370, brick: str = c.BRICK) -> Pen:
    """A brick wall with a pavement in front."""
    pen = blank(brick)
    for row, y in enumerate(range(0, int(line), 26)):
        pen.line([(0, y), (WIDTH, y)], "#ffffff48", 2)
        for x in range(30 * (row % 2), WIDTH, 60):
            pen.line([(x, y), (x, y + 26)], "#ffffff48", 2)
    pen.box((0, line), (WIDTH, HEIGHT - line), c.STONE)
    pen.box((0, line), (WIDTH, 6), c.SHADOW)
    return pen


def night(*, line: float = 380) -> Pen:
    """A pavement at night."""
    pen = blank("#2f3a5c")
    for x, y in ((60, 50), (150, 90), (300, 40), (430, 75), (590, 60), (520, 120), (240, 110)):
        pen.disc((x, y), 2.5, "#f4e9b0")
    pen.disc((570, 60), 26, "#f4e9b0")
    pen.disc((582, 52), 24, "#2f3a5c")
    pen.box((0, line), (WIDTH, HEIGHT - line), "#565d70")
    return pen


def cloud(pen: Pen) -> None:
    """A cloud, 120 wide."""
    pen.oval((0, 0), (60, 16), c.WHITE)
    pen.disc((-22, -10), 20, c.WHITE)
    pen.disc((12, -16), 26, c.WHITE)


def window(pen: Pen, width: float = 130, height: float = 120) -> None:
    """A window with sky in it, hung by its upper left corner."""
    pen.box((-8, -8), (width + 16, height + 16), c.WHITE, radius=3)
    pen.box((0, 0), (width, height), c.SKY)
    cloud(pen.at(width * 0.5, height * 0.4, width / 220))
    pen.oval((width * 0.5, height), (width * 0.5, 14), "#b4d9a2")
    pen.box((0, height), (width, 16), c.WHITE)
    pen.line([(width / 2, 0), (width / 2, height)], c.WHITE, 5)
    pen.line([(0, height / 2), (width, height / 2)], c.WHITE, 5)
