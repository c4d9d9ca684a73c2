"""Which encoding bytes are in that do not say so, told from what the letters would be.

A wrong guess changes names without a word, so the rule is: what is UTF-8 is UTF-8; else each encoding that
has ever been usual for annotations is tried, and the letters it gives are judged.  In East Asia nearly every
letter of a text is among a few hundred; elsewhere a language has few letters beyond a to z, they stand in
words, and a capital does not follow a small letter.  Where a handful of letters says too little, it is
Western Europe.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from typing import NamedTuple

from charset_normalizer import from_bytes

__all__ = ["Guess", "guess"]

SAMPLE = 200_000  # bytes with a high bit, and what stands beside them, that are judged
FEW = 4  # letters that are too few to prove an unusual encoding by their frequency alone
STRETCH = re.compile(rb"[A-Za-z'\x2d]{0,20}[\x80-\xff][\x30-\x39\x40-\x7e\x80-\xff']*")
ELIDED = re.compile("\\b(l|d|n|s|c|j|m|t|qu)’|’(t|s|ll|re|ve|d|m)\\b", re.IGNORECASE)  # l’eau, don’t

# The commonest signs of running text, after the published frequency lists.
COMMON = {
    "zh": (
        "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后"
        "作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因"
        "只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应"
        "战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿"
        "原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太"
        "量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界"
        "达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今"
        "切院让识候带导争运笔吧吗呢啊嗯哦呃喂谢请您世界测试音频"
    ),
    "zh-Hant": (
        "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後"
        "作里用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因"
        "只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應"
        "戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒"
        "原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太"
        "量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界"
        "達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今"
        "切院讓識候帶導爭運筆吧嗎呢啊嗯哦喂謝請您臺灣測試音訊"
    ),
    "ja": (
        "のにはをたがでてとしれさあいうえおかきくけこすせそちつなぬねひふへほまみむめもやゆよらりるろわん"
        "だどばびぶべぼがぎぐげごじずぜぞっゃゅょーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒ"
        "フヘホマミムメモヤユヨラリルレロワンガギグゲゴザジズゼゾダデドバビブベボパピプペポッャュョァィェ"
        "ォ日本人一年大国会中出時行見月分後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先"
        "名川千水半男西電校語土木聞食車何南万毎白天母火右読友左休父雨私言事思手自者地方音声"
    ),
    "ko": (
        "이다는을가에의고하지은로도한를서나어기사있리자것인아들그으시라대과정수보부일해전장게만제주구유상"
        "성안동원여오요네우말었했습니까거러신조연스음세비마모소선당위공화무국미트르방문개발경관물살입적드"
        "실양면같된때없야각할도와진생계년명회중계심용치내학교식데노건분모든려더람속반업저달간체행현단합통"
        "감녕세미래음성"
    ),
}
MARKS = "。，、？！：；…—～·“”‘’《》「」『』（）【】〈〉　・"
EAST = {
    "GB18030": ("gb18030", "zh"),
    "Big5": ("big5hkscs", "zh-Hant"),
    "Shift-JIS": ("cp932", "ja"),
    "EUC-KR": ("cp949", "ko"),
    "EUC-JP": ("euc_jp", "ja"),
}

# Letters beyond a to z of languages, the commoner half before the blank.
WESTERN = (
    *("éèàêç îôûùâœëïüÿæ", "äüö ß", "óíáéñ úü¿¡", "ãçáéíó êõâàúô", "åäö é", "åøæ éòóô", "àèòéù ìîó"),
    *("ëéïü öáóè", "íáðþéóö úýæ", "ñéíó áú"),
)
CENTRAL = (
    *("łąężó ćśńź", "íáéěřčžýš ůúťďňó", "áéöíóőüű ú", "íáčžéšýľ ťúôďňäóĺŕ"),
    *("šžčć đ", "ăîşţâ", "äöüõ šž"),
)
CYRILLIC = (
    "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъ ё",
    "іїєґоаиневртскдлмупяьгзбчйхжшюцщф ґ",
    "аиоетнрсвлкдпмзбугяъцчжшщйфхью ћђџљњјѕќѓ",
)
SINGLE = {
    "cp1252": WESTERN,
    "cp1250": CENTRAL,
    "cp1251": CYRILLIC,
    "mac_roman": WESTERN,
    "koi8_r": CYRILLIC[:1],
    "cp1256": ("الينمرتوبةعدسفهكقحج شطصخغذثضزظءآأؤإئىپچژگ،؛؟",),
    "cp1253": ("αοιετσνηυρπκμλςίόάέήύώ δγχθφωβξζψϊϋΐΰ",),
}
SHOWN = {"mac_roman": "MacRoman", "koi8_r": "KOI8-R"}
QUIET = "«»„“”‚‘’…–—°§\u00a0€"  # stand beside words anywhere


class Guess(NamedTuple):
    """An encoding as people call it, and as Python does."""

    name: str
    codec: str
    is_sure: bool


def guess(raw: bytes) -> Guess:
    """Name the likeliest encoding of bytes that are not UTF-8 and bear no mark."""
    if (wide := _wide(raw)) is not None:
        return Guess(wide.upper(), wide, is_sure=True)
    if _is_nearly_utf_8(raw):
        return Guess("UTF-8", "utf-8", is_sure=True)
    found = _stretches(raw)
    sample = b" ".join(found)
    scores = {name: (_east(sample, *how), *how) for name, how in EAST.items()}
    east = max(scores, key=lambda name: scores[name][0])
    words = {codec: _single(found, codec, alphabets) for codec, alphabets in SINGLE.items()}
    best = max(words, key=lambda codec: words[codec])
    n_high = sum(byte >= 0x80 for byte in sample)
    if scores[east][0] >= max(0.35, words[best]) and n_high > 1:
        return Guess(east, scores[east][1], is_sure=scores[east][0] > 0.6 and n_high > FEW)
    if best != "cp1252":
        margin = words[best] - words["cp1252"]
        if margin < (0.42 if n_high < FEW else 0.15):
            best = "cp1252"
        elif margin < 0.3:
            best = _agreed(sample, best)
    sure = words[best] > 0.3 and (n_high >= FEW or best == "cp1252")
    if best == "cp1252" and not any(0x80 <= byte < 0xA0 for byte in sample):
        return Guess("Latin-1", "latin-1", is_sure=sure)
    return Guess(SHOWN.get(best, best), best, is_sure=sure)


def _is_nearly_utf_8(raw: bytes) -> bool:
    """Tell UTF-8 that was cut or damaged: one fault at its end, or few among many whole letters."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return not raw[: error.start].isascii()
        text = raw[: 20 * SAMPLE].decode("utf-8", "replace")
        whole = sum(letter > "\x7f" for letter in text)
        return whole > 20 * (text.count("\ufffd") - raw.count(b"\xef\xbf\xbd"))
    return True


def _agreed(sample: bytes, best: str) -> str:
    """Take an unusual encoding on weak grounds only if charset-normalizer prefers it too."""
    match = from_bytes(sample, cp_isolation=["cp1252", best], preemptive_behaviour=False).best()
    return "cp1252" if match is None or match.encoding == "cp1252" else best


def _wide(raw: bytes) -> str | None:
    """Tell UTF-16 and UTF-32 without a mark by where the zero bytes are."""
    head = raw[:4096]
    for width, order in ((4, "utf-32-le"), (4, "utf-32-be"), (2, "utf-16-le"), (2, "utf-16-be")):
        if len(raw) % width or len(raw) < 2 * width:
            continue
        zeros = [head[at::width].count(0) for at in range(width)]
        units = len(head) // width
        low, high = (0, width - 1) if order.endswith("le") else (width - 1, 0)
        if zeros[high] * 4 < units or zeros[low] * 20 > zeros[high]:
            continue
        try:
            codecs.decode(raw, order)
        except UnicodeDecodeError:
            continue
        return order
    return None


def _stretches(raw: bytes) -> list[bytes]:
    """Words that hold a byte with a high bit."""
    found: list[bytes] = []
    size = 0
    for match in STRETCH.finditer(raw):
        found.append(match.group())
        size += len(found[-1])
        if size > SAMPLE:
            break
    return found


def _east(sample: bytes, codec: str, language: str) -> float:
    """Mean worth of the signs that an East Asian encoding gives, from -1 to 1."""
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 1 or len(sample) < 100:
            return -1.0
        text = sample[: error.start].decode(codec)
    signs = Counter(letter for letter in text if letter > "\x7f")
    total = sum(signs.values())
    common = set(COMMON[language])
    worth = sum(count * _worth(sign, language, common) for sign, count in signs.items())
    return worth / total if total else -1.0


def _worth(sign: str, language: str, common: set[str]) -> float:
    if sign in common:
        return 1.0
    if sign in MARKS:
        return 0.4
    if 0xFF01 <= ord(sign) <= 0xFF5E:  # full-width Latin
        return 0.3
    if language == "ko":
        return 0.4 if "가" <= sign <= "힣" else -0.6
    try:
        place = sign.encode(
            "big5" if language == "zh-Hant" else "shift_jis" if language == "ja" else "gb2312"
        )
    except UnicodeEncodeError:
        return -0.8
    usual = {"zh": (0xB0, 0xD7), "zh-Hant": (0xA4, 0xC6), "ja": (0x88, 0x97)}[language]
    return 0.35 if len(place) == 2 and usual[0] <= place[0] <= usual[1] else -0.4


def _single(found: list[bytes], codec: str, alphabets: tuple[str, ...]) -> float:
    """Mean worth of the letters that a single-byte encoding gives, in the language that suits best."""
    signs: Counter[str] = Counter()
    broken = total = 0
    for raw in found:
        word = raw.decode(codec, "replace")
        elided = {match.start() + match.group().index("’") for match in ELIDED.finditer(word)}
        for at, sign in enumerate(word):
            if sign <= "\x7f":
                continue
            total += 1
            if at in elided:
                signs["’"] += 1
            elif _is_odd(word, at):
                broken += 1
            elif sign not in QUIET:
                signs[sign.lower()] += 1
            else:
                signs[""] += 1
    if not total:
        return 0.0
    best = max(_fit(signs, alphabet) for alphabet in alphabets)
    return (best - broken) / total


def _fit(signs: Counter[str], alphabet: str) -> float:
    often, _, seldom = alphabet.partition(" ")
    worth = 0.3 * signs[""]
    for sign, count in signs.items():
        if sign:
            worth += count * (1.0 if sign in often or sign == "’" else 0.6 if sign in seldom else -0.3)
    return worth


def _is_odd(word: str, at: int) -> bool:
    """Tell a sign that no spelling puts there: a mark inside a word, a capital after a small letter."""
    sign, before, after = word[at], word[at - 1 : at], word[at + 1 : at + 2]
    if sign == "\ufffd" or (not sign.isalpha() and sign not in QUIET + "¿¡"):
        return True
    if not sign.isalpha():
        return sign not in "’‘" and before.isalpha() and after.isalpha()
    mixes = sign > "\u036f" and (("a" <= before.lower() <= "z") or ("a" <= after.lower() <= "z"))
    return mixes or (sign.isupper() and before.isalpha() and (before.islower() or after.islower()))
