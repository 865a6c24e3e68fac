"""Take the studio's pictures for the docs, with Chromium, from the target local.

Usage: python scripts/studio_pictures.py FOLDER
"""

import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright

_SIZE = ViewportSize(width=1280, height=860)
_WIDE = ViewportSize(width=1440, height=860)  # a row beside its list and the tables
_PICTURES = "studio-overview.png, studio-person.png, studio-search.png and studio-tables.png"
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_STUDIO = [sys.executable, "-m", "loader", "studio", "--target", "local", "--no-browser"]


def main(folder: str) -> None:
    """Write the pictures: the search in the dark, the others in the light."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        sys.exit("no Chromium is installed: apt-get install chromium")
    with (
        subprocess.Popen([*_STUDIO, "--port", "0"], stdout=subprocess.PIPE, text=True) as studio,  # noqa: S603
        sync_playwright() as playwright,
    ):
        assert studio.stdout  # noqa: S101 - for the type checker
        url = studio.stdout.readline().strip()
        try:
            browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
            _take(browser, url, Path(folder))
            browser.close()
        finally:
            studio.terminate()
    print(f"Wrote {_PICTURES} to {folder}")


def _take(browser: Browser, url: str, folder: Path) -> None:
    page = browser.new_page(viewport=_SIZE, color_scheme="light")
    page.goto(url)
    page.screenshot(path=folder / "studio-overview.png")
    page.get_by_role("link", name="Alan Sheridan Ibáñez Núñez, 27 Oct").click()
    page.get_by_text("What Alan said").first.click()
    page.screenshot(path=folder / "studio-person.png")
    page = browser.new_page(viewport=_SIZE, color_scheme="dark")
    page.goto(url)
    page.get_by_role("searchbox").fill('"login redirect" -deployed')
    page.get_by_role("searchbox").press("Enter")
    page.locator("mark").first.wait_for()
    page.screenshot(path=folder / "studio-search.png")
    page = browser.new_page(viewport=_WIDE, color_scheme="light")
    page.goto(url)
    page.get_by_role("link", name="Tables", exact=True).click()
    page.get_by_role("link", name="report_entries").first.click()
    page.get_by_role("searchbox", name="Words in any text").fill("login")
    page.get_by_role("button", name="Find").click()
    page.locator(".chip").wait_for()
    page.locator("table.grid tbody th a").nth(1).click()
    page.locator("article.row").wait_for()
    page.screenshot(path=folder / "studio-tables.png")


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit(__doc__)
    main(sys.argv[1])
