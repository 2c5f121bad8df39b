"""Scenes in shops, cafés and public houses of a town."""

from __future__ import annotations

from tools.starter_images.objects import devices, household, palette as c, papers, people, places, town, works
from tools.starter_images.pen import Pen, blank


def supermarket_aisle() -> Pen:
    """Shelves of cans and bottles, a shopping cart, a camera on the ceiling."""
    pen = places.room("#eef1ee", "#cfd3d2", line=390)
    pen.box((0, 0), (640, 24), c.GREY)
    works.shelf(pen.at(30, 400), 580, 270, boards=3, colour=c.SLATE)
    cans = (c.RED, c.GREEN, c.YELLOW, c.BLUE, c.ORANGE)
    for board in range(3):
        for index in range(12):
            spot = pen.at(62 + index * 47, 396 - board * 90, 1.05 if board != 1 else 0.84)
            if board == 1:
                household.bottle(spot, cans[index // 3 % 5])
            else:
                household.jar(spot, cans[(index // 3 + board) % 5])
    papers.sign(pen.at(320, 66), ("AISLE 4",), c.GREEN, c.WHITE, size=26)
    devices.camera(pen.at(500, 24, 1.2))
    shopping_cart(pen.at(330, 458, 1.2))
    return pen


def shopping_cart(pen: Pen) -> None:
    """A shopping cart that faces right, 130 high."""
    pen.shade(130)
    pen.poly([(-56, -104), (70, -92), (54, -44), (-44, -44)], "#f4f6f7c0")
    for x in (-56, -30, -4, 22, 48):
        pen.line([(x, -102 + (x + 56) / 11), (x * 0.8 + 4, -44)], c.SLATE, 3)
    for y in (-84, -64):
        pen.line([(-50, y - 4), (62, y)], c.SLATE, 3)
    pen.line([(-90, -118), (-60, -110), (-40, -40), (50, -40)], c.SLATE, 6)
    pen.line([(-56, -104), (70, -92)], c.SLATE, 5)
    pen.line([(-96, -118), (-76, -118)], c.RED, 8)
    pen.line([(-36, -40), (-44, -18), (52, -18)], c.SLATE, 5)
    for x in (-40, 50):
        pen.disc((x, -9), 9, c.BLACK)


def pharmacy_counter() -> Pen:
    """A counter with a cash register, a green cross sign, boxes of medicine."""
    pen = places.room("#eaf4ee", "#c3cdc8", line=370)
    works.shelf(pen.at(250, 250), 350, 200, boards=3, colour="#b7c6be")
    for board in range(3):
        for index in range(8):
            _medicine_box(pen.at(274 + index * 43, 246 - board * 67), (c.BLUE, c.RED, c.TEAL, c.ORANGE)[(index + board) % 4])
    pen.disc((120, 130), 78, c.WHITE)
    pen.box((96, 70), (48, 120), c.GREEN, radius=5)
    pen.box((60, 106), (120, 48), c.GREEN, radius=5)
    papers.sign(pen.at(120, 236), ("PHARMACY",), c.GREEN, c.WHITE)
    people.bust(pen.at(330, 332, 1.15), c.WHITE, look=3)
    works.counter(pen.at(40, 450), 560, 110, colour="#d5e5db", top=c.FOREST)
    devices.till(pen.at(500, 330))
    for x, colour in ((130, c.BLUE), (176, c.RED)):
        _medicine_box(pen.at(x, 330, 1.2), colour)
    household.pill_bottle(pen.at(224, 330))
    return pen


def _medicine_box(pen: Pen, colour: str) -> None:
    pen.box((-17, -44), (34, 44), c.WHITE, edge="#cfd8d4")
    pen.box((-17, -44), (34, 12), colour)
    pen.box((-3, -27), (6, 18), colour)
    pen.box((-9, -21), (18, 6), colour)


def bank_atm() -> Pen:
    """A cash machine in a wall with a keypad, a card in the slot, a queue line on the floor."""
    pen = places.brick_wall(line=390, brick="#b8ab98")
    papers.sign(pen.at(320, 44), ("BANK", "CASH 24 H"), c.NAVY, c.WHITE, size=22)
    pen.box((180, 96), (280, 290), c.STEEL, radius=12)
    pen.box((204, 118), (150, 110), c.NAVY, radius=5)
    pen.text((279, 152), "ENTER", 24, c.WHITE)
    pen.text((279, 188), "YOUR PIN", 24, c.WHITE)
    devices.keypad(pen.at(280, 300, 1.45))
    pen.box((372, 150), (70, 14), c.BLACK, radius=5)
    pen.box((380, 156), (54, 40), c.BLUE, radius=4)
    pen.box((388, 164), (14, 10), c.YELLOW, radius=2)
    pen.text((407, 138), "CARD", 14)
    pen.box((352, 300), (96, 16), c.BLACK, radius=5)
    pen.text((400, 286), "CASH", 14)
    pen.box((200, 432), (240, 12), c.YELLOW)
    pen.text((320, 460), "PLEASE WAIT HERE", 22)
    return pen


def restaurant_table() -> Pen:
    """A table with plates, wine glasses, a phone lying face up, a handbag on a chair."""
    pen = places.room("#e9cfb4", "#8b5a45", line=330)
    household.hanging_lamp(pen.at(280, 0), 30)
    for x in (60, 440):
        pen.box((x, 60), (90, 110), c.BARK)
        pen.box((x + 8, 68), (74, 94), "#cfe0c8")
        pen.disc((x + 45, 115), 24, c.GREEN)
    household.chair(pen.mirrored().at(-580, 440, 1.4))
    household.handbag(pen.at(574, 352, 0.95), c.RED)
    pen.oval((270, 330), (240, 70), c.WHITE)
    pen.poly([(30, 330), (510, 330), (480, 480), (60, 480)], c.PAPER)
    pen.oval((270, 326), (240, 68), c.WHITE)
    pen.arc((270, 330), (240, 70), (0, 180), c.STONE, width=3)
    household.plate(pen.at(150, 330, 0.95))
    household.plate(pen.at(380, 320, 0.95))
    household.wine_glass(pen.at(216, 302))
    household.wine_glass(pen.at(312, 298))
    pen.poly([(242, 342), (294, 342), (306, 386), (234, 386)], c.BLACK)
    pen.poly([(246, 347), (290, 347), (299, 380), (241, 380)], "#8fc6e8")
    pen.text((270, 362), "10:10", 14, c.WHITE)
    return pen


def coffee_shop_laptop() -> Pen:
    """A cafe table with an open laptop, a cup, a wifi sign."""
    pen = places.table_top("#d9e6dc", c.WOOD, line=330)
    places.window(pen.at(40, 40), 150, 170)
    _wifi_sign(pen.at(540, 120))
    screen = devices.laptop(pen.at(290, 410), width=260)
    screen.box((0, 0), (260, 22), c.TEAL)
    screen.box((14, 36), (100, 70), "#bcd7e6")
    devices.screen_lines(screen.at(130, 44), (110, 96, 104, 60, 100, 80), step=16)
    household.cup(pen.at(510, 430, 1.3), c.RED)
    pen.oval((510, 432), (56, 10), c.SHADOW)
    papers.document(pen.at(40, 400), lines=3, width=90, height=64)
    return pen


def _wifi_sign(pen: Pen) -> None:
    pen.box((-80, -76), (160, 150), c.DARK, radius=8)
    for radius in (18, 36, 54):
        pen.arc((0, 16), (radius, radius), (225, 315), c.WHITE, width=8)
    pen.disc((0, 14), 7, c.WHITE)
    pen.text((0, 48), "FREE WIFI", 22, c.YELLOW)


def library_shelves() -> Pen:
    """Book shelves, a reading lamp, a returned-books trolley."""
    pen = places.room("#e8dbc0", "#a9785a", line=380)
    works.shelf(pen.at(30, 380), 330, 340, boards=4)
    for board in range(4):
        papers.book_row(pen.at(34, 376 - board * 85), 320, height=66, shift=board * 3)
    works.table(pen.at(500, 400), 220, 100)
    household.desk_lamp(pen.at(450, 292), c.GREEN)
    pen.poly([(510, 292), (600, 292), (590, 280), (555, 286), (520, 280)], c.PAPER)
    pen.line([(555, 292), (555, 285)], c.GREY, 2)
    papers.sign(pen.at(500, 60), ("LIBRARY",), c.FOREST, c.WHITE, size=28)
    _trolley(pen.at(300, 456, 1.1))
    return pen


def _trolley(pen: Pen) -> None:
    pen.shade(170)
    pen.box((-80, -112), (8, 100), c.SLATE)
    pen.box((72, -112), (8, 100), c.SLATE)
    for y in (-70, -18):
        pen.box((-84, y), (168, 8), c.SLATE, radius=3)
    papers.book_row(pen.at(-68, -70), 136, height=44, shift=4)
    pen.box((-66, -54), (132, 28), c.PAPER, radius=3)
    pen.text((0, -40), "RETURNED BOOKS", 15)
    for x in (-68, 68):
        pen.disc((x, -5), 7, c.BLACK)


def museum_gallery() -> Pen:
    """Framed paintings, a statue on a pedestal, a rope barrier, a camera."""
    pen = places.room("#cbbfd6", "#b98f68", line=370)
    _frame(pen.at(40, 70), 170, 130)
    pen.box((52, 82), (146, 106), c.SKY)
    pen.poly([(52, 188), (110, 110), (160, 188)], c.GREEN)
    pen.poly([(110, 188), (160, 130), (198, 188)], c.FOREST)
    pen.disc((176, 104), 12, c.YELLOW)
    _frame(pen.at(450, 80), 140, 160)
    pen.box((462, 92), (116, 136), "#e8cfa5")
    people.bust(pen.at(520, 228, 1.1), c.BRICK, look=1)
    pen.box((270, 300), (100, 120), c.PAPER)
    pen.box((260, 290), (120, 14), c.STONE)
    pen.box((260, 412), (120, 14), c.STONE)
    _statue(pen.at(320, 290, 1.05))
    works.rope_barrier(pen.at(60, 440), 3, step=90)
    works.rope_barrier(pen.at(410, 440), 3, step=90)
    devices.camera(pen.at(300, 0))
    return pen


def _frame(pen: Pen, width: float, height: float) -> None:
    pen.box((5, 6), (width, height), c.SHADOW)
    pen.box((0, 0), (width, height), "#c9a54a")
    pen.box((6, 6), (width - 12, height - 12), "#a98632")


def _statue(pen: Pen, colour: str = "#efece4") -> None:
    pen.poly([(-26, 0), (26, 0), (18, -96), (-18, -96)], colour)
    pen.box((-24, -126), (48, 60), colour, radius=14)
    pen.line([(-20, -116), (-36, -84), (-14, -72)], colour, 12)
    pen.line([(20, -116), (38, -142), (34, -166)], colour, 12)
    pen.disc((0, -144), 16, colour)
    for x in (-8, 4):
        pen.line([(x, -70), (x * 1.6, -6)], c.STONE, 3)


def concert_stage() -> Pen:
    """A stage with spotlights, a crowd of adult silhouettes, loudspeakers."""
    pen = blank("#3a3357")
    pen.box((0, 300), (640, 60), c.BARK)
    for x, colour in ((120, "#f5cf5848"), (320, "#e9a3ad58"), (520, "#7fd0e848")):
        pen.poly([(x - 12, 40), (x + 12, 40), (x + 90, 300), (x - 90, 300)], colour)
        pen.box((x - 18, 16), (36, 28), c.BLACK, radius=5)
        pen.oval((x, 44), (14, 5), c.CREAM)
    pen.box((0, 10), (640, 10), c.SLATE)
    people.person(pen.at(320, 304, 0.95), c.RED, c.BLACK, look=1)
    pen.line([(344, 304), (344, 190)], c.STEEL, 4)
    devices.microphone(pen.at(342, 196, 0.6))
    for x in (50, 590):
        devices.loudspeaker(pen.at(x, 304, 1.25))
    pen.disc((180, 270), 30, c.TEAL)
    pen.disc((180, 270), 22, c.CREAM)
    pen.disc((230, 280), 22, c.TEAL)
    pen.line([(150, 236), (180, 226)], c.YELLOW, 5)
    people.crowd(pen.at(20, 440), 9, 76, colours=("#1d1a2b", "#262238", "#211d31"))
    for x in (134, 402, 556):
        pen.line([(x, 430), (x - 12, 350)], "#1d1a2b", 13)
    return pen


def polling_station() -> Pen:
    """A ballot box, two voting booths, a poster "VOTE"."""
    pen = places.room("#e6ecf2", "#c2a37e", line=360)
    papers.poster(pen.at(110, 104), ("VOTE",), c.BLUE, width=136)
    pen.line([(80, 84), (102, 108), (146, 56)], c.WHITE, 13)
    for x in (330, 500):
        _booth(pen.at(x, 390))
    works.table(pen.at(140, 450), 230, 90)
    _ballot_box(pen.at(140, 354))
    return pen


def _booth(pen: Pen) -> None:
    pen.box((-70, -260), (140, 260), "#f4f6f8", edge=c.GREY)
    pen.box((-58, -220), (116, 160), c.BLUE)
    for x in range(-52, 58, 18):
        pen.line([(x, -220), (x, -60)], c.NAVY, 3)
    pen.box((-70, -260), (140, 36), c.NAVY)
    pen.text((0, -242), "BOOTH", 20, c.WHITE)


def _ballot_box(pen: Pen) -> None:
    pen.poly([(-20, -144), (34, -136), (26, -84), (-26, -92)], c.PAPER)
    pen.line([(-6, -124), (2, -114), (18, -130)], c.GREEN, 4)
    pen.box((-66, -96), (132, 96), "#d9dfe5", radius=4)
    pen.box((-70, -102), (140, 14), c.SLATE, radius=3)
    pen.box((-30, -98), (60, 5), c.BLACK)
    pen.box((-50, -64), (100, 34), c.WHITE, radius=3)
    pen.text((0, -47), "BALLOTS", 20)


def court_building() -> Pen:
    """A building with columns, steps, a statue with scales."""
    pen = places.outdoors("#cfc8b8", line=340)
    town.temple_front(pen.at(270, 400, 1.2), "COURT HOUSE", columns=6)
    pen.box((520, 370), (90, 80), c.STONE)
    pen.box((512, 362), (106, 12), c.GREY)
    _justice(pen.at(565, 362))
    return pen


def _justice(pen: Pen, colour: str = "#7c9a8c") -> None:
    _statue(pen, colour)
    pen.box((-16, -150), (32, 7), c.PAPER)
    pen.line([(34, -168), (34, -182)], colour, 4)
    pen.line([(4, -182), (64, -182)], colour, 4)
    for x in (6, 62):
        pen.line([(x - 12, -154), (x, -180), (x + 12, -154)], colour, 2)
        pen.arc((x, -156), (13, 9), (0, 180), colour, width=5)


def street_rally() -> Pen:
    """A street with adult silhouettes holding blank placards, a barrier, a flag without emblem."""
    pen = places.street(line=300)
    places.skyline(pen, line=300)
    town.flag(pen.at(505, 400, 1.3), c.ORANGE)
    for x, colour in ((110, c.DARK), (220, c.SLATE), (330, c.DARK), (440, c.SLATE)):
        placard(pen.at(x + 34, 330))
        people.silhouette(pen.at(x, 420), colour)
    for x in (20, 170, 320, 470):
        town.barrier(pen.at(x, 460), 145)
    return pen


def placard(pen: Pen, words: str = "", *, fill: str = c.PAPER) -> None:
    """A placard on a stick whose lower end is the origin, 180 high."""
    pen.line([(0, 0), (0, -150)], c.TIMBER, 6)
    pen.box((-48, -196), (96, 70), fill, radius=3, edge="#c9c2b0")
    if words:
        pen.text((0, -161), words, 23)


def post_office() -> Pen:
    """A counter with scales, parcels, a stack of forms, a queue number display."""
    pen = places.room("#f4e8c9", "#b39a7c", line=360)
    papers.sign(pen.at(170, 60), ("POST OFFICE",), c.YELLOW, c.NAVY, size=28)
    pen.box((430, 24), (150, 100), c.BLACK, radius=8)
    pen.text((505, 46), "NOW SERVING", 17, c.WHITE)
    pen.text((505, 90), "42", 50, "#ff7a5c")
    people.bust(pen.at(300, 322, 1.15), c.NAVY, look=0)
    works.counter(pen.at(30, 450), 580, 120)
    pen.box((70, 300), (110, 20), c.SLATE, radius=4)
    pen.box((82, 288), (86, 8), c.STEEL, radius=3)
    pen.line([(125, 296), (125, 304)], c.SLATE, 8)
    pen.box((100, 304), (50, 14), "#bfe5a5", radius=2)
    pen.text((125, 311), "1.2 kg", 12)
    works.carton(pen.at(125, 288))
    for row in range(6):
        pen.box((392 + row % 2 * 4, 312 - row * 5), (86, 6), c.PAPER, edge="#d3ccb8")
    pen.text((437, 278), "FORMS", 15)
    works.carton(pen.at(550, 320, 1.3))
    works.carton(pen.at(546, 260, 0.9))
    return pen


PICTURES = {
    draw.__name__: draw
    for draw in (
        supermarket_aisle,
        pharmacy_counter,
        bank_atm,
        restaurant_table,
        coffee_shop_laptop,
        library_shelves,
        museum_gallery,
        concert_stage,
        polling_station,
        court_building,
        street_rally,
        post_office,
    )
}
