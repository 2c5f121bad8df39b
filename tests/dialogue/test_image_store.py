"""The image store: each image once by content, linked where it can be, and read when the original is gone."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from dialogue.whole_png import whole_png
from turnwise.dialogue import IMAGE_STORE, Image, keep_images, kept_name
from turnwise.errors import DataError


def picture(place: Path, content: bytes = b"one") -> Image:
    """An image of some content at a place, with the folders above it made."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(whole_png(content))
    return Image.from_file(place)


def entry(image: Image, store: Path = IMAGE_STORE) -> Path:
    """Where the store has an image."""
    return store / kept_name(image.sha256, image.mime)


def stored() -> list[str]:
    """The names in the store."""
    return sorted(path.name for path in IMAGE_STORE.iterdir())


def test_images_are_linked_once_each() -> None:
    """Two files of the same content are one entry; an entry is the original itself, so nothing was read or copied."""
    one, same, two = picture(Path("a/1.png")), picture(Path("b/1.png")), picture(Path("a/2.png"), b"two")
    assert keep_images([one, two, same, one]) is None
    assert stored() == sorted([f"{one.sha256}.png", f"{two.sha256}.png"])
    assert entry(two).samefile("a/2.png")
    assert entry(one).read_bytes() == whole_png(b"one")


def test_keeping_again_leaves_what_is_there() -> None:
    """The next run of the project finds the images in place, wherever its own copies lie."""
    image = picture(Path("a/1.png"))
    keep_images([image])
    assert keep_images([picture(Path("b/1.png"))]) is None
    assert entry(image).samefile("a/1.png")
    assert stored() == [f"{image.sha256}.png"]


def test_an_image_that_lies_in_the_store_stays() -> None:
    """Images out of parquet files are written there when they are loaded."""
    first = picture(Path("a/1.png"))
    keep_images([first])
    inside = Image.from_file(entry(first))
    assert keep_images([inside]) is None
    assert inside.read_bytes() == whole_png(b"one")


def test_a_link_is_followed_to_the_image() -> None:
    """The hub's cache is made of symbolic links; what is kept is the image, not the way to it."""
    blob = picture(Path("blobs/1"))
    Path("snapshot").mkdir()
    Path("snapshot/1.png").symlink_to("../blobs/1")
    linked = Image.from_file(Path("snapshot/1.png"))
    assert keep_images([linked]) is None
    assert not entry(linked).is_symlink()
    assert entry(linked).samefile(blob.path)


def test_images_of_another_device_are_copied(small_disk: Path) -> None:
    """Where no link can be made a whole file of its own appears, and nothing half written beside it."""
    image = picture(small_disk / "1.png")
    assert keep_images([image]) is None
    assert entry(image).read_bytes() == whole_png(b"one")
    assert entry(image).stat().st_dev != Path(image.path).stat().st_dev
    assert stored() == [f"{image.sha256}.png"]


def test_an_entry_of_another_size_is_replaced_and_never_written_into() -> None:
    """An entry may be a link to a file that was changed in place since: that file belongs to somebody and stays."""
    image, other = picture(Path("a/1.png")), picture(Path("b/2.png"), b"of another length")
    IMAGE_STORE.mkdir(parents=True)
    os.link(other.path, entry(image))
    assert keep_images([image]) is None
    assert entry(image).read_bytes() == whole_png(b"one")
    assert Path(other.path).read_bytes() == whole_png(b"of another length")
    assert stored() == [f"{image.sha256}.png"]


def test_no_images_make_no_store() -> None:
    """A run of text alone leaves no folder behind."""
    assert keep_images([]) is None
    assert not Path("runs").exists()


def test_an_image_that_is_gone_is_told_of_and_the_others_are_kept() -> None:
    """The sentence counts, says why, and what it means."""
    gone, here = picture(Path("a/1.png")), picture(Path("a/2.png"), b"two")
    Path(gone.path).unlink()
    assert keep_images([gone, here]) == (
        "images not kept in runs/images: 1 of 2 (a/1.png: cannot read the image (No such file or directory), and"
        " runs/images has no copy of it); the run needs them where they are now"
    )
    assert stored() == [f"{here.sha256}.png"]


def test_a_store_that_cannot_be_made_is_told_of() -> None:
    """A file in the place of a folder of the store is one sentence."""
    image = picture(Path("a/1.png"))
    Path("runs").write_text("in the way")
    told = keep_images([image])
    reason = "runs/images: Not a directory"
    assert told == f"images not kept in runs/images: 1 of 1 ({reason}); the run needs them where they are now"


def test_a_store_that_cannot_be_written_is_told_of(small_disk: Path) -> None:
    """A read-only disk is found at the first image, and the others are not even read."""
    images = [picture(Path(f"a/{number}.png"), b"%d" % number) for number in range(3)]
    store = small_disk / "images"
    store.mkdir()
    subprocess.run(["mount", "-o", "remount,ro,size=4g", small_disk], check=True)
    told = keep_images(images, store)
    reason = f"{store}: Read-only file system"
    assert told == f"images not kept in {store}: 3 of 3 ({reason}); the run needs them where they are now"


def test_a_disk_that_is_nearly_full_is_left_to_the_run_file(small_disk: Path) -> None:
    """On a disk of 1 MiB no copy is made; what can be linked takes no space and is kept."""
    far, near = picture(Path("a/1.png")), picture(small_disk / "2.png", b"two")
    store = small_disk / "images"
    told = keep_images([far, near], store)
    reason = "a copy would leave less than 1 GiB free on its disk"
    assert told == f"images not kept in {store}: 1 of 2 ({reason}); the run needs them where they are now"
    assert [path.name for path in store.iterdir()] == [f"{near.sha256}.png"]


@pytest.mark.parametrize("fate", ["moved", "replaced by another", "replaced by a web page"])
def test_an_image_outlives_its_original(fate: str) -> None:
    """When the file is gone or is another one, the bytes that were loaded come from the store."""
    image = picture(Path("bench/1.png"))
    keep_images([image])
    if fate == "moved":
        Path("bench").rename("elsewhere")
    else:
        Path("new").write_bytes(whole_png(b"two") if fate == "replaced by another" else b"<html>")
        Path("new").replace("bench/1.png")
    assert image.read_bytes() == whole_png(b"one")


def test_an_original_written_over_in_place_is_never_handed_out() -> None:
    """It and its link are one file: both changed, and the content hash says so."""
    image = picture(Path("bench/1.png"))
    keep_images([image])
    Path("bench/1.png").write_bytes(whole_png(b"two"))
    assert entry(image).read_bytes() == whole_png(b"two")
    with pytest.raises(DataError, match=r"bench/1\.png: the image changed .* and runs/images has no copy of it$"):
        image.read_bytes()


def test_an_original_written_over_in_place_is_kept_anew_from_another_copy() -> None:
    """The next run that brings the image mends the entry, when the size gives the change away."""
    image = picture(Path("bench/1.png"))
    keep_images([image])
    Path("bench/1.png").write_bytes(whole_png(b"of another length"))
    assert keep_images([picture(Path("again/1.png"))]) is None
    assert image.read_bytes() == whole_png(b"one")
