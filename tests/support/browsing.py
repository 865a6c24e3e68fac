"""The studio in a real browser."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tests.support.studio import Asked

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDE, NARROW = ViewportSize(width=1400, height=1000), ViewportSize(width=360, height=740)
Browse = Callable[..., AbstractContextManager[Page]]


def browsing() -> Iterator[Browse]:
    if not CHROMIUM:
        pytest.skip("no Chromium is installed: it opens the studio's pages")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        expect.set_options(timeout=30_000)

        @contextmanager
        def opened(
            served: Asked,
            viewport: ViewportSize = WIDE,
            *,
            is_dark: bool = False,
            has_script: bool = True,
        ) -> Iterator[Page]:
            context = browser.new_context(
                viewport=viewport,
                color_scheme="dark" if is_dark else "light",
                java_script_enabled=has_script,
            )
            page = context.new_page()
            page.set_default_timeout(30_000)
            page.goto(served.url)
            yield page
            context.close()

        yield opened
        browser.close()
