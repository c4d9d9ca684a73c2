"""The spectrogram in the page: shown by key, true to the sound, remembered."""

from playwright.sync_api import Page

from .conftest import wait_for_editor

# Share of the canvas, from row `top` to `bottom` (0–1 of its height), whose pixels differ from the first one.
INKED = """([left, right, top, bottom]) => {
  const canvas = document.querySelector(".sl-wave-canvas");
  const [x, y] = [Math.round(left * canvas.width), Math.round(top * canvas.height)];
  const [w, h] = [Math.round((right - left) * canvas.width), Math.round((bottom - top) * canvas.height)];
  const { data } = canvas.getContext("2d").getImageData(x, y, w, h);
  let inked = 0;
  for (let i = 0; i < data.length; i += 4)
    inked += Math.abs(data[i] - data[0]) + Math.abs(data[i + 1] - data[1]) > 60 ? 1 : 0;
  return inked / (data.length / 4);
}"""


def test_it_comes_by_key_shows_speech_and_is_remembered(page: Page) -> None:
    low = page.locator(".sl-wave").bounding_box()
    page.keyboard.press("Alt+g")
    # The picture has come when speech (the first segment, 0.8 s to 5 s) is inked and the pause before is not.
    page.wait_for_function(f"({INKED})([0.05, 0.24, 0.5, 0.95]) > 0.2")
    assert page.evaluate(INKED, [0.005, 0.03, 0.45, 0.5]) < 0.05
    high = page.locator(".sl-wave").bounding_box()
    assert low and high and high["height"] > low["height"]
    page.reload()
    wait_for_editor(page)
    page.wait_for_function(f"({INKED})([0.05, 0.24, 0.5, 0.95]) > 0.2")
    page.keyboard.press("Alt+g")
    page.wait_for_function("!document.querySelector('.sl-with-spectrogram')")


def test_its_settings_change_what_is_asked_for(page: Page) -> None:
    page.keyboard.press("Alt+g")
    page.locator(".sl-look summary").click()
    with page.expect_request(lambda r: "/spectrogram/" in r.url and "scale=linear" in r.url):
        page.get_by_label("Frequencies").select_option("linear")
    with page.expect_request(lambda r: "window_us=5000" in r.url):
        page.get_by_label("Window").select_option(label="5 ms")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('.sl-text')")


def test_a_drag_and_keys_set_the_height_and_it_stays(page: Page) -> None:
    before = page.locator(".sl-wave").bounding_box()
    line = page.locator(".sl-splitter").bounding_box()
    assert before and line
    page.mouse.move(line["x"] + 300, line["y"] + 2)
    page.mouse.down()
    page.mouse.move(line["x"] + 300, line["y"] + 62, steps=4)
    page.mouse.up()
    page.locator(".sl-splitter").focus()
    page.keyboard.press("ArrowDown")
    page.reload()
    wait_for_editor(page)
    after = page.locator(".sl-wave").bounding_box()
    assert after and abs(after["height"] - before["height"] - 76) <= 2
    page.locator(".sl-splitter").dblclick()
    usual = page.locator(".sl-wave").bounding_box()
    assert usual and usual["height"] == before["height"]
