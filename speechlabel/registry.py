"""Names to implementations: segmenters, engines, formats, executors and rules.

Built-ins and other packages register the same way, as ``"module:attribute"`` strings that are imported at
first use, so that ``import speechlabel`` and ``speechlabel --help`` stay light.  Another package adds an
entry point in the group ``speechlabel.<kind>s``::

    [project.entry-points."speechlabel.segmenters"]
    mine = "my_package.my_module:MySegmenter"

Two packages that claim one name are an error that names both, raised when that name is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Literal

from speechlabel.errors import SpeechLabelError, UnknownNameError

__all__ = ["Kind", "load", "names"]

Kind = Literal["segmenter", "engine", "format", "executor", "rule"]

BUILT_IN: Mapping[Kind, Mapping[str, str]] = {
    "segmenter": {
        "webrtc": "speechlabel.segment.webrtc:WebrtcSegmenter",
        "energy": "speechlabel.segment.energy:EnergySegmenter",
    },
    "engine": {},
    "format": {
        "native": "speechlabel.formats.native.native:NativeFormat",
        "csv": "speechlabel.formats.tables.csv_table:CsvFormat",
        "xlsx": "speechlabel.formats.tables.xlsx:XlsxFormat",
        "template": "speechlabel.formats.client.template:TemplateFormat",
        "nemo": "speechlabel.formats.training.nemo:NemoFormat",
        "audiofolder": "speechlabel.formats.datasets.audiofolder:AudiofolderFormat",
        "parquet": "speechlabel.formats.datasets.parquet:ParquetFormat",
        "speechbrain": "speechlabel.formats.training.speechbrain:SpeechBrainFormat",
        "whisper_jsonl": "speechlabel.formats.training.whisper_jsonl:WhisperJsonlFormat",
        "nemo_tarred": "speechlabel.formats.training.nemo_tarred:NemoTarredFormat",
        "nemo_diar": "speechlabel.formats.training.nemo_diar:NemoDiarFormat",
        "kaldi": "speechlabel.formats.training.kaldi:KaldiFormat",
        "lhotse": "speechlabel.formats.training.lhotse:LhotseFormat",
        "lhotse_shar": "speechlabel.formats.training.lhotse_shar:LhotseSharFormat",
        "wenet": "speechlabel.formats.training.wenet:WenetFormat",
        "funasr": "speechlabel.formats.training.funasr:FunasrFormat",
        "webdataset": "speechlabel.formats.datasets.webdataset:WebDatasetFormat",
        "rttm": "speechlabel.formats.scoring.rttm:RttmFormat",
        "uem": "speechlabel.formats.scoring.uem:UemFormat",
        "ctm": "speechlabel.formats.scoring.ctm:CtmFormat",
        "stm": "speechlabel.formats.scoring.stm:StmFormat",
        "pyannote": "speechlabel.formats.scoring.pyannote:PyannoteFormat",
        "audacity": "speechlabel.formats.tools.audacity:AudacityFormat",
        "srt": "speechlabel.formats.subtitles.srt:SrtFormat",
        "vtt": "speechlabel.formats.subtitles.vtt:VttFormat",
        "ass": "speechlabel.formats.subtitles.ass:AssFormat",
        "textgrid": "speechlabel.formats.linguists.textgrid:TextGridFormat",
        "eaf": "speechlabel.formats.linguists.eaf:EafFormat",
        "trs": "speechlabel.formats.linguists.trs:TrsFormat",
        "exb": "speechlabel.formats.linguists.exb:ExbFormat",
        "chat": "speechlabel.formats.linguists.chat:ChatFormat",
        "annotjson": "speechlabel.formats.linguists.annotjson:AnnotJsonFormat",
        "whisper": "speechlabel.formats.tools.whisper:WhisperFormat",
        "labelstudio": "speechlabel.formats.tools.labelstudio:LabelStudioFormat",
        "croissant": "speechlabel.formats.datasets.croissant:CroissantFormat",
    },
    "executor": {},
    "rule": {},
}


@cache
def _targets(kind: Kind) -> dict[str, list[tuple[str, str]]]:
    """Name → [(target, package)], built-ins first; more than one entry is a clash."""
    found = {name: [(target, "speechlabel")] for name, target in BUILT_IN[kind].items()}
    for point in entry_points(group=f"speechlabel.{kind}s"):
        package = point.dist.name if point.dist else point.value
        found.setdefault(point.name, []).append((point.value, package))
    return found


def names(kind: Kind) -> list[str]:
    """Every registered name of a kind, built-ins in their order, then the others sorted."""
    found = _targets(kind)
    built_in = list(BUILT_IN[kind])
    return built_in + sorted(set(found) - set(built_in))


def load(kind: Kind, name: str) -> Any:  # noqa: ANN401 - each kind has its own protocol
    """Import and return the class registered under a name.

    Raises
    ------
    UnknownNameError
        Nothing has that name.
    SpeechLabelError
        Two packages claim it, or the one that does cannot be imported.
    """
    claims = _targets(kind).get(name)
    if not claims:
        raise UnknownNameError(kind, name, names(kind))
    if len(claims) > 1:
        packages = " and ".join(package for _, package in claims)
        raise SpeechLabelError(f"{kind} {name!r} is claimed by {packages}; uninstall one of them")
    target, package = claims[0]
    module, _, attribute = target.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise SpeechLabelError(f"{kind} {name!r} of package {package} cannot be loaded: {error}") from error
