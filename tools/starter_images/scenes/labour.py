"""Scenes of offices, sites, wards and plants."""

from __future__ import annotations

from tools.starter_images.objects import devices, household, palette as c, papers, places, town, works
from tools.starter_images.pen import Pen, blank


def office_desk() -> Pen:
    """A desk with a computer, a stack of employee files, a sticky note, a coffee mug."""
    pen = places.room("#dfe8ea", "#a9957c", line=400)
    places.window(pen.at(40, 40), 140, 130)
    works.table(pen.at(320, 440), 580, 110)
    screen = devices.monitor(pen.at(270, 324), width=220)
    screen.box((0, 0), (220, 20), c.BLUE)
    papers.wall_chart(screen.at(24, 124, 0.6), "", up=" ")
    devices.screen_lines(screen.at(160, 44), (44, 38, 44, 30), step=16)
    screen.box((186, 100), (48, 48), c.YELLOW)
    devices.screen_lines(screen.at(193, 112), (32, 26, 30), step=11)
    devices.keyboard(pen.at(270, 336))
    for row in range(5):
        pen.box((418 + row % 2 * 6, 300 - row * 22), (130, 20), (c.SAND, c.ORANGE, c.SAND, "#d9b06a", c.SAND)[row], radius=3)
    pen.box((440, 216), (96, 14), c.PAPER)
    pen.text((486, 198), "EMPLOYEE FILES", 16)
    household.cup(pen.at(110, 324), c.RED)
    return pen


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
    for y, size in ((250, 4), (285, 7), (330, 10), (390, 14)):
        pen.box((326 - size / 2, y), (size, size * 2), c.WHITE)
    town.block_of_flats(pen.at(140, 400, 0.9), "#c99b7b")
    town.block_of_flats(pen.at(540, 400, 0.9), "#cfc09a")
    for x, y, size, colour in ((290, 268, 0.25, c.RED), (362, 290, 0.32, c.BLUE), (270, 330, 0.42, c.YELLOW), (396, 350, 0.5, c.GREEN)):
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
    known = {(0, 0): "H", (0, 17): "He", (1, 0): "Li", (1, 13): "C", (1, 14): "N", (1, 15): "O", (2, 0): "Na", (2, 16): "Cl", (3, 7): "Fe"}
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
        construction_site,
        rooftop_view,
        hospital_ward,
        gym_lockers,
        swimming_pool,
        water_tower,
        power_substation,
        server_room,
        warehouse_shelves,
        science_lab,
    )
}
