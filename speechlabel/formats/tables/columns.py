"""Columns of tables that people made: which field each one is, by its header or as a person says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from speechlabel.errors import OptionError

__all__ = ["FIELDS", "Mapped", "guess_columns", "is_known", "map_columns", "normal"]

# Headers by field, as ``normal`` writes them; the first one that stands in a table is taken.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "id": (
        "id", "segmentid", "segment", "uttid", "utteranceid", "utterance_id", "编号", "片段编号",
        "句子编号",
    ),
    "recording_id": ("recordingid", "recording", "recoid", "fileid", "录音编号", "录音", "音频编号"),
    "audio": (
        "audiofilepath", "audiofilename", "audiopath", "audiofile", "audio", "filepath", "filename", "file",
        "path", "wav", "wavpath", "wavfile", "wavfilename", "clip", "clippath", "media", "mediafile",
        "rawfilename", "recordingfilename",
        "文件名", "文件", "文件路径", "音频", "音频文件", "音频路径", "路径", "録音ファイル",
    ),
    "recording_duration": (
        "recordingduration", "totalduration", "audioduration", "filelength", "音频时长", "录音时长",
    ),
    "sample_rate": ("samplerate", "samplingrate", "采样率"),
    "channel": ("channel", "chan", "声道", "通道"),
    "start": (
        "start", "starttime", "begin", "begintime", "onset", "offset", "from", "tmin", "xmin", "tcin", "in",
        "startsec", "beginsec", "segmentstart", "segmentstarttime", "timestart", "startoffset",
        "segmentonset",
        "开始时间", "起始时间", "开始", "起始", "起点", "开始时刻", "開始時間", "debut", "anfang", "inicio",
    ),
    "end": (
        "end", "endtime", "stop", "stoptime", "finish", "to", "tmax", "xmax", "tcout", "out", "endsec",
        "stopsec",
        "segmentend", "segmentendtime", "timeend", "endoffset", "segmentoffset",
        "结束时间", "终止时间", "结束", "终点", "截止时间", "结束时刻", "結束時間", "fin", "ende",
    ),
    "duration": (
        "duration", "dur", "length", "len", "segmentduration", "时长", "持续时间", "长度", "dauer",
    ),
    "text": (
        "text", "transcript", "transcription", "sentence", "utterance", "label", "words", "content",
        "caption", "eventlabel",
        "rawtext", "rawtranscription", "txt", "wrd", "ref", "reference", "trans", "transkript",
        "transkription",
        "文本", "转写", "内容", "转写文本", "标注", "标注文本", "文字", "句子", "转录", "转写内容",
        "文字内容", "texto", "texte",
    ),
    "speaker": (
        "speaker", "spk", "speakerid", "spkid", "clientid", "speakerlabel", "talker", "who", "spkr",
        "说话人", "发言人", "讲话人", "说话者", "说话人编号", "角色", "話者", "sprecher", "locuteur",
        "hablante",
    ),
    "speaker_name": ("speakername", "spkname", "说话人姓名", "姓名"),
    "gender": ("gender", "sex", "性别", "geschlecht"),
    "age_band": ("age", "ageband", "agegroup", "年龄", "年龄段"),
    "accent": ("accent", "accents", "dialect", "口音", "方言"),
    "language": (
        "language", "lang", "locale", "languagecode", "语言", "语种", "sprache", "langue", "idioma",
    ),
    "kind": ("kind", "类型"),
    "noise_labels": ("noiselabels", "noise", "噪声", "噪音", "噪声标签"),
    "tags": ("tags", "tag", "标签"),
    "events": ("events", "事件"),
    "is_valid": ("isvalid", "valid", "是否有效", "有效"),
    "invalid_reason": ("invalidreason", "无效原因"),
    "fields": ("fields",),
    "word_times": ("wordtimes",),
    "status": ("status", "状态"),
    "is_locked": ("islocked",),
    "confidence": ("confidence", "conf", "score", "probability", "置信度"),
    "note": ("note", "notes", "comment", "comments", "remark", "备注", "说明", "注释"),
    "tier": ("tier", "layer", "层", "层级"),
    "parent_id": ("parentid",),
    "custom": ("custom",),
    "is_transcribed": ("istranscribed",),
}  # fmt: skip
FIELDS = tuple(SYNONYMS)
UNIT = re.compile(r"[\[(（]?(ms|msec|millis|milliseconds?|毫秒|s|sec|secs|seconds?|秒)[\])）]?$", re.I)
MILLI = {"ms", "msec", "millis", "millisecond", "milliseconds", "毫秒"}
MARKERS = ("name", "annotation", "event", "class", "description")  # a text only beside times
TIMES = ("start", "end", "duration", "recording_duration")


@dataclass(frozen=True, slots=True)
class Mapped:
    """Which column holds which field.

    Parameters
    ----------
    columns : mapping of field to the place of its column, from 0
    units : mapping of a time's field to ``s`` or ``ms``, where the header tells
    """

    columns: Mapping[str, int]
    units: Mapping[str, str]

    @property
    def is_table(self) -> bool:
        """Whether these are columns of labels: a text, or a start with an end or a length."""
        found = self.columns
        return "text" in found or ("start" in found and ("end" in found or "duration" in found))


def normal(header: str) -> str:
    """Header without case, blanks, ``_-.``, and width: what synonyms are compared by."""
    text = unicodedata.normalize("NFKC", header).strip().lower().lstrip("\ufeff")
    return re.sub(r"[\s_\-.:*#]+", "", text)


BY_NAME = {normal(name): field for field, names in SYNONYMS.items() for name in (field, *names)}
RANK = {normal(name): n for names in SYNONYMS.values() for n, name in enumerate(names)}


def is_known(header: str) -> bool:
    """Whether a header says which field it is."""
    return _field(header) is not None


def _field(header: str) -> tuple[str, str | None] | None:
    """Field of a header, and the unit that it tells."""
    name = normal(header)
    if name in BY_NAME:
        return BY_NAME[name], None
    base = UNIT.sub("", name)
    if base != name and BY_NAME.get(base) in TIMES:
        told = UNIT.search(name)
        assert told is not None
        return BY_NAME[base], "ms" if told[1] in MILLI else "s"
    return None


def guess_columns(header: Sequence[str]) -> Mapped:
    """Map columns by their headers; of two for one field the better known name wins, then the first."""
    columns: dict[str, int] = {}
    units: dict[str, str] = {}
    ranks: dict[str, int] = {}
    for place, name in enumerate(header):
        if (found := _field(name)) is None:
            continue
        field, unit = found
        rank = RANK.get(normal(name), -1) if unit is None else 100
        if field in columns and ranks[field] <= rank:
            continue
        columns[field], ranks[field] = place, rank
        units.pop(field, None)
        if unit is not None:
            units[field] = unit
    names = [normal(name) for name in header]
    if {"onset", "offset"} <= set(names) and "end" not in columns:  # alone, ``offset`` is a start, as in NeMo
        columns |= {"start": names.index("onset"), "end": names.index("offset")}
        units.pop("start", None)
    if "text" not in columns and "start" in columns and ("end" in columns or "duration" in columns):
        marked = next((name for name in MARKERS if name in names), None)
        columns |= {} if marked is None else {"text": names.index(marked)}
    both = [
        place for place, name in enumerate(header) if normal(name) == "words" and columns.get("text") != place
    ]
    if both and "text" in columns:
        columns["word_times"] = both[0]
    if "start" not in columns and {"id", "text"} <= columns.keys() and "audio" not in columns:
        columns["audio"] = columns.pop("id")  # a row is a clip that is named by its id
    return Mapped(columns, units)


def map_columns(header: Sequence[str], said: str) -> Mapped:
    """Map columns by their headers, and over that as a person says: ``start=begin_ms;text=3``.

    Columns are named by header or by number, from 1; nothing behind ``=`` leaves a field out.

    Raises
    ------
    OptionError
        A field or a column is not known, or a part is not ``field=column``.
    """
    guessed = guess_columns(header)
    columns, units = dict(guessed.columns), dict(guessed.units)
    for part in filter(str.strip, re.split(r"[;\n]", said)):
        field, sign, name = (piece.strip() for piece in part.partition("="))
        field = {"file": "audio", "audio_filepath": "audio", "words": "word_times"}.get(field, field)
        if not sign or field not in SYNONYMS:
            raise OptionError(
                "columns", f"{part.strip()!r:.80} is not FIELD=COLUMN; fields are {', '.join(FIELDS)}"
            )
        units.pop(field, None)
        if not name:
            columns.pop(field, None)
            continue
        place = _place(header, name)
        for other in [key for key, value in columns.items() if value == place and key != field]:
            del columns[other]
        columns[field] = place
        told = _field(header[place])
        if field in TIMES and (unit := UNIT.search(normal(header[place]))) and (told is None or told[1]):
            units[field] = "ms" if unit[1] in MILLI else "s"
    return Mapped(columns, units)


def _place(header: Sequence[str], name: str) -> int:
    if name in header:
        return header.index(name)
    same = [place for place, other in enumerate(header) if normal(other) == normal(name)]
    if same:
        return same[0]
    if name.isdecimal() and name.isascii() and 1 <= int(name[:9]) <= len(header):
        return int(name) - 1
    raise OptionError("columns", f"there is no column {name!r:.80}; there are {', '.join(header)}"[:2000])
