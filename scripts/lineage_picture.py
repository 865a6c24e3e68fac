"""The README's picture of the lineage graph, drawn by the dbt documentation in headless Chromium.

python scripts/lineage_picture.py target/static_index.html docs/lineage.png
"""

import base64
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_SCRIPT = Path(__file__).with_suffix(".js")
_PICTURE = re.compile(r"<title>picture:data:image/png;base64,([A-Za-z0-9+/=]+)</title>")
_MOST_SECONDS = 120


def main(page: str, picture: str) -> None:
    """Draw the graph of a documentation page into a PNG.

    Args:
        page: The file that `dbt docs generate --static` wrote.
        picture: The file to write.

    Raises:
        SystemExit: There is no page or no browser, or the browser drew nothing.
    """
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if not browser:
        sys.exit(f"No Chromium in PATH (looked for {', '.join(_BROWSERS)}). Install chromium.")
    if not Path(page).exists():
        sys.exit(f"There is no {page}. Write it first: make docs")
    html = Path(page).read_text(encoding="utf-8")
    before, end, after = html.rpartition("</body>")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "page.html"
        script = f"<script>{_SCRIPT.read_text(encoding='utf-8')}</script>"
        copy.write_text(before + script + end + after, encoding="utf-8")
        command = [
            browser,
            *("--headless", "--disable-gpu", "--dump-dom", "--virtual-time-budget=20000"),
            *(["--no-sandbox"] if os.geteuid() == 0 else []),  # which Chromium demands of root
            f"--user-data-dir={folder}/profile",
            f"{copy.as_uri()}#!/overview?g_v=1",
        ]
        ended = subprocess.run(  # noqa: S603 - a browser that was found, on a page of our own
            command, capture_output=True, check=False, text=True, timeout=_MOST_SECONDS
        )
    found = _PICTURE.search(ended.stdout)
    if not found:
        sys.exit(f"{browser} drew no graph. It said:\n{ended.stderr[-2000:]}")
    Path(picture).write_bytes(base64.b64decode(found[1]))
    print(f"Wrote {picture}")


if __name__ == "__main__":
    if len(sys.argv) != 3:  # noqa: PLR2004
        sys.exit(__doc__)
    main(*sys.argv[1:])
