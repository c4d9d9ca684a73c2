"""Claim: no task of a transcriber needs more keys and pointer moves here than in any other tool.

    python benchmarks/bench_keystrokes.py

A scripted labeller does the ten tasks of ``keystrokes.toml`` in a real browser on the English dialogue of
the samples, by exactly the keys that stand there; what came of each is read back from the server and held
against what was to be done.  The other tools' keys are those of their documentation, counted, not run.

Prints a table in Markdown (``docs/design/keystrokes.md`` holds it) and fails if a task came out wrong, if
ours is higher than any other, or if against any one tool ours is lower in fewer than six tasks.
"""

import json
import tempfile
import tomllib
import urllib.request
from pathlib import Path

from browser import ROOT, chromium, served
from playwright.sync_api import sync_playwright

from speechlabel.records import Segment, Speaker, Transcript
from speechlabel.store.workspace import open_workspace
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.prepare import prepare
from speechlabel.workflow.projects import create_project

TOOLS = {
    "elan": "ELAN",
    "subtitle_edit": "Subtitle Edit",
    "octra": "OCTRA",
    "label_studio": "Label Studio",
}
TURNS = 10  # of the task in which speakers are set
AT = 2  # the segment in which the person sits at the beginning
READY = ".sl-row[aria-current=true] textarea:focus"


def truth():
    lines = (ROOT / "samples/truth/dialogue-en.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def segment(line, **fields):
    times = {"start_us": round(line["start"] * 1e6), "end_us": round(line["end"] * 1e6)}
    return Segment(**{"text": line["text"], "language": "en", "status": "draft"} | times | fields)


def bare(text):
    """Without punctuation, as a recogniser drafts: keys that go by words stop at each sign."""
    return "".join(letter for letter in text if letter.isalnum() or letter == " ")


class Task:
    """What is there before, what is typed, what must be there after."""

    def __init__(self, at=AT, typed=(), **changed):
        self.at = at
        self.typed = list(typed)
        self.changed = changed

    def segments(self, lines):
        return [segment(line) for line in lines]

    def check(self, lines, after):
        raise NotImplementedError


class Correct(Task):
    def __init__(self):
        super().__init__(typed=["before"])

    def segments(self, lines):
        wrong = bare(lines[AT]["text"]).replace("before", "afore")
        return [segment(line, **({"text": wrong} if i == AT else {})) for i, line in enumerate(lines)]

    def check(self, lines, after):
        return after[AT]["text"] == bare(lines[AT]["text"]) and after[AT]["status"] == "done"


class Split(Task):
    def segments(self, lines):
        first, second = lines[AT + 1], lines[AT + 2]
        text = bare(f"{' '.join(first['text'].split()[:3])} {second['text']}")
        joined = first | {"end": second["end"], "text": text}
        return [segment(line) for line in (*lines[: AT + 1], joined, *lines[AT + 3 :])]

    def check(self, lines, after):
        pause = (lines[AT + 1]["end"], lines[AT + 2]["start"])
        left, right = after[AT + 1], after[AT + 2]
        words = " ".join(bare(lines[AT + 1]["text"]).split()[:3])
        texts = (left["text"], right["text"]) == (words, bare(lines[AT + 2]["text"]))
        return texts and pause[0] - 0.1 <= left["end_us"] / 1e6 <= pause[1] + 0.1


class Merge(Task):
    def check(self, lines, after):
        both = f"{lines[AT]['text']} {lines[AT + 1]['text']}"
        return len(after) == len(lines) - 1 and after[AT]["text"] == both


class Edge(Task):
    def segments(self, lines):
        early = lines[AT] | {"end": lines[AT]["end"] - 0.1}
        return [segment(early if i == AT else line) for i, line in enumerate(lines)]

    def check(self, lines, after):
        return abs(after[AT]["end_us"] / 1e6 - lines[AT]["end"]) < 0.001


class Speakers(Task):
    def __init__(self):
        super().__init__(at=0)

    def check(self, lines, after):
        return [item["speaker"] for item in after[:TURNS]] == ["spk1", "spk2"] * (TURNS // 2)


class Noise(Task):
    def check(self, lines, after):
        return after[AT]["noise_labels"] == ["noise"]


class Invalid(Task):
    def check(self, lines, after):
        return after[AT]["is_valid"] is False and after[AT]["invalid_reason"] is not None


class Problem(Task):
    def segments(self, lines):
        return [segment(line, status="unsure" if i == 9 else "draft") for i, line in enumerate(lines)]

    def check_page(self, page, ids):
        return page.get_attribute(".sl-row[aria-current=true]", "data-id") == ids[9]


class Empty(Task):
    def __init__(self):
        super().__init__(typed=["Friday is perfect."])

    def segments(self, lines):
        return [segment(line, text=None if i == AT + 8 else line["text"]) for i, line in enumerate(lines)]

    def check(self, lines, after):
        return (after[AT + 8]["text"], after[AT + 8]["status"]) == ("Friday is perfect.", "done")


class Replace(Task):
    def __init__(self):
        super().__init__(typed=["Thursday", "Wednesday"])

    def check(self, lines, after):
        wanted = [line["text"].replace("Thursday", "Wednesday") for line in lines]
        return [item["text"] for item in after] == wanted


DOES = {
    "correct": Correct(),
    "split": Split(),
    "merge": Merge(),
    "edge": Edge(),
    "speakers": Speakers(),
    "noise": Noise(),
    "invalid": Invalid(),
    "problem": Problem(),
    "empty": Empty(),
    "replace": Replace(),
}


def make(folder, tasks):
    """A project a task, with the dialogue in the state in which the task begins."""
    places = {}
    lines = truth()
    with open_workspace(folder / "workspace") as workspace:
        for task in tasks:
            project = create_project(workspace, task["id"], language="en")
            [recording] = ingest(workspace, project.id, [ROOT / "samples/dialogue-en.flac"]).added
            assert not prepare(workspace, project.id).failed
            segments = DOES[task["id"]].segments(lines)
            made = Transcript(project_id=project.id, recording_id=recording.id, author="engine:draft")
            people = [Speaker(id="spk1", name="Anna"), Speaker(id="spk2", name="Thomas")]
            workspace.store.add_transcript(made, segments, people)
            places[task["id"]] = (project.id, recording.id, [item.id for item in segments])
    return places


def after(address, project, recording):
    """What the server has."""
    url = f"{address}/api/projects/{project}/recordings/{recording}/open"
    with urllib.request.urlopen(url) as answer:
        found = json.load(answer)["segments"]
    plain = {"text": None, "speaker": None, "noise_labels": [], "is_valid": True, "invalid_reason": None}
    return [plain | {"status": "machine"} | item for item in found]


def do(browser, address, task, place):
    """Press the keys; return whether what was to be done is done."""
    project, recording, ids = place
    does = DOES[task["id"]]
    context = browser.new_context(locale="en-US", viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.goto(f"{address}/?project={project}&recording={recording}&segment={ids[does.at]}")
    page.wait_for_selector(f'.sl-row[data-id="{ids[does.at]}"] textarea:focus')
    page.keyboard.press("End")
    typed = iter(does.typed)
    for step in task["ours"]:
        if step == "type":
            page.keyboard.type(next(typed))
        elif task["id"] == "split" and step == "Tab":
            pause = (truth()[AT + 1]["end"] + truth()[AT + 2]["start"]) / 2
            page.wait_for_function(
                "(until) => document.querySelector('.sl-clock').textContent.split(' ')[0].split(':')"
                ".reduce((sum, part) => sum * 60 + Number(part), 0) >= until",
                arg=round(pause - 0.05, 1),
            )
            page.keyboard.press(step)
        else:
            if step == "Enter" and task["id"] == "replace":
                page.wait_for_selector(".sl-find-all[open]")
            if step == "Control+Enter":
                page.wait_for_function("document.querySelector('.sl-find-count').textContent.includes('of')")
            page.keyboard.press(step)
    page.wait_for_timeout(300)
    page.wait_for_selector('.sl-save[data-state="saved"]')
    if hasattr(does, "check_page"):
        done = does.check_page(page, ids)
    else:
        done = does.check(truth(), after(address, project, recording))
    context.close()
    return done


def count(steps):
    """(keys, pointer moves)."""
    pointer = sum(step.startswith("pointer") for step in steps)
    return len([step for step in steps if step != "type"]) - pointer, pointer


def of_tool(task, tool):
    """Keys and pointer moves of another tool; None: it cannot."""
    if f"{tool}_cannot" in task:
        return None
    if f"{tool}_each" in task:
        keys, pointer = count(task[f"{tool}_each"])
        return keys * TURNS, pointer * TURNS
    return count(task[tool])


def shown(counted):
    if counted is None:
        return "cannot"
    keys, pointer = counted
    return f"{keys + pointer}" + (f" ({pointer} by pointer)" if pointer else "")


def main():
    tasks = tomllib.loads((ROOT / "benchmarks/keystrokes.toml").read_text(encoding="utf-8"))["tasks"]
    wrong = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        places = make(Path(folder), tasks)
        with served(Path(folder) / "workspace") as address, chromium(playwright) as browser:
            wrong += [
                f"{task['id']}: came out wrong"
                for task in tasks
                if not do(browser, address, task, places[task["id"]])
            ]
    print(f"| task | speechlabel | {' | '.join(TOOLS.values())} |")
    print(f"|---|---|{'---|' * len(TOOLS)}")
    lower = dict.fromkeys(TOOLS, 0)
    for task in tasks:
        ours = count(task["ours"])
        others = {tool: of_tool(task, tool) for tool in TOOLS}
        print(f"| {task['title']} | {shown(ours)} | {' | '.join(map(shown, others.values()))} |")
        for tool, theirs in others.items():
            lower[tool] += theirs is None or sum(ours) < sum(theirs)
            if theirs is not None and sum(ours) > sum(theirs):
                wrong.append(f"{task['id']}: {TOOLS[tool]} needs fewer")
    fewer = ", ".join(f"{n} of {len(tasks)} against {TOOLS[tool]}" for tool, n in lower.items())
    print(f"\nFewer here in {fewer}.")
    wrong += [f"fewer in {n} tasks only against {TOOLS[tool]}" for tool, n in lower.items() if n < 6]
    raise SystemExit("\n".join(wrong) if wrong else 0)


if __name__ == "__main__":
    main()
