"""Whatever is sent to whatever route: an answer in the contract's form, never an internal error."""

import json
import re
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NASTY = [
    *(
        "",
        " ",
        ".",
        "..",
        "../../etc/passwd",
        "a" * 5000,
        "\x00",
        "a\nb",
        "\u202e",
        "😀",
        "中文",
        "%00",
        "'",
        '"',
        "<b>",
    ),
    *(
        "null",
        "-1",
        "0",
        "1e999",
        "NaN",
        "9" * 5000,
        "__proto__",
        "/etc/passwd",
        "C:\\x",
        "user:me",
        "p",
        "tone",
    ),
]
TEXT = st.sampled_from(NASTY) | st.text(max_size=20)
NUMBERS = st.integers(-5, 5) | st.sampled_from(
    [2**31, 2**63, 10**40, -(10**40), 1.5, float("inf"), float("nan")]
)
PLAIN = st.none() | st.booleans() | NUMBERS | TEXT
JSON = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6
)
EDITS = st.fixed_dictionaries(
    {},
    optional={
        "action": st.sampled_from(["insert", "update", "delete"]) | PLAIN,
        "target": st.sampled_from(["segment", "speaker"]) | PLAIN,
        "id": TEXT | JSON,
        "version": NUMBERS | JSON,
        "changes": st.dictionaries(
            st.sampled_from(["text", "start_us", "end_us", "words", "fields", "custom", "speaker", "tags"])
            | TEXT,
            JSON,
            max_size=3,
        ),
        "record": st.dictionaries(
            st.sampled_from(["id", "name", "text", "start_us", "end_us", "words", "events", "custom"]), JSON
        ),
    },
)
BODIES = (
    st.fixed_dictionaries(
        {},
        optional={
            "op_id": TEXT,
            "edits": st.lists(EDITS | JSON, max_size=2),
            "visit": PLAIN,
            "name": TEXT,
            "language": TEXT,
            "preset": TEXT,
            "size": NUMBERS,
            "path": TEXT,
            "format": st.sampled_from(["native", "kaldi"]) | TEXT,
            "include": st.lists(TEXT, max_size=2),
            "recordings": st.none() | st.lists(TEXT, max_size=2),
            "segmenter": TEXT,
            "options": st.dictionaries(TEXT, PLAIN, max_size=2),
        },
    )
    | JSON
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_route_breaks(client, opened, data):
    described = client.get("/api/openapi.json").json()
    known = {"project_id": "p", "recording_id": "tone", "transcript_id": opened["transcript"]["id"]}
    known["content_hash"] = opened["recording"]["content_hash"]
    for path, methods in described["paths"].items():
        if path == "/api/samples/reset":  # takes no words, and seconds
            continue
        for method, operation in methods.items():
            filled = path
            for name in re.findall(r"\{(\w+)\}", path):
                value = data.draw(st.just(known.get(name, "0")) | TEXT)
                filled = filled.replace(f"{{{name}}}", quote(value.encode("utf-8", "replace"), safe=""))
            wanted = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            allowed = _fields(described, wanted)
            body = data.draw(BODIES)
            if isinstance(body, dict) and allowed and data.draw(st.booleans()):
                body = {name: value for name, value in body.items() if name in allowed}
            answer = client.request(
                method.upper(),
                filled,
                content=json.dumps(body).encode() if method != "get" else None,
                headers={
                    "content-type": "application/json",
                    "upload-offset": data.draw(st.sampled_from(["0", "x"])),
                },
            )
            assert answer.status_code < 500, (method, filled, body, answer.text)


def _fields(described, wanted):
    name = wanted.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return set(described["components"]["schemas"].get(name, {}).get("properties", ()))
