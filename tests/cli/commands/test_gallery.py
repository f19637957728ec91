"""`s2f gallery`: a page of the images of a folder."""

import re
from pathlib import Path
from urllib.parse import unquote

from PIL import Image


def test_photos_stand_beside_their_results(s2f, here: Path) -> None:
    for name in ("anna.jpg", "anna.sketch.png", "more/bo & <co>.png"):
        Path("images", name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (400, 300), "red").save(f"images/{name}")
    assert s2f("gallery", "images").lines == ["images/index.html"]
    page = Path("images/index.html").read_text(encoding="utf-8")
    rows = page.split('<div class="figures contact">')[1:]
    links = [[unquote(link) for link in re.findall('href="([^"]*)"', row)] for row in rows]
    assert links == [["anna.jpg", "anna.sketch.png"], ["more/bo & <co>.png"]]
    assert "bo &amp; &lt;co&gt;.png" in page and "<co>" not in page


def test_links_lead_from_the_page_to_the_files(s2f, here: Path) -> None:
    Path("images").mkdir()
    Image.new("L", (4, 4)).save("images/a.png")
    assert s2f("gallery", "images", "-o", "pages/all.html").lines == ["pages/all.html"]
    assert 'href="../images/a.png"' in Path("pages/all.html").read_text(encoding="utf-8")


def test_damaged_images_are_left_out(s2f, here: Path) -> None:
    Path("images").mkdir()
    Image.new("L", (4, 4)).save("images/a.png")
    Path("images/b.png").write_bytes(b"\x89PNG\r\n")
    shown = s2f("gallery", "images")
    assert shown.code == 1 and "images/b.png is damaged" in shown.left_out[0]
    assert Path("images/index.html").exists()
    assert s2f("gallery", "none").code == 1


def test_a_gallery_is_replaced_but_not_the_page_of_something_else(s2f, here: Path) -> None:
    Path("images").mkdir()
    Image.new("L", (4, 4)).save("images/a.png")
    assert s2f("gallery", "images").code == s2f("gallery", "images").code == 0
    page = Path("images/index.html")
    page.write_text("mine", encoding="utf-8")
    refused = s2f("gallery", "images")
    assert refused.code == 1 and "images/index.html is not a gallery" in refused.err
    assert page.read_text(encoding="utf-8") == "mine"
    assert s2f("gallery", "images", "--output", page).code == 0
