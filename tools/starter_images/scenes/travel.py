"""Scenes on the road, on the water and in the country."""

from __future__ import annotations

from starter_images.objects import devices, household, papers, people, places, town, works
from starter_images.objects import palette as c
from starter_images.pen import Pen, blank


def parking_lot() -> Pen:
    """Rows of parked cars, a lamp post, one car with a window down."""
    pen = blank(c.SKY)
    places.skyline(pen, line=170)
    pen.box((0, 170), (640, 310), c.TARMAC)
    for x in range(10, 640, 208):
        pen.line([(x, 180), (x - 10, 270)], c.WHITE, 4)
        pen.line([(x, 330), (x - 14, 470)], c.WHITE, 4)
    for x, colour in ((112, c.BLUE), (320, c.YELLOW), (530, c.GREEN)):
        town.car(pen.at(x, 256, 0.9), colour)
    town.lamp_post(pen.at(216, 320, 1.1))
    town.car(pen.at(112, 440), c.CREAM)
    town.car(pen.at(530, 440), c.VIOLET)
    town.car(pen.at(320, 440), c.RED)
    pen.poly([(319, 394), (319, 369), (342, 369), (366, 394)], c.BLACK)
    pen.line([(319, 393), (366, 393)], c.GLASS, 4)
    papers.sign(pen.at(590, 60), ("P",), c.BLUE, c.WHITE, size=40)
    return pen


def bus_stop() -> Pen:
    """A bus stop shelter with a bench, a timetable, a bus arriving."""
    pen = places.street(line=330)
    places.skyline(pen, line=330)
    pen.box((40, 150), (250, 12), c.DARK, radius=4)
    pen.box((50, 162), (230, 190), "#d5edf6a0")
    for x in (46, 276):
        pen.box((x, 160), (8, 200), c.DARK)
    town.bench(pen.at(150, 362, 0.9))
    papers.document(pen.at(212, 190), lines=6, width=58, height=100)
    pen.text((241, 180), "TIMETABLE", 12)
    pen.line([(320, 366), (320, 160)], c.SLATE, 6)
    pen.disc((320, 150), 30, c.YELLOW)
    pen.ring((320, 150), 30, c.FOREST, width=4)
    pen.text((320, 150), "BUS", 20, c.FOREST)
    town.bus(pen.mirrored().at(-500, 446))
    return pen


def train_platform() -> Pen:
    """A platform with a yellow line, a train, a clock, a suitcase left standing."""
    pen = blank("#d9e6ec")
    pen.box((0, 0), (640, 34), c.SLATE)
    pen.box((0, 110), (640, 190), "#d8dde2")
    pen.box((0, 130), (640, 150), c.BLUE)
    pen.box((0, 250), (640, 14), c.CREAM)
    for x in (20, 130, 340, 450, 560):
        pen.box((x, 150), (84, 68), c.GLASS, radius=8)
    pen.box((240, 142), (76, 138), c.NAVY)
    for x in (246, 280):
        pen.box((x, 150), (30, 70), c.GLASS, radius=4)
    pen.box((0, 280), (640, 24), c.DARK)
    pen.box((0, 304), (640, 180), c.STONE)
    pen.box((0, 322), (640, 14), c.YELLOW)
    pen.line([(520, 34), (520, 56)], c.DARK, 6)
    town.station_clock(pen.at(520, 84))
    papers.sign(pen.at(160, 66), ("PLATFORM 2",), c.NAVY, c.WHITE)
    pen.box((600, 34), (20, 400), c.SLATE)
    household.suitcase(pen.at(300, 440, 1.15), c.RED)
    town.bench(pen.at(490, 430))
    return pen


def airport_security() -> Pen:
    """A conveyor belt with trays holding a laptop and bottles, a scanner arch."""
    pen = places.room("#e3ebee", "#b4bcc2", line=340)
    papers.sign(pen.at(210, 70), ("SECURITY CHECK",), c.NAVY, c.WHITE, size=26)
    people.person(pen.at(540, 400, 1.05), c.TEAL, look=2)
    works.arch(pen.at(540, 410, 1.1))
    pen.box((0, 310), (440, 40), c.DARK, radius=16)
    for x in range(16, 430, 40):
        pen.disc((x, 330), 12, c.SLATE)
    for x in (30, 210, 400):
        pen.box((x, 350), (14, 100), c.SLATE)
    screen = devices.laptop(pen.at(110, 286, 0.62), width=150)
    screen.box((0, 0), (150, 93), "#b9d8ea")
    works.tray(pen.at(110, 310, 1.2))
    for x, colour in ((276, c.BLUE), (310, c.GREEN), (344, c.PINK)):
        household.bottle(pen.at(x, 296, 0.8), colour, cap=c.WHITE)
    works.tray(pen.at(310, 310, 1.2))
    return pen


def bicycle_rack() -> Pen:
    """A rack with three bicycles, one with a lock, a street lamp."""
    pen = places.brick_wall(line=330, brick="#cfa27f")
    town.shop(pen.at(190, 334), "BAKERY", c.BRICK)
    town.lamp_post(pen.at(540, 400, 1.35))
    for x in (110, 280, 450):
        pen.arc((x, 420), (30, 70), (180, 360), c.SLATE, width=8)
    for x, colour in ((110, c.RED), (280, c.TEAL), (450, c.YELLOW)):
        town.bicycle(pen.at(x, 432), colour)
    pen.ring((402, 400), 24, c.VIOLET, width=7)
    devices.padlock(pen.at(402, 418, 0.5))
    pen.line([(20, 436), (540, 436)], c.SLATE, 8)
    return pen


def delivery_truck() -> Pen:
    """A van with open back doors and parcels, a hand truck, a doorstep."""
    pen = places.street(line=320)
    town.house(pen.at(520, 334, 1.15), number="14")
    for step in range(2):
        pen.box((470 - step * 12, 334 + step * 12), (100 + step * 24, 12), (c.PAPER, c.GREY)[step])
    _open_van(pen.at(190, 430))
    works.hand_truck(pen.at(420, 430, 1.1))
    works.carton(pen.at(462, 424, 1.1))
    works.carton(pen.at(462, 374, 0.9))
    works.carton(pen.at(590, 356, 0.8))
    return pen


def _open_van(pen: Pen) -> None:
    pen.at(0, 0).shade(270)
    for side in (-1, 1):
        pen.poly([(side * 92, -214), (side * 158, -200), (side * 158, -26), (side * 92, -36)], "#e9dcc0")
        pen.poly([(side * 102, -196), (side * 146, -186), (side * 146, -122), (side * 102, -126)], c.GLASS)
        pen.box((side * 66 - 17, -36), (34, 36), c.BLACK, radius=5)
    pen.box((-100, -226), (200, 204), c.CREAM, radius=10)
    pen.box((-88, -206), (176, 164), c.DARK)
    pen.box((-100, -42), (200, 20), c.ORANGE, radius=4)
    for x, y, size in ((-50, -42, 1.2), (28, -42, 1.5), (-44, -98, 1.0), (30, -112, 1.1)):
        works.carton(pen.at(x, y, size))
    for side in (-1, 1):
        pen.box((side * 88 - 8, -38), (16, 12), c.RED, radius=3)


def hotel_lobby() -> Pen:
    """A reception desk, a row of key cards, a suitcase, a sofa."""
    pen = places.room("#f0dfc6", "#9c6b5a", line=350)
    papers.sign(pen.at(180, 50), ("RECEPTION",), c.NAVY, c.YELLOW, size=28)
    pen.box((40, 96), (290, 64), c.BARK, radius=5)
    for index in range(6):
        x = 56 + index * 45
        pen.box((x, 108), (34, 44), c.PAPER, radius=4)
        pen.box((x, 108), (34, 12), c.TEAL, radius=4)
        pen.text((x + 17, 138), str(101 + index), 13)
    people.bust(pen.at(210, 292, 1.05), c.NAVY, look=1)
    works.counter(pen.at(40, 410), 300, 118)
    pen.arc((90, 280), (16, 16), (180, 360), c.YELLOW, width=14)
    pen.disc((90, 262), 4, c.YELLOW)
    pen.box((70, 280), (40, 6), c.DARK, radius=3)
    household.suitcase(pen.at(390, 430), c.RED)
    household.sofa(pen.at(520, 400, 0.9), c.TEAL)
    household.plant(pen.at(610, 400, 1.2))
    pen.box((440, 90), (130, 90), c.YELLOW)
    pen.box((448, 98), (114, 74), c.SKY)
    pen.poly([(448, 172), (500, 122), (562, 172)], c.GREEN)
    return pen


def fishing_pier() -> Pen:
    """A wooden pier, a fishing rod, a small boat, fish in a crate."""
    pen = blank(c.SKY)
    pen.disc((90, 80), 34, "#fbdf83")
    places.cloud(pen.at(300, 70))
    pen.box((0, 200), (640, 280), c.WATER)
    pen.oval((520, 204), (200, 34), "#a9cf9a")
    pen.box((0, 206), (640, 40), c.WATER)
    for x, y in ((60, 250), (200, 280), (420, 270), (560, 320), (480, 400), (600, 440)):
        pen.arc((x, y), (22, 6), (180, 360), "#ffffffa0", width=3)
    pen.poly([(400, 290), (590, 290), (560, 336), (430, 336)], c.RED)
    pen.poly([(400, 290), (590, 290), (582, 302), (408, 302)], c.CREAM)
    pen.line([(450, 284), (390, 330)], c.TIMBER, 6)
    pen.arc((365, 306), (41, 26), (0, 180), c.CREAM, width=4)
    pen.poly([(0, 350), (330, 350), (420, 480), (0, 480)], c.WOOD)
    for y, x in ((376, 348), (404, 366), (434, 388), (462, 408)):
        pen.line([(0, y), (x, y)], c.TIMBER, 3)
    for x in (60, 200, 310):
        pen.box((x, 310), (18, 60), c.BARK, radius=3)
    pen.line([(270, 440), (440, 150)], c.BARK, 6)
    pen.line([(440, 150), (500, 260)], c.WHITE, 1.5)
    pen.disc((500, 262), 6, c.RED)
    pen.disc((286, 414), 11, c.DARK)
    for x, y, colour in ((104, 376, "#8fb3c4"), (166, 378, c.ORANGE), (134, 388, "#7d9fb3")):
        people.fish(pen.at(x, y, 1.3), colour)
    works.crate(pen.at(130, 456, 1.2))
    return pen


def campsite_fire() -> Pen:
    """A tent, a campfire, trees, a jerry can."""
    pen = places.outdoors(line=290)
    for x, size in ((40, 1.2), (110, 0.9), (420, 1.0), (520, 1.4), (610, 1.1)):
        town.pine(pen.at(x, 316, size))
    pen.poly([(90, 400), (330, 400), (210, 220)], c.ORANGE)
    pen.poly([(210, 220), (330, 400), (380, 384), (262, 214)], "#cf7a35")
    pen.poly([(176, 400), (244, 400), (210, 290)], c.BARK)
    pen.oval((450, 440), (70, 14), c.SHADOW)
    for x in (-56, -36, -12, 14, 40, 58):
        pen.oval((450 + x, 444), (13, 9), c.GREY)
    pen.line([(410, 436), (490, 424)], c.BARK, 13)
    pen.line([(410, 424), (490, 436)], c.TIMBER, 13)
    pen.poly([(420, 428), (414, 386), (434, 402), (450, 348), (466, 402), (486, 386), (480, 428)], c.ORANGE)
    pen.poly([(434, 428), (432, 402), (450, 376), (468, 402), (466, 428)], c.YELLOW)
    works.jerry_can(pen.at(580, 440), c.FOREST)
    pen.line([(40, 448), (130, 448)], c.BARK, 26)
    pen.disc((132, 448), 13, c.WOOD)
    return pen


def farm_barn() -> Pen:
    """A red barn, a fenced cow, hay bales, a bucket."""
    pen = places.outdoors(line=290)
    pen.poly([(40, 160), (90, 90), (160, 60), (230, 90), (280, 160)], c.SLATE)
    pen.poly([(56, 164), (98, 104), (160, 78), (222, 104), (264, 164)], c.RED)
    pen.box((56, 160), (208, 170), c.RED)
    pen.box((112, 220), (96, 110), c.BRICK, edge=c.WHITE)
    pen.line([(114, 222), (206, 328)], c.WHITE, 4)
    pen.line([(206, 222), (114, 328)], c.WHITE, 4)
    pen.box((138, 116), (44, 44), c.BARK, edge=c.WHITE)
    people.cow(pen.at(440, 390, 1.15))
    for y in (340, 372):
        pen.box((310, y), (330, 9), c.TIMBER)
    for x in (310, 400, 490, 580):
        pen.box((x, 320), (12, 90), c.TIMBER, radius=3)
    for x, y in ((60, 440), (150, 440), (105, 392)):
        hay_bale(pen.at(x, y))
    household.bucket(pen.at(260, 444))
    return pen


def hay_bale(pen: Pen) -> None:
    """A rectangular hay bale, 84 wide, 46 high."""
    pen.box((-42, -46), (84, 46), "#e3c263", radius=6)
    for x, y in ((-30, -36), (-8, -30), (16, -38), (-22, -14), (6, -10), (24, -18)):
        pen.line([(x, y), (x + 12, y + 4)], "#c9a344", 2)
    for x in (-18, 18):
        pen.line([(x, -46), (x, 0)], c.BARK, 2.5)


def park_dog() -> Pen:
    """A park with a bench, a tree, a dog on a leash tied to the bench."""
    pen = places.outdoors(line=290)
    pen.poly([(0, 400), (640, 360), (640, 420), (0, 470)], c.SAND)
    town.tree(pen.at(120, 370, 1.5))
    town.tree(pen.at(590, 310, 0.8), c.FOREST)
    town.bench(pen.at(300, 390, 1.3))
    town.bush(pen.at(450, 316, 0.8))
    people.dog(pen.at(490, 420, 0.95))
    pen.line([(378, 362), (410, 386), (460, 384), (532, 357)], c.NAVY, 4)
    return pen


PICTURES = {
    draw.__name__: draw
    for draw in (
        parking_lot,
        bus_stop,
        train_platform,
        airport_security,
        bicycle_rack,
        delivery_truck,
        hotel_lobby,
        fishing_pier,
        campsite_fire,
        farm_barn,
        park_dog,
    )
}
