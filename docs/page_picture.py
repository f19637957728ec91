"""Write the picture of the page in `docs/serve.md`, on a desktop and on a phone, by Chromium.

    python docs/page_picture.py LONDON

LONDON is the folder of the Face Research Lab London Set. The desktop shows scikit-image's astronaut, the
phone three people in one photo. S2F_CHROMIUM is the browser, by default `/usr/bin/chromium`.
"""

import os
import subprocess
import sys
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from skimage import data

from s2f_cli.core import contact_sheet, images

PICTURE = Path(__file__).with_name("images") / "page.png"
PEOPLE = ("005", "025", "062")
DESKTOP, PHONE = (1180, 920), (392, 1472)
"""Windows of the browser, in pixels."""
HEIGHT = 736
"""The height of the picture, in pixels."""


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder quietly."""

    def log_message(self, *arguments: Any) -> None:
        """Keep stderr clean."""


def main(london: Path) -> None:
    """Export the page, use it twice, and write the picture."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        Image.fromarray(data.astronaut()).save(folder / "astronaut.png")
        photos = [images.read(london / "images" / f"{person}_neutral.jpg") for person in PEOPLE]
        contact_sheet.side_by_side([photo.resize((512, 512)) for photo in photos]).save(folder / "three.png")
        subprocess.run(
            [sys.executable, "-m", "s2f_cli", "export", "--format", "web", "--output", folder / "page"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=os.fspath(folder / "page")))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("S2F_CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        address = f"http://127.0.0.1:{server.server_port}/"
        screenshot(browser, address, folder / "astronaut.png", DESKTOP, "light", folder / "desktop.png")
        screenshot(browser, address, folder / "three.png", PHONE, "dark", folder / "phone.png")
        server.shutdown()
        windows = [images.read(folder / name) for name in ("desktop.png", "phone.png")]
        small = [window.resize((round(window.width * HEIGHT / window.height), HEIGHT)) for window in windows]
        images.write(contact_sheet.side_by_side(small), PICTURE)


def screenshot(
    browser: Browser, address: str, photo: Path, window: tuple[int, int], scheme: Any, target: Path
) -> None:
    """Make a sketch of the first face of a photo, and write what the window shows."""
    width, height = window
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.set_default_timeout(180_000)
    page.goto(address)
    page.get_by_text("face → sketch").click()
    page.set_input_files("#file", photo)
    page.wait_for_selector("#crop[data-faces]")
    page.click("#go:enabled")
    page.wait_for_function("() => document.querySelector('#status').textContent.startsWith('Done')")
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
