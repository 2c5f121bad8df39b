"""Scenes of public life: gallery, stage, vote, court, rally."""

from __future__ import annotations

from starter_images.objects import devices, papers, people, places, town, works
from starter_images.objects import palette as c
from starter_images.pen import Pen, blank


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
    town.flag(pen.at(540, 400, 1.1), c.ORANGE)
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


PICTURES = {
    draw.__name__: draw
    for draw in (
        museum_gallery,
        concert_stage,
        polling_station,
        court_building,
        street_rally,
    )
}
