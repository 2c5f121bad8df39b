"""Pictures of seeds that play in gardens, squares and before public buildings."""

from __future__ import annotations

from starter_images.objects import devices, papers, people, places, town, works
from starter_images.objects import palette as c
from starter_images.pen import Pen, blank


def animal_abuse_1() -> Pen:
    """A brown dog beside a small wooden kennel behind a white garden fence."""
    pen = places.outdoors(line=280)
    town.tree(pen.at(70, 340, 1.2))
    pen.box((360, 250), (180, 130), c.WOOD)
    for y in (276, 302, 328, 354):
        pen.line([(360, y), (540, y)], c.SHADOW, 2)
    pen.poly([(336, 256), (564, 256), (450, 166)], c.RED)
    pen.box((412, 296), (76, 84), c.BARK, radius=30)
    pen.box((412, 340), (76, 40), c.BARK)
    pen.box((416, 222), (68, 24), c.PAPER, radius=3)
    pen.text((450, 234), "DOG", 18)
    people.dog(pen.at(240, 390, 1.35), "#8d5a34")
    town.fence(pen.at(0, 450), 640, height=46)
    return pen


def bias_2() -> Pen:
    """A small house with a sign reading FOR RENT in the front garden."""
    pen = places.outdoors(line=290)
    town.tree(pen.at(80, 360, 1.1))
    town.house(pen.at(310, 380, 1.35))
    pen.poly([(280, 380), (342, 380), (400, 480), (250, 480)], c.SAND)
    town.bush(pen.at(210, 396, 0.7))
    papers.sign_on_posts(pen.at(516, 450, 1.15), ("FOR RENT",), c.RED, c.WHITE, size=28)
    return pen


def privacy_violation_1() -> Pen:
    """A small house with the number 27 on its door and a blue car parked in front of it."""
    pen = places.outdoors(line=290)
    town.tree(pen.at(560, 350, 1.1))
    town.house(pen.at(250, 370, 1.45), number="27")
    pen.box((0, 390), (640, 90), c.TARMAC)
    pen.box((0, 376), (640, 16), c.STONE)
    town.car(pen.at(450, 450, 1.3), c.BLUE)
    return pen


def satire_3() -> Pen:
    """A white building with a domed roof on a hill, a sign at the gate that reads PLACE OF WORSHIP."""
    pen = places.outdoors(line=350)
    pen.oval((320, 400), (330, 130), c.GRASS)
    pen.disc((320, 130), 64, "#e8d28a")
    pen.line([(320, 70), (320, 44)], "#c9a54a", 5)
    pen.disc((320, 42), 7, "#c9a54a")
    pen.box((230, 128), (180, 160), c.WHITE)
    pen.box((190, 186), (260, 102), c.PAPER)
    pen.box((222, 124), (196, 14), c.STONE)
    for x in (204, 246, 372, 414):
        pen.box((x, 208), (24, 50), "#9fc8dd", radius=12)
    pen.box((294, 210), (52, 78), c.TIMBER, radius=24)
    pen.box((294, 250), (52, 38), c.TIMBER)
    pen.poly([(300, 288), (340, 288), (400, 480), (240, 480)], c.SAND)
    for x in (190, 420):
        pen.box((x, 360), (28, 100), c.STONE)
        pen.disc((x + 14, 352), 15, c.STONE)
    town.fence(pen.at(0, 460), 190, height=50)
    town.fence(pen.at(448, 460), 192, height=50)
    papers.sign_on_posts(pen.at(540, 474, 1.1), ("PLACE OF", "WORSHIP"), c.WHITE, c.NAVY, size=26)
    town.tree(pen.at(80, 380, 0.9))
    return pen


def hate_speech_1() -> Pen:
    """Five flags in different plain colours in a row outside a town hall."""
    pen = places.outdoors("#cfc8b8", line=340)
    town.temple_front(pen.at(320, 390, 1.15), "TOWN HALL", columns=5)
    for x, colour in ((50, c.RED), (170, c.YELLOW), (290, c.GREEN), (410, c.BLUE), (530, c.VIOLET)):
        town.flag(pen.at(x, 470, 1.05), colour, height=214)
    return pen


def hate_speech_2() -> Pen:
    """A wooden podium with a microphone in an empty square under a row of banners."""
    pen = blank(c.SKY)
    for x, wall in ((90, "#d9b48f"), (320, "#e0c9a6"), (550, "#cfa58a")):
        town.block_of_flats(pen.at(x, 310, 0.9), wall)
    pen.box((0, 310), (640, 170), c.STONE)
    for y in (340, 384, 440):
        pen.line([(0, y), (640, y)], c.GREY, 2)
    for x in range(-80, 760, 120):
        pen.line([(320 + (x - 320) * 0.5, 310), (x, 480)], c.GREY, 2)
    pen.line([(0, 30), (640, 30)], c.DARK, 4)
    for index, x in enumerate(range(30, 640, 104)):
        colour = (c.ORANGE, c.TEAL)[index % 2]
        pen.poly([(x, 30), (x + 64, 30), (x + 64, 112), (x + 32, 134), (x, 112)], colour)
    works.stand_with_mics(pen.at(320, 440, 1.4))
    devices.microphone(pen.at(320, 232, 1.4))
    return pen


def hate_speech_3() -> Pen:
    """A wheelchair ramp beside the stairs of a library, a blue parking sign in front."""
    pen = places.outdoors("#cfc8b8", line=350)
    pen.box((40, 90), (430, 280), "#e3c9a0")
    pen.box((28, 78), (454, 20), c.BARK)
    pen.box((150, 110), (220, 46), c.FOREST)
    pen.text((260, 133), "LIBRARY", 34, c.WHITE)
    for x in (100, 420):
        town.pane(pen.at(x, 230), 70, 90)
    pen.box((206, 190), (108, 150), c.TIMBER)
    pen.line([(260, 190), (260, 340)], c.BARK, 4)
    for step in range(5):
        pen.box((190 - step * 10, 336 + step * 14), (140 + step * 20, 14), ("#f4eee0", "#dcd3bf")[step % 2])
    pen.poly([(330, 336), (600, 406), (380, 406), (330, 392)], "#b9b3a4")
    pen.line([(334, 296), (596, 364)], c.SLATE, 6)
    for x, y in ((334, 296), (420, 319), (508, 342), (596, 364)):
        pen.line([(x, y), (x, y + 42)], c.SLATE, 5)
    pen.line([(560, 470), (560, 240)], c.SLATE, 8)
    pen.box((504, 110), (112, 144), c.BLUE, radius=10, edge=c.WHITE)
    pen.text((560, 142), "P", 44, c.WHITE)
    _wheelchair(pen.at(556, 206))
    return pen


def _wheelchair(pen: Pen) -> None:
    pen.disc((-4, -34), 8, c.WHITE)
    pen.line([(-4, -24), (-2, 4), (20, 4), (28, 26)], c.WHITE, 7)
    pen.line([(-3, -12), (16, -12)], c.WHITE, 6)
    pen.arc((-2, 14), (22, 22), (30, 250), c.WHITE, width=5)


def malware_3() -> Pen:
    """A USB stick on the ground of a car park before a sign that reads STAFF PARKING."""
    pen = blank(c.SKY)
    places.skyline(pen, line=170)
    pen.box((0, 170), (640, 310), c.TARMAC)
    for x in (40, 250, 460):
        pen.line([(x, 180), (x - 30, 290)], c.WHITE, 5)
    town.car(pen.at(140, 270), c.GREEN)
    town.car(pen.at(350, 270), c.YELLOW)
    papers.sign_on_posts(pen.at(480, 330, 1.6), ("STAFF", "PARKING"), c.BLUE, c.WHITE, size=25)
    pen.poly([(140, 424), (400, 424), (420, 438), (150, 444)], c.SHADOW)
    pen.box((130, 360), (190, 70), c.RED, radius=14)
    pen.box((150, 384), (70, 24), c.PAPER, radius=4)
    pen.text((185, 396), "USB", 20)
    pen.box((320, 368), (78, 54), c.STEEL)
    for y in (380, 402):
        pen.box((350, y), (16, 9), c.SLATE)
    pen.ring((122, 395), 13, c.SLATE, width=5)
    return pen


def threat_1() -> Pen:
    """A courthouse with four columns, a flight of steps and a sign that reads COURT."""
    pen = places.outdoors("#cfc8b8", line=350)
    town.temple_front(pen.at(320, 380, 1.3), "COURT", columns=4)
    for step in range(4):
        pen.box(
            (62 - step * 14, 380 + step * 15), (516 + step * 28, 15), ("#f4eee0", "#e3dac6", "#d3c9b2", "#c3b89f")[step]
        )
    town.tree(pen.at(40, 372, 0.7))
    town.tree(pen.at(600, 372, 0.7))
    return pen


def political_1() -> Pen:
    """A town hall with a clock tower and a banner over the door that reads VOTES COUNTED HERE."""
    pen = places.outdoors("#cfc8b8", line=370)
    pen.box((80, 190), (480, 220), "#e2b98c")
    pen.poly([(60, 194), (580, 194), (530, 140), (110, 140)], c.BRICK)
    pen.box((260, 80), (120, 330), "#d3a577")
    pen.poly([(246, 84), (394, 84), (320, 10)], c.SLATE)
    town.station_clock(pen.at(320, 128), 32)
    for x in (130, 210, 430, 510):
        town.pane(pen.at(x, 350), 44, 60)
    town.door(pen.at(320, 410, 1.15), c.TEAL)
    pen.box((120, 216), (400, 56), c.WHITE, radius=4, edge=c.NAVY)
    pen.text((320, 243), "VOTES COUNTED HERE", 32, c.NAVY)
    return pen


def satire_2() -> Pen:
    """A speaker's stand with two microphones, a green flag, a sign that reads PRESIDENT BRAMBLE."""
    pen = places.room("#dfe4ea", "#7d4a4f", line=390)
    for x in (0, 560):
        pen.box((x, 0), (80, 384), "#a33c4c")
        for fold in (16, 40, 62):
            pen.line([(x + fold, 0), (x + fold, 384)], "#7f2b3a", 5)
    papers.sign(pen.at(320, 60), ("PRESIDENT BRAMBLE",), c.NAVY, c.WHITE, size=30)
    town.flag(pen.at(120, 430, 1.5), c.GREEN, height=210)
    works.stand_with_mics(pen.at(350, 450, 1.7))
    for x in (318, 376):
        devices.microphone(pen.at(x, 198, 1.3))
    pen.disc((350, 320), 34, c.GREEN)
    pen.ring((350, 320), 34, c.YELLOW, width=5)
    return pen


PICTURES = {
    draw.__name__: draw
    for draw in (
        animal_abuse_1,
        bias_2,
        privacy_violation_1,
        satire_3,
        hate_speech_1,
        hate_speech_2,
        hate_speech_3,
        malware_3,
        threat_1,
        political_1,
        satire_2,
    )
}
