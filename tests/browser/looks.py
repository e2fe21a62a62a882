"""Whether a panel fits into the page and can be read: at three widths, in the light theme and the dark one."""

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator

from tests.browser.lab import OpenNotebook

SIZES = {900: 720, 1920: 1080, 1280: 720}  # pixels
SERIOUS = "serious", "critical"
THEMES = "JupyterLab Dark", "JupyterLab Light"  # the last is that of all other tests
CHANGE_THEME = """async theme => {
    await window.jupyterapp.commands.execute('apputils:change-theme', {theme});
    document.body.getAnimations({subtree: true}).forEach(animation => animation.finish());
}"""
THEME_IS_LIGHT = "light => document.body.dataset.jpThemeLight === String(light)"
# Each picture has the panel's width, and a dot for each pixel at least.
DRAWN = """panel => [...panel.querySelectorAll('img.fb-card')].every(
    image => image.complete && image.naturalWidth >= 0.97 * (image.clientWidth - 14))"""
# Fields scroll what is typed into them, and the code of a run scrolls by itself.
CUT = """panel => {
    const room = panel.getBoundingClientRect(), canvas = document.createElement('canvas').getContext('2d');
    const seen = [...panel.querySelectorAll('*')].filter(e => e.clientWidth && !e.closest('.fb-code'));
    const wide = seen.filter(e => {
        const box = e.getBoundingClientRect(), hides = getComputedStyle(e).overflowX !== 'visible';
        const inside = e.tagName !== 'INPUT' && e.scrollWidth > e.clientWidth + 1;
        return box.right > room.right + 1 || box.left < room.left - 1 || (hides && inside);
    });
    const twice = seen.filter(e => e.scrollHeight > e.clientHeight + 1
        && ['auto', 'scroll'].includes(getComputedStyle(e).overflowY));
    const chosen = seen.filter(e => e.tagName === 'SELECT').flatMap(e => {
        const style = getComputedStyle(e);
        canvas.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
        const space = e.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
        return [...e.options].filter(option => canvas.measureText(option.text).width > space)
            .map(option => `${option.text} in ${space}`);
    });
    return [...wide.map(e => `wide: ${e.tagName} ${e.className} ${e.innerText?.slice(0, 40)}`),
        ...twice.map(e => `scrolls: ${e.className}`), ...chosen.map(text => `chosen: ${text}`)];
}"""
SMALLEST = """panel => {
    const texts = [...panel.querySelectorAll('*')].filter(e => e.clientWidth && e.checkVisibility()
        && ([...e.childNodes].some(node => node.nodeType === 3 && node.data.trim()) || e.tagName === 'SELECT'));
    return Math.min(...texts.map(e => parseFloat(getComputedStyle(e).fontSize)));
}"""


def panel_of(notebook: OpenNotebook, number: int) -> Locator:
    """The panel that a cell shows."""
    return notebook.output(number).locator(".fb-panel").first


def check_it_fits(notebook: OpenNotebook, number: int, also: Callable[[], None] = lambda: None) -> None:
    """Nothing is wider than its room, cut off, or scrolls within the page, whose pictures fill the width.

    `also` is called at each size of the page.
    """
    page, panel = notebook.page, panel_of(notebook, number).element_handle()
    usual = page.viewport_size
    try:
        for width, height in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_function(DRAWN, arg=panel)
            cut = panel.evaluate(CUT)
            assert not cut, f"at {width} pixels: {cut}"
            also()
    finally:
        page.set_viewport_size(usual)


def check_it_is_accessible(notebook: OpenNotebook, number: int) -> None:
    """axe-core finds no serious fault in the panel, in either theme; contrast is among what it looks at."""
    page, panel = notebook.page, panel_of(notebook, number)
    panel.evaluate("panel => { panel.id = 'checked'; }")
    try:
        for theme in THEMES:
            page.evaluate(CHANGE_THEME, theme)
            page.wait_for_function(THEME_IS_LIGHT, arg="Light" in theme)
            faults = Axe().run(page, "#checked").response["violations"]
            found = [(fault["id"], fault["nodes"][0]["html"]) for fault in faults if fault["impact"] in SERIOUS]
            assert not found, f"{theme}: {found}"
    finally:
        page.evaluate(CHANGE_THEME, THEMES[-1])
        panel.evaluate("panel => { panel.id = ''; }")
