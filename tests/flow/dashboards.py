"""A dashboard that answers, as `clv dashboard` starts it, and a browser that looks at it."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "dashboard"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NO_BROWSER = "no Chromium on this machine; `apt-get install chromium` (Debian) brings it"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
DRAWN = """() => !document.querySelector('[data-testid=stSkeleton]')
    && [...document.querySelectorAll('[data-testid=stVegaLiteChart]')]
        .every(chart => chart.querySelector('canvas, svg'))"""
READY = "[data-testid=stApp][data-test-script-state=notRunning] h1"


@contextmanager
def dashboard_of(lake, today, log):
    """Yield the address of a dashboard on a lake; what it says goes to the file `log`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "app", "dashboard", "--lake", lake.root, "--today", str(today)]
    with log.open("wb") as told:
        server = subprocess.Popen([*command, "--port", str(port)], cwd=ROOT, stdout=told, stderr=told)
    try:
        _wait(f"http://localhost:{port}/_stcore/health", server, log)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait(address, server, log):
    for _ in range(300):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
    raise AssertionError(log.read_text())


@contextmanager
def browser():
    """Yield headless Chromium."""
    with sync_playwright() as player:
        found = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


def settle(page):
    """Wait until the script has run and everything is drawn: twice, as parts come one after the other."""
    for _ in range(2):
        page.wait_for_selector(READY, timeout=60_000)
        page.wait_for_function(DRAWN, timeout=30_000)
        page.wait_for_timeout(250)


def screenshot(page, name):
    """Save the whole page, however long, as PNG."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    size = page.viewport_size
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(height, size["height"])})
    page.wait_for_timeout(300)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
    page.set_viewport_size(size)
