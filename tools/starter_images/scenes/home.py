"""Scenes in and around homes."""

from __future__ import annotations

from starter_images.objects import devices, household, papers, people, places, town, works
from starter_images.objects import palette as c
from starter_images.pen import Pen, blank


def kitchen_counter() -> Pen:
    """A counter with a knife block, a cutting board with vegetables, a gas stove, a kettle."""
    pen = places.tiled_room(line=420)
    places.window(pen.at(225, 40), 170, 110)
    pen.box((20, 40), (150, 110), "#c8935a", radius=4)
    pen.box((92, 44), (3, 102), c.SHADOW)
    works.counter(pen.at(0, 422), 440, 132, colour="#dfb582", top="#8b9aa6")
    works.counter(pen.at(602, 422), 60, 132, colour="#dfb582", top="#8b9aa6")
    household.stove(pen.at(520, 422, 0.85))
    household.kettle(pen.at(558, 270, 0.8))
    household.knife_block(pen.at(90, 280))
    household.cutting_board(pen.at(270, 280))
    return pen


def medicine_cabinet() -> Pen:
    """An open bathroom cabinet with pill bottles, a thermometer, a small bottle of syrup."""
    pen = places.tiled_room(line=470)
    pen.box((120, 40), (330, 340), c.WHITE, radius=6, edge=c.GREY)
    pen.box((136, 56), (298, 308), "#e3ecef")
    pen.poly([(450, 40), (580, 74), (580, 414), (450, 380)], "#f4f7f8")
    pen.poly([(464, 62), (566, 90), (566, 392), (464, 364)], "#bcdbe8")
    pen.poly([(484, 90), (530, 102), (484, 230)], c.SHINE)
    for y in (206, 360):
        pen.box((136, y), (298, 8), c.GREY)
    for x, colour, label in ((178, c.ORANGE, ""), (238, "#e58a5a", ""), (298, c.TEAL, "")):
        household.pill_bottle(pen.at(x, 206, 1.35), colour, label)
    household.thermometer(pen.at(380, 204, 1.5))
    household.bottle(pen.at(190, 360, 1.35), "#a4552f", "SYRUP", cap=c.WHITE)
    pen.box((250, 304), (84, 56), c.WHITE, radius=4, edge=c.GREY)
    pen.box((285, 314), (14, 36), c.RED)
    pen.box((274, 325), (36, 14), c.RED)
    household.pill_bottle(pen.at(384, 360, 1.3), c.BLUE)
    pen.box((60, 434), (520, 60), c.WHITE, radius=12, edge=c.GREY)
    pen.line([(320, 436), (320, 404), (360, 404), (360, 418)], c.GREY, 10)
    for x in (290, 350):
        pen.box((x - 12, 424), (24, 10), c.GREY, radius=4)
    return pen


def garage_workbench() -> Pen:
    """A workbench with hammer, saw, paint cans, a petrol canister."""
    pen = places.room("#dcd6c9", "#a9a49a", line=380)
    pen.box((60, 50), (400, 160), "#c9a578", radius=4)
    for x in range(80, 450, 26):
        for y in range(66, 200, 26):
            pen.disc((x, y), 2, "#9b7a50")
    works.saw(pen.at(180, 120, 1.2))
    pen.line([(330, 80), (330, 150)], c.STEEL, 10)
    pen.ring((330, 76), 14, c.STEEL, width=8)
    pen.line([(400, 80), (400, 120)], c.STEEL, 6)
    pen.line([(400, 120), (400, 170)], c.RED, 14)
    works.table(pen.at(280, 420), 500, 140)
    pen.box((60, 360), (440, 12), c.TIMBER)
    works.hammer(pen.at(130, 270, 1.2))
    works.paint_can(pen.at(290, 272, 1.2), c.BLUE)
    works.paint_can(pen.at(370, 272, 1.2), c.RED)
    works.paint_can(pen.at(450, 272, 1.2), c.YELLOW)
    works.jerry_can(pen.at(580, 440, 1.2), label="PETROL")
    works.carton(pen.at(180, 360, 1.3))
    return pen


def apartment_mailboxes() -> Pen:
    """A wall of numbered mailboxes, one open with letters."""
    pen = places.room("#e9dcc5", "#a88d74", line=430)
    pen.box((90, 60), (460, 330), "#7e8b97", radius=6)
    for index in range(12):
        x, y = 104 + index % 4 * 110, 74 + index // 4 * 104
        pen.box((x, y), (102, 94), c.STEEL, radius=4)
        pen.box((x + 18, y + 14), (66, 9), c.DARK, radius=4)
        pen.text((x + 51, y + 50), str(index + 1), 28)
        pen.disc((x + 51, y + 78), 6, c.SLATE)
    _open_mailbox(pen.at(324, 178))
    return pen


def _open_mailbox(pen: Pen) -> None:
    pen.box((0, 0), (102, 94), c.DARK, radius=4)
    papers.envelope(pen.at(46, 62), c.PAPER, width=80)
    papers.envelope(pen.at(58, 46), "#f6e3b2", width=80)
    papers.envelope(pen.at(48, 30), c.PAPER, width=78)
    pen.poly([(102, 0), (150, 18), (150, 116), (102, 94)], c.SLATE)
    pen.poly([(104, 3), (147, 20), (147, 111), (104, 92)], "#e4e9ed")
    pen.text((126, 58), "7", 28)


def garden_shed() -> Pen:
    """A shed with rake, spade, a bag of fertiliser, a spray bottle."""
    pen = places.outdoors(line=330)
    pen.poly([(90, 150), (450, 150), (400, 60), (140, 60)], c.BRICK)
    pen.box((110, 150), (320, 240), c.WOOD)
    for x in range(110, 430, 32):
        pen.line([(x, 150), (x, 390)], c.SHADOW, 2)
    pen.box((210, 190), (110, 200), c.BARK)
    pen.box((310, 190), (10, 200), c.TIMBER)
    pen.line([(150, 400), (150, 190)], "#e8c48f", 7)
    for x in range(128, 176, 9):
        pen.line([(x, 190), (x, 168)], c.DARK, 4)
    pen.line([(126, 190), (174, 190)], c.DARK, 6)
    pen.line([(386, 330), (386, 180)], "#e8c48f", 7)
    pen.line([(370, 178), (402, 178)], c.DARK, 8)
    pen.poly([(364, 330), (408, 330), (404, 380), (386, 404), (368, 380)], c.STEEL)
    _sack(pen.at(500, 430, 1.2), ("PLANT", "FERTILISER"))
    _spray_bottle(pen.at(596, 430, 1.2))
    household.plant(pen.at(50, 430), flower=c.PINK)
    return pen


def _sack(pen: Pen, words: tuple[str, str]) -> None:
    pen.shade(110)
    pen.box((-48, -112), (96, 112), c.CREAM, radius=12)
    pen.box((-48, -112), (96, 14), c.GREEN, radius=6)
    pen.oval((0, -78), (9, 14), c.GREEN)
    pen.text((0, -46), words[0], 17)
    pen.text((0, -26), words[1], 14)


def _spray_bottle(pen: Pen) -> None:
    pen.box((-20, -56), (40, 56), "#7cc4df", radius=8)
    pen.box((-8, -76), (16, 22), "#7cc4df")
    pen.box((-30, -92), (46, 18), c.ORANGE, radius=4)
    pen.line([(-14, -76), (-22, -62)], c.ORANGE, 5)
    pen.box((-14, -40), (28, 24), c.PAPER, radius=3)


def house_front_door() -> Pen:
    """A house front with a door, a key pad, a window, a parcel on the mat."""
    pen = places.brick_wall(line=400, brick="#c98b6c")
    pen.box((220, 90), (170, 310), c.WHITE)
    pen.box((236, 106), (138, 294), c.TEAL)
    for y in (130, 262):
        pen.box((258, y), (94, 104), c.SHADOW, radius=4)
    pen.box((264, 136), (82, 92), c.GLASS, radius=3)
    pen.disc((360, 270), 8, c.YELLOW)
    devices.keypad(pen.at(430, 240, 1.1))
    town.pane(pen.at(540, 200), 130, 150)
    pen.box((464, 286), (152, 12), c.WHITE)
    town.pane(pen.at(100, 200), 130, 150)
    pen.box((24, 286), (152, 12), c.WHITE)
    pen.poly([(220, 420), (390, 420), (410, 456), (200, 456)], "#8d6b4a")
    works.carton(pen.at(300, 446, 1.5))
    household.plant(pen.at(150, 440, 1.1), flower=c.RED)
    return pen


def neighbour_fence() -> Pen:
    """Two gardens divided by a fence, a barking dog, a clothes line."""
    pen = places.outdoors(line=270)
    town.house(pen.at(110, 290, 0.9))
    town.house(pen.at(560, 290, 0.9), "#dfe5d2", c.SLATE)
    for plank in range(9):
        part, following = plank / 9, (plank + 0.86) / 9
        left, right = 300 + 92 * part**1.4, 300 + 92 * following**1.4
        tops, feet = (250 + 40 * part, 250 + 40 * following), (292 + 200 * part, 292 + 200 * following)
        pen.poly([(left, tops[0]), (right, tops[1]), (right, feet[1]), (left, feet[0])], (c.TIMBER, c.WOOD)[plank % 2])
    people.dog(pen.at(150, 430, 1.1))
    for dy in (-12, 0, 12):
        pen.line([(268, 334 + dy), (286, 332 + dy * 1.7)], c.INK, 3)
    papers.sign(pen.at(150, 296), ("WOOF!",), size=20)
    for x in (400, 620):
        pen.line([(x, 430), (x, 250)], c.BARK, 8)
    pen.line([(400, 258), (510, 270), (620, 258)], c.DARK, 2)
    pen = pen.at(10, 0)
    pen.poly([(412, 262), (470, 267), (470, 330), (412, 326)], c.WHITE)
    pen.poly(
        [(486, 269), (508, 276), (530, 269), (544, 290), (532, 296), (532, 340), (484, 340), (484, 296), (472, 290)],
        c.RED,
    )
    pen.poly([(556, 266), (594, 261), (596, 340), (580, 340), (575, 290), (570, 340), (554, 340)], c.NAVY)
    return pen


def balcony_plants() -> Pen:
    """A balcony with potted plants, a watering can, a view of the neighbour's windows."""
    pen = blank(c.SKY)
    town.block_of_flats(pen.at(320, 420, 1.15), floors=5, columns=8)
    people.bust(pen.at(284, 158, 0.4), c.BRICK, look=1)
    pen.box((0, 420), (640, 60), "#cdbfae")
    for x in range(0, 650, 34):
        pen.box((x, 300), (6, 130), c.DARK)
    pen.box((0, 292), (640, 12), c.DARK)
    household.plant(pen.at(90, 450, 1.3), flower=c.RED)
    household.plant(pen.at(220, 456, 1.1), c.TEAL)
    household.plant(pen.at(350, 450, 1.3), c.BRICK, flower=c.YELLOW)
    household.watering_can(pen.at(520, 456, 1.3))
    return pen


def phone_chat() -> Pen:
    """A hand holding a phone that shows a chat with empty speech bubbles."""
    pen = blank("#dcebe6")
    pen.disc((320, 240), 210, "#c8e0d8")
    people.hand(pen.at(326, 350, 2))
    screen = devices.phone(pen.at(320, 220), width=200)
    screen.box((0, 0), (200, 44), c.TEAL, radius=12)
    screen.disc((26, 22), 13, c.CREAM)
    screen.box((50, 16), (90, 11), "#ffffffb0", radius=5)
    for y, x, width, fill, tail in (
        (64, 16, 112, c.WHITE, -1),
        (124, 70, 114, "#bfe5c7", 1),
        (184, 16, 130, c.WHITE, -1),
        (244, 96, 88, "#bfe5c7", 1),
    ):
        devices.bubble(screen.at(x, y), (width, 44), fill, tail=tail)
    screen.box((14, 302), (172, 26), c.WHITE, radius=12)
    for y in (150, 190, 230, 270):
        pen.box((418, y), (26, 34), c.SKIN[1], radius=14)
    pen.line([(216, 370), (204, 330), (218, 262)], c.SKIN[1], 30)
    return pen


def car_dashboard() -> Pen:
    """A steering wheel, dashboard with dials, a navigation screen, a phone in a holder."""
    pen = blank("#bfe3f5")
    pen.box((0, 150), (640, 120), c.GRASS)
    pen.poly([(280, 150), (340, 150), (520, 270), (140, 270)], c.TARMAC)
    for y, size in ((168, 3), (196, 5), (232, 8)):
        pen.box((310 - size / 2, y), (size, size * 3), c.WHITE)
    town.tree(pen.at(120, 170, 0.5))
    town.tree(pen.at(520, 170, 0.5))
    pen.poly([(0, 260), (640, 230), (640, 480), (0, 480)], c.DARK)
    pen.poly([(0, 260), (640, 230), (640, 246), (0, 280)], c.SLATE)
    for x in (120, 220):
        pen.disc((x, 318), 44, c.BLACK)
        pen.ring((x, 318), 40, c.STEEL, width=3)
        pen.line([(x, 318), (x + 22, 296)], c.RED, 4)
        pen.text((x, 340), "80" if x == 120 else "3", 15, c.WHITE)
    pen.ring((170, 400), 150, c.BLACK, width=24)
    pen.line([(30, 400), (310, 400)], c.BLACK, 26)
    pen.disc((170, 400), 42, c.BLACK)
    _navigation(pen.at(360, 286))
    pen.line([(580, 300), (580, 400)], c.BLACK, 10)
    screen = devices.phone(pen.at(580, 260), width=76)
    screen.text((38, 40), "10:10", 20)
    devices.bubble(screen.at(10, 66), (56, 26), "#bfe5c7")
    pen.box((536, 318), (88, 12), c.BLACK, radius=4)
    return pen


def _navigation(pen: Pen) -> None:
    pen.box((-8, -8), (166, 124), c.BLACK, radius=8)
    pen.box((0, 0), (150, 108), "#e6efd9")
    pen.line([(0, 80), (150, 60)], c.WHITE, 10)
    pen.line([(40, 0), (60, 108)], c.WHITE, 10)
    pen.line([(57, 106), (51, 72), (110, 65), (104, 20)], c.BLUE, 7)
    pen.disc((104, 20), 9, c.RED)
    pen.text((120, 96), "NAVI", 14)


PICTURES = {
    draw.__name__: draw
    for draw in (
        kitchen_counter,
        medicine_cabinet,
        garage_workbench,
        apartment_mailboxes,
        garden_shed,
        house_front_door,
        neighbour_fence,
        balcony_plants,
        phone_chat,
        car_dashboard,
    )
}
