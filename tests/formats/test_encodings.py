"""Files that do not say their encoding, as they are found: a few names among much markup, or running text."""

from pathlib import Path

import pytest

from speechlabel.formats.encodings import guess
from speechlabel.formats.foreign import decode

ENGLISH = 'File type = "ooTextFile"\nObject class = "TextGrid"\n        text = "{}" \n        xmin = 0.25 \n'

TEXTS = {
    "gb18030": [
        "你好 世界",
        "说话人",
        "我们今天要讨论的是语音识别的标注工具，大家请看。",
        "今天天气不错，㐀𠀀",
    ],
    "big5": ["你好 世界", "我們今天要討論的是語音辨識的標註工具，大家請看。", "說話者"],
    "cp932": ["こんにちは、世界", "今日はいい天気ですね。", "話者", "カタカナ"],
    "euc_jp": ["今日はいい天気ですね。こんにちは"],
    "cp949": ["안녕하세요 세계", "오늘 날씨가 좋네요", "화자"],
    "cp1250": ["Zażółć gęślą jaźń", "dzień dobry, proszę", "Příliš žluťoučký kůň úpěl", "Wałęsa był w Łodzi"],
    "cp1251": ["Привет мир", "говорящий 1", "Ольга", "Київ — столиця України", "да"],
    "cp1252": [
        "über",
        "café",
        "déjà vu à la fête",
        "Müller",
        "él está aquí",
        "œuvre",
        "São Paulo",
        "Ångström",
    ],
    "mac_roman": ["café", "déjà vu à la fête", "über Müller", "naïve", "l’été", "aquí está"],
    "cp1253": ["Καλημέρα κόσμε"],
    "cp1256": ["كيلر لاندينغ", "مرحبا بالعالم", "ماذا تريد؟", "سلام دنیا".replace("ی", "ي")],
    "koi8_r": ["Привет мир"],
}
CASES = [(codec, text) for codec, texts in TEXTS.items() for text in texts]


@pytest.mark.parametrize(("codec", "text"), CASES)
@pytest.mark.parametrize("frame", ["{}", ENGLISH], ids=["bare", "among markup"])
def test_the_letters_tell_the_encoding(codec, text, frame):
    whole = frame.replace("{}", text)
    found, [note] = decode(whole.encode(codec), Path("x"))
    assert found == whole, note
    assert note.startswith("is not UTF-8; read as ")


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("über".encode("latin-1"), "Latin-1"),
        ("“über”".encode("cp1252"), "cp1252"),
        ("że".encode("cp1250"), "Latin-1"),  # ¿e: one letter proves nothing
        (b"\xe9", "Latin-1"),
        (b"x \xb0 y", "Latin-1"),
        ("dzień dobry, proszę, się łączy".encode("cp1250"), "cp1250"),
        ("à la fête, déjà".encode("mac_roman"), "MacRoman"),
        ("你好".encode("gb18030"), "GB18030"),
    ],
)
def test_few_letters_are_not_guessed_wildly(raw, name):
    assert guess(raw).name == name


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ["name = 1\n", "name = 你好\nxmin = 0 \n"])
def test_wide_letters_without_a_mark(codec, text):
    found, [note] = decode(text.encode(codec), Path("x"))
    assert (found, note) == (text, f"is not UTF-8; read as {codec.upper()}")


@pytest.mark.parametrize("codec", ["utf-32-le", "utf-32-be"])
def test_the_mark_of_utf_32_is_not_taken_for_that_of_utf_16(codec):
    assert decode("\ufeffa你\n".encode(codec), Path("x")) == ("a你\n", ())


def test_what_cannot_be_read_is_counted():
    damaged = "你好世界" * 20
    text, notes = decode(damaged.encode()[:30] + b"\xff" + damaged.encode()[30:], Path("x"))
    assert text.count("\ufffd") == 1 and text.replace("\ufffd", "") == damaged
    assert notes == ("is UTF-8 with faults; 1 characters could not be read and became U+FFFD",)
    cut, [note] = decode("über 你".encode()[:-1], Path("x"))
    assert cut == "über \ufffd" and "1 characters" in note
    text, [note] = decode(b"\x81 \x93quoted\x94 \xfcber", Path("x"))
    assert "read as cp1252" in note and "1 characters" in note and text == "\ufffd “quoted” über"


def test_a_guess_on_few_letters_says_so():
    assert "too few" in decode("да".encode("cp1251"), Path("x"))[1][0]
    assert "too few" not in decode("über alles".encode("latin-1"), Path("x"))[1][0]


def test_zero_bytes_among_ascii_are_left_to_the_format():
    assert decode(b"a\0b", Path("x")) == ("a\0b", ())
