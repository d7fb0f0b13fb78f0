"""Hands and feet other than mouse and keyboard: a gamepad, a USB pedal, two drives at once; and what the patient says aloud."""

from collections.abc import Callable

from tests.e2e.conftest import Page, Server, find_unexpected

CASE = "lumbar-interlaminar-l4-l5"
GAMEPAD = """(() => {
    window.pad = { axes: [0, 0, 0, 0], buttons: Array.from({ length: 16 }, () => ({ pressed: false })) };
    navigator.getGamepads = () => [null, window.pad];
})()"""
VOICES = """(() => {
    window.said = [];
    window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
    const speech = { getVoices: () => [
        { name: 'far', lang: 'en-GB', localService: false }, { name: 'french', lang: 'fr-FR', localService: true },
        { name: 'near', lang: 'en-US', localService: true } ], speak: words => window.said.push([words.text, words.voice.name]) };
    Object.defineProperty(window, 'speechSynthesis', { value: speech });
})()"""


def press_and_release(page: Page, key: str) -> None:
    """Hold a key that is the pedal, and let it go."""
    page.hold(key, until="s.readouts.pedal")
    page.let_go(key)
    page.until("!s.readouts.pedal")


def test_a_gamepad_drives_and_exposes_and_lets_go(server: Server, opened: Callable[..., Page]) -> None:
    page = opened(server.url)
    page.begin(CASE)
    page.page.evaluate(GAMEPAD)
    page.page.evaluate("pad.axes[0] = -0.9")
    page.until("s.readouts.oblique_deg > 3")
    page.page.evaluate("pad.axes[0] = 0.1")  # a stick that rests a little off its middle
    page.until("s.held.carm.every(drive => drive === 0)")
    page.page.evaluate("pad.axes[3] = -1")
    page.until("s.readouts.table_cranial_mm > 5")
    page.page.evaluate("pad.axes[3] = 0; pad.buttons[7].pressed = true")
    page.until("s.readouts.pedal && suite.frames > 2")
    page.page.evaluate("pad.buttons[7].pressed = false")
    page.until("!s.readouts.pedal")
    assert find_unexpected(page) == []


def test_a_usb_pedal_is_learnt_by_stepping_on_it(server: Server, opened: Callable[..., Page]) -> None:
    page = opened(server.url)
    page.begin(CASE)
    page["help"].click()
    page["pedal-learn"].click()
    page.until("s.pedal_learning")
    page.press("b")
    page.until("s.pedal_key === 'KeyB' && !s.pedal_learning")
    page.press("Escape")
    page.until("!s.help_open")
    press_and_release(page, "b")
    page.page.reload()
    page.until("s.pedal_key === 'KeyB' && window.suite && suite.role === 'drive' && s.stage === 'suite'")
    press_and_release(page, "b")
    page["help"].click()
    page["pedal-learn"].click()
    page.until("s.pedal_learning")
    page.press("Escape")
    page.until("s.pedal_key === '' && s.help_open")
    page.press("Escape")
    page.until("!s.help_open")
    page.page.keyboard.down("b")
    page.page.wait_for_timeout(600)
    assert not page.state("readouts.pedal")
    page.let_go("b")
    assert find_unexpected(page) == []


def test_two_drives_at_once_turn_both_joints(server: Server, opened: Callable[..., Page]) -> None:
    page = opened(server.url)
    page.begin(CASE)
    page.hold("ArrowLeft", "ArrowUp", until="s.readouts.oblique_deg > 2 && s.readouts.tilt_deg > 2")
    page.let_go("ArrowUp")
    page.until("s.held.carm[1] === 0 && s.held.carm[0] === 1")
    page.let_go("ArrowLeft")
    page.until("s.held.carm.every(drive => drive === 0)")
    assert find_unexpected(page) == []


def test_the_patient_speaks_only_when_asked_to_and_with_a_voice_of_this_machine(server: Server, opened: Callable[..., Page]) -> None:
    page = opened(server.url)
    page.page.evaluate(VOICES)
    page.begin(CASE)
    page.page.evaluate("suite.say({act: {ask: {question: 'general'}}})")
    page.until("s.events.some(item => item.kind === 'voice')")
    page.page.wait_for_timeout(700)
    assert page.page.evaluate("said") == []
    page["voice-on"].click()
    page.page.evaluate("suite.say({act: {ask: {question: 'pain'}}})")
    page.until("said.length > 0")
    told = page.page.evaluate("said")
    assert [voice for _, voice in told] == ["near"]
    assert told[0][0] == page.page.evaluate("trame.state.state.events.filter(item => item.kind === 'voice').at(-1).text")
    assert find_unexpected(page) == []
