"""A linguist's file goes in, is edited in a project, and comes back with nothing else changed."""

import pytest
from lxml import etree

from speechlabel.edits import Update
from speechlabel.errors import ExportError
from speechlabel.records import Segment
from speechlabel.workflow.annotations import bring_in
from speechlabel.workflow.delivery import Delivery
from speechlabel.workflow.export import Selection, export
from tests.audio.sounds import noise, write

GRID = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = " Anna"
        xmin = 0
        xmax = 2
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 1.2345678901234567
            text = "hello"
        intervals [2]:
            xmin = 1.2345678901234567
            xmax = 2
            text = "there"
    item [2]:
        class = "TextTier"
        name = "tones"
        xmin = 0
        xmax = 2
        points: size = 1
        points [1]:
            number = 0.5
            mark = "H*"
"""
EAF = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="Zhao" DATE="2026-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0">
    <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
        <MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/field/one.wav" MIME_TYPE="audio/x-wav"/>
        <PROPERTY NAME="lastUsedAnnotationId">3</PROPERTY>
    </HEADER>
    <TIME_ORDER>
        <TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="0"/>
        <TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="900"/>
        <TIME_SLOT TIME_SLOT_ID="ts3" TIME_VALUE="1000"/>
        <TIME_SLOT TIME_SLOT_ID="ts4" TIME_VALUE="1900"/>
    </TIME_ORDER>
    <TIER LINGUISTIC_TYPE_REF="utterance" PARTICIPANT="Anna" TIER_ID="A_Transcription">
        <ANNOTATION>
            <ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">
                <ANNOTATION_VALUE>hello</ANNOTATION_VALUE>
            </ALIGNABLE_ANNOTATION>
        </ANNOTATION>
        <ANNOTATION>
            <ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts3" TIME_SLOT_REF2="ts4">
                <ANNOTATION_VALUE>there</ANNOTATION_VALUE>
            </ALIGNABLE_ANNOTATION>
        </ANNOTATION>
    </TIER>
    <TIER LINGUISTIC_TYPE_REF="note" PARENT_REF="A_Transcription" TIER_ID="A_Note">
        <ANNOTATION>
            <REF_ANNOTATION ANNOTATION_ID="a3" ANNOTATION_REF="a1">
                <ANNOTATION_VALUE>waves</ANNOTATION_VALUE>
            </REF_ANNOTATION>
        </ANNOTATION>
    </TIER>
    <LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="utterance" TIME_ALIGNABLE="true"/>
    <LINGUISTIC_TYPE CONSTRAINTS="Symbolic_Association" GRAPHIC_REFERENCES="false"
        LINGUISTIC_TYPE_ID="note" TIME_ALIGNABLE="false"/>
    <CONSTRAINT DESCRIPTION="1-1 association with a parent annotation" STEREOTYPE="Symbolic_Association"/>
    <CONTROLLED_VOCABULARY CV_ID="moods" EXT_REF="er1"/>
</ANNOTATION_DOCUMENT>
"""


@pytest.fixture
def back(desk, tmp_path):
    """Bring a file in, edit the segment of one text, and give the file that comes back."""
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "one.wav", noise(32_000))

    def journey(name, text, format, *, old=None, new=None):
        (folder / name).write_text(text, encoding="utf-8")
        report = bring_in(desk.workspace, desk.project, [folder])
        assert report["imported"] and not report["failed"], report
        opened = desk.open("one")
        if old is not None:
            [segment] = [item for item in opened.segments if item.text == old]
            edit = Update(target="segment", id=segment.id, version=segment.version, changes={"text": new})
            desk.save(opened.transcript, edit)
        export(
            desk.workspace,
            desk.project,
            format,
            tmp_path / "out",
            selection=Selection(include=frozenset({"all"})),
            delivery=Delivery(merge_back=True),
        )
        [made] = [
            path
            for path in (tmp_path / "out").iterdir()
            if path.suffix.lower() == (folder / name).suffix.lower()
        ]
        return made.read_text(encoding="utf-8")

    return journey


def canonical(text):
    return etree.tostring(etree.fromstring(text.encode()), method="c14n2", strip_text=True).decode()


def test_a_textgrid_comes_back_with_one_text_changed(back):
    assert back("one.TextGrid", GRID, "textgrid", old="hello", new="hallo") == GRID.replace(
        '"hello"', '"hallo"'
    )


def test_an_eaf_comes_back_with_one_text_changed(back):
    made = back("one.eaf", EAF, "eaf", old="there", new="their")
    assert canonical(made) == canonical(EAF.replace("there", "their"))


@pytest.mark.parametrize(
    ("name", "text", "format"), [("one.TextGrid", GRID, "textgrid"), ("one.eaf", EAF, "eaf")]
)
def test_without_an_edit_it_comes_back_the_same(back, name, text, format):
    made = back(name, text, format)
    assert made == text if format == "textgrid" else canonical(made) == canonical(text)


def test_where_nothing_was_imported_there_is_nothing_to_write_into(desk, tmp_path):
    [id] = desk.take(write(tmp_path / "one.wav", noise(32_000)))
    desk.label(id, Segment(start_us=0, end_us=500_000, text="x", status="done"))
    with pytest.raises(ExportError, match="imported"):
        export(desk.workspace, desk.project, "textgrid", tmp_path / "out", delivery=Delivery(merge_back=True))
