"""Look at a report in a real browser: sizes, themes, print, hover, console, requests, accessibility.

It needs Debian's chromium, the Python package playwright, and axe-core's axe.min.js (from npm), none of which the
package itself needs; so it stands outside the test suite::

    apt-get install chromium && npm pack axe-core && tar xzf axe-core-*.tgz
    uv run --with playwright python tests/browser/check_report.py report.html --axe package/axe.min.js --out shots

It writes screenshots and a PDF, prints what it found, and fails where something is wrong.
"""

import argparse
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
MOST_BYTES = 1_400_000


def main() -> int:
    """Check one page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("--axe", type=Path, required=True, help="axe.min.js")
    parser.add_argument("--out", type=Path, default=Path("shots"))
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    faults = []
    if (size := asked.page.stat().st_size) > MOST_BYTES:
        faults.append(f"{size:,} bytes, more than {MOST_BYTES:,}")
    print(f"{asked.page}: {size:,} bytes")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=asked.chromium, args=["--no-sandbox"])
        for name, (width, height) in SIZES.items():
            for theme in ("light", "dark"):
                faults += check(browser, asked, f"{name}-{theme}", width, height, theme)
        page = browser.new_page()
        page.goto(asked.page.resolve().as_uri())
        page.pdf(path=asked.out / "print.pdf", format="A4", prefer_css_page_size=True)
        browser.close()
    for fault in faults:
        print("FAULT:", fault)
    print("no faults" if not faults else f"{len(faults)} faults")
    return bool(faults)


def check(browser, asked, label: str, width: int, height: int, theme: str) -> list[str]:
    """Check the page at one size in one theme."""
    faults: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme, bypass_csp=True)
    page = context.new_page()
    page.on("console", lambda message: faults.append(f"{label}: console: {message.text}"))
    page.on("pageerror", lambda error: faults.append(f"{label}: script: {error}"))
    page.on("request", lambda request: note_request(request.url, asked.page, label, faults))
    page.goto(asked.page.resolve().as_uri())
    page.screenshot(path=asked.out / f"{label}.png", full_page=True)
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
        faults.append(f"{label}: {wide} pixels wide, the window has {width}")
    faults += [f"{label}: {fault}" for fault in hover(page, asked.out / f"{label}-hover.png")]
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    page.add_script_tag(content=asked.axe.read_text())
    for found in page.evaluate("axe.run()")["violations"]:
        where = "; ".join(node["html"][:100] for node in found["nodes"][:3])
        said = f"{label}: axe {found['impact']}: {found['id']}: {found['help']}: {where}"
        if found["impact"] in ("serious", "critical"):
            faults.append(said)
        else:
            print("minor:", said)
    context.close()
    return faults


def note_request(url: str, file: Path, label: str, faults: list[str]) -> None:
    """Note a request for anything but the page itself."""
    if url != file.resolve().as_uri() and not url.startswith("data:"):
        faults.append(f"{label}: request for {url[:100]}")


def hover(page: Page, shot: Path) -> list[str]:
    """Point at a marker of every figure; its words must show."""
    faults = []
    figures = page.locator("figure")
    for number in range(figures.count()):
        mark = figures.nth(number).locator("[data-said]").last
        if not mark.count():
            faults.append(f"figure {number + 1} has no marker with words")
            continue
        mark.scroll_into_view_if_needed()
        page.wait_for_timeout(100)  # the scroll's own event hides the words
        box = mark.bounding_box()
        for step in (0.0, 0.5):
            page.mouse.move(box["x"] + box["width"] / 2 + step, box["y"] + box["height"] / 2)
        tip = page.locator("#tip")
        if not tip.is_visible() or not tip.inner_text().strip():
            faults.append(f"figure {number + 1}: pointing at a marker shows nothing")
        elif number == 0:
            print("hover:", tip.inner_text())
            page.screenshot(path=shot)
    return faults


if __name__ == "__main__":
    sys.exit(main())
