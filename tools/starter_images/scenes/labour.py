"""Scenes of offices, wards, halls and stores."""

from __future__ import annotations

from starter_images.objects import devices, household, papers, places, town, works
from starter_images.objects import palette as c
from starter_images.pen import Pen


def office_desk() -> Pen:
    """A desk with a computer, a stack of employee files, a sticky note, a coffee mug."""
    pen = places.room("#dfe8ea", "#a9957c", line=400)
    places.window(pen.at(40, 40), 140, 130)
    works.table(pen.at(320, 440), 580, 110)
    screen = devices.monitor(pen.at(270, 324), width=220)
    screen.box((0, 0), (220, 20), c.BLUE)
    papers.wall_chart(screen.at(24, 126, 0.58), "", up=c.GREEN)
    devices.screen_lines(screen.at(160, 44), (44, 38, 44, 30), step=16)
    screen.box((186, 100), (48, 48), c.YELLOW)
    devices.screen_lines(screen.at(193, 112), (32, 26, 30), step=11)
    devices.keyboard(pen.at(270, 336))
    for row in range(5):
        pen.box(
            (418 + row % 2 * 6, 300 - row * 22), (130, 20), (c.SAND, c.ORANGE, c.SAND, "#d9b06a", c.SAND)[row], radius=3
        )
    pen.box((440, 216), (96, 14), c.PAPER)
    pen.text((486, 198), "EMPLOYEE FILES", 16)
    household.cup(pen.at(110, 324), c.RED)
    return pen


def hospital_ward() -> Pen:
    """A bed, an infusion stand, a monitor, a chart at the bed's end."""
    pen = places.room("#dcefeb", "#b9c8c6", line=350)
    places.window(pen.at(400, 50), 150, 130)
    pen.box((90, 210), (14, 220), c.GREY)
    pen.box((470, 270), (14, 160), c.GREY)
    pen.box((90, 330), (394, 30), c.WHITE, radius=6)
    pen.box((90, 356), (394, 14), c.GREY)
    pen.box((110, 290), (90, 46), c.WHITE, radius=18)
    pen.box((200, 302), (280, 50), "#8fc0d8", radius=10)
    pen.box((200, 302), (280, 16), c.WHITE, radius=6)
    for x in (110, 464):
        pen.disc((x, 432), 10, c.BLACK)
    pen.line([(40, 440), (40, 120)], c.SLATE, 6)
    pen.line([(20, 120), (60, 120)], c.SLATE, 5)
    pen.box((48, 126), (30, 52), "#e9f6fb", radius=8, edge=c.GREY)
    pen.line([(63, 178), (70, 250), (170, 316)], "#9ac3d6", 3)
    pen.line([(20, 440), (60, 440)], c.SLATE, 6)
    pen.box((170, 120), (150, 100), c.DARK, radius=6)
    pen.box((180, 130), (130, 80), "#1e2b2a")
    pen.line([(184, 164), (216, 164), (226, 140), (238, 188), (248, 164), (304, 164)], c.LIME, 3)
    pen.text((286, 196), "72", 22, c.YELLOW)
    pen.box((236, 220), (14, 34), c.SLATE)
    papers.clipboard(pen.at(500, 292, 0.62), ("CHART",))
    return pen


def gym_lockers() -> Pen:
    """A row of lockers, one open with a bag, a bench with a towel and a phone."""
    pen = places.room("#e7e4da", "#b9b3a6", line=350)
    for index in range(8):
        works.locker(pen.at(30 + index * 73, 350, 1.4 / 1.4), str(21 + index), (c.BLUE, c.TEAL)[index % 2])
    pen.box((324, 142), (66, 206), c.DARK)
    pen.box((324, 210), (66, 5), c.SLATE)
    pen.poly([(390, 140), (440, 158), (440, 368), (390, 350)], "#7eb0dd")
    pen.box((328, 296), (58, 50), c.RED, radius=12)
    pen.arc((357, 298), (18, 22), (180, 360), c.RED, width=6)
    pen.box((328, 316), (58, 6), c.WHITE)
    pen.box((90, 396), (440, 20), c.WOOD, radius=5)
    for x in (130, 480):
        pen.box((x, 414), (14, 50), c.DARK)
    pen.box((150, 372), (120, 26), c.WHITE, radius=8)
    for x in (168, 186):
        pen.box((x, 372), (8, 26), c.RED)
    pen.poly([(392, 386), (442, 386), (450, 397), (384, 397)], c.BLACK)
    pen.poly([(396, 388), (438, 388), (443, 394), (391, 394)], "#8fc6e8")
    return pen


def swimming_pool() -> Pen:
    """An empty pool with lanes, a life ring, bottles marked as pool chemicals."""
    pen = places.tiled_room("#d5ecef", "#e3d9c6", line=190)
    pen.poly([(110, 230), (530, 230), (640, 480), (0, 480)], "#5db7d8")
    pen.poly([(104, 220), (536, 220), (530, 236), (110, 236)], c.WHITE)
    for top, bottom in ((215, 160), (320, 320), (425, 480)):
        for step in range(10):
            part, following = step / 10, (step + 1) / 10
            start = (top + (bottom - top) * part, 236 + 244 * part)
            end = (top + (bottom - top) * following, 236 + 244 * following)
            pen.line([start, end], (c.RED, c.WHITE)[step % 2], 3 + step * 0.6)
    pen.ring((90, 110), 52, c.WHITE, width=26)
    for span in ((20, 70), (110, 160), (200, 250), (290, 340)):
        pen.arc((90, 110), (52, 52), span, c.RED, width=26)
    pen.box((430, 168), (190, 20), c.SLATE, radius=4)
    for x in (470, 580):
        household.bottle(pen.at(x, 168, 1.2), c.BLUE, "POOL", cap=c.WHITE)
    works.jerry_can(pen.at(525, 168, 1.05), c.NAVY, "CHLORINE")
    papers.sign(pen.at(270, 80), ("POOL CLOSED",), c.BLUE, c.WHITE)
    return pen


def server_room() -> Pen:
    """Racks with lights, a cable tray, a badge reader by the door."""
    pen = places.room("#d7e0e6", "#8c97a1", line=390)
    pen.box((0, 40), (440, 10), c.SLATE)
    for x in range(10, 440, 26):
        pen.line([(x, 50), (x, 68)], c.SLATE, 3)
    pen.box((0, 68), (440, 8), c.SLATE)
    for y, colour in ((52, c.BLUE), (58, c.YELLOW), (63, c.RED)):
        pen.line([(0, y), (440, y)], colour, 4)
    for index in range(4):
        works.rack(pen.at(20 + index * 102, 410), 94, 300)
        pen.line([(66 + index * 102, 76), (66 + index * 102, 112)], c.BLUE, 5)
    pen.box((480, 130), (120, 270), c.WHITE)
    pen.box((488, 138), (104, 262), "#7d94a5")
    pen.box((510, 160), (60, 70), c.GLASS)
    pen.line([(500, 280), (500, 310)], c.STEEL, 8)
    papers.sign(pen.at(540, 96), ("SERVER ROOM",), c.NAVY, c.WHITE, size=17)
    pen.box((446, 240), (28, 46), c.BLACK, radius=5)
    pen.disc((460, 252), 5, c.RED)
    pen.box((451, 264), (18, 13), c.STEEL, radius=2)
    pen.text((460, 302), "BADGE", 13)
    return pen


def warehouse_shelves() -> Pen:
    """High shelves with boxes, a forklift, a drum with a hazard label."""
    pen = places.room("#d9dcd8", "#b5b0a6", line=380)
    for x in (20, 330):
        works.shelf(pen.at(x, 380), 290, 340, boards=3, colour=c.ORANGE)
        for board in range(3):
            for index in range(4):
                works.carton(pen.at(x + 42 + index * 68, 376 - board * 113, 1.0 + (index + board) % 3 * 0.12))
    _forklift(pen.at(230, 456))
    works.drum(pen.at(560, 456, 1.15))
    return pen


def _forklift(pen: Pen) -> None:
    pen.shade(240)
    pen.line([(-20, -60), (-10, -170), (60, -170), (76, -60)], c.DARK, 7)
    pen.box((-70, -86), (150, 66), c.YELLOW, radius=12)
    pen.box((-76, -70), (40, 46), c.DARK, radius=8)
    pen.box((-14, -100), (40, 16), c.BLACK, radius=5)
    pen.line([(56, -118), (44, -92)], c.BLACK, 5)
    pen.line([(96, -6), (96, -190)], c.SLATE, 10)
    pen.line([(98, -28), (190, -28)], c.SLATE, 8)
    works.carton(pen.at(146, -32, 1.3))
    for x, radius in ((-40, 22), (56, 24)):
        town.wheel(pen.at(x, -radius), radius)


def science_lab() -> Pen:
    """A lab bench with flasks, a burner, goggles, a periodic table on the wall."""
    pen = places.room("#e2ecf1", "#a9b4bb", line=400)
    _periodic_table(pen.at(170, 40))
    works.counter(pen.at(20, 450), 600, 116, colour="#d9dee2", top=c.DARK)
    works.flask(pen.at(90, 324, 1.2), c.GREEN)
    works.flask(pen.at(190, 324, 0.9), c.VIOLET)
    works.beaker(pen.at(270, 324, 1.1), c.ORANGE)
    works.burner(pen.at(370, 324, 1.1))
    for x in (474, 532):
        pen.box((x - 27, 288), (54, 34), "#a9dcf0", radius=13, edge=c.DARK)
    pen.arc((503, 306), (66, 26), (150, 390), c.DARK, width=5)
    return pen


def _periodic_table(pen: Pen) -> None:
    pen.box((-12, -12), (324, 184), c.PAPER, radius=3, edge=c.GREY)
    pen.text((150, 8), "PERIODIC TABLE", 17)
    colours = (c.PINK, c.ORANGE, c.YELLOW, "#b8dca4", "#a9d4ea", "#c9b8e0")
    known = {
        (0, 0): "H",
        (0, 17): "He",
        (1, 0): "Li",
        (1, 13): "C",
        (1, 14): "N",
        (1, 15): "O",
        (2, 0): "Na",
        (2, 16): "Cl",
        (3, 7): "Fe",
    }
    for row in range(6):
        for column in range(18):
            if (row == 0 and 0 < column < 17) or (row in {1, 2} and 1 < column < 12):
                continue
            pen.box((6 + column * 16, 24 + row * 22), (15, 20), colours[min(5, column // 3)])
            pen.text((13.5 + column * 16, 34 + row * 22), known.get((row, column), ""), 9)


PICTURES = {
    draw.__name__: draw
    for draw in (
        office_desk,
        hospital_ward,
        gym_lockers,
        swimming_pool,
        server_room,
        warehouse_shelves,
        science_lab,
    )
}
