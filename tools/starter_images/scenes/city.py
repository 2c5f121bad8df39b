"""Scenes in shops, cafés and offices with a counter."""

from __future__ import annotations

from starter_images.objects import devices, household, papers, people, places, works
from starter_images.objects import palette as c
from starter_images.pen import Pen


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
            _medicine_box(
                pen.at(274 + index * 43, 246 - board * 67), (c.BLUE, c.RED, c.TEAL, c.ORANGE)[(index + board) % 4]
            )
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
        post_office,
    )
}
