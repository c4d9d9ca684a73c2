"""Any order of saves, resends, stale saves, undo and reopening gives what a plain model gives."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from speechlabel.edits import Delete, Document, Insert, Update, apply, edit_from_dict
from speechlabel.errors import ConflictError
from speechlabel.store import migrations, sqlite
from speechlabel.store.sql import SqlStore
from speechlabel.testing import make_batch, make_segment, make_transcript

IDS = ("a", "b", "c", "d")
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "text": st.sampled_from([None, "", "x", "你好"]),
        "status": st.sampled_from(["draft", "done"]),
        "tags": st.sampled_from([(), ("t",), ("u", "t")]),
        "end_us": st.integers(2_000_000, 60_000_000),
        "is_valid": st.booleans(),
    },
).filter(bool)


class Model(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name, "speechlabel.db")
        self.open()
        segments = [make_segment(id) for id in IDS[:2]]
        self.transcript_id = make_transcript(self.store, segments).id
        self.segments = {item.id: item for item in segments}
        self.states = [dict(self.segments)]  # after each revision
        self.accepted = []  # (batch, answer)
        self.refused = {}  # op id → number of edits

    def open(self):
        database = sqlite.connect(self.path)
        migrations.upgrade(database)
        self.store = SqlStore(database)

    def teardown(self):
        if hasattr(self, "folder"):
            self.store.close()
            self.folder.cleanup()

    @rule()
    def reopen(self):
        self.store.close()
        self.open()

    @rule(
        data=st.data(),
        visit=st.sampled_from([None, "v", "w"]),
        author=st.sampled_from(["user:li", "user:wang"]),
    )
    def save(self, data, visit, author):
        """Edits made by chance: right ones, stale ones, and ones that meet their own batch."""
        edits = []
        for _ in range(data.draw(st.integers(1, 3))):
            id = data.draw(st.sampled_from(IDS))
            known = self.segments.get(id)
            version = known.version if known else 0
            if data.draw(st.integers(0, 9)) == 0:
                version = data.draw(st.integers(0, len(self.states)))
            kind = data.draw(st.sampled_from(["update", "update", "insert", "delete"]))
            if kind == "insert":
                edits.append(Insert(target="segment", record=make_segment(id, 0, 1 + len(self.states))))
            elif kind == "delete":
                edits.append(Delete(target="segment", id=id, version=version))
            else:
                edits.append(Update(target="segment", id=id, version=version, changes=data.draw(CHANGES)))
        self.send(make_batch(*edits, visit=visit, author=author))

    def send(self, batch):
        try:
            wanted = apply(Document(segments=self.segments), batch.edits, revision=len(self.states))
        except ConflictError as error:
            with pytest.raises(ConflictError) as caught:
                self.store.save(self.transcript_id, batch)
            assert caught.value.data == error.data
            self.refused[batch.op_id] = len(batch.edits)
            return
        saved = self.store.save(self.transcript_id, batch)
        touched = {edit.record.id if isinstance(edit, Insert) else edit.id for edit in batch.edits}
        self.segments = dict(wanted.segments)
        assert (saved.revision, saved.dup) == (len(self.states), False)
        assert saved.versions["segment"] == {id: saved.revision for id in touched if id in self.segments}
        self.states.append(dict(self.segments))
        self.accepted.append((batch, saved))

    @precondition(lambda self: self.accepted)
    @rule(data=st.data())
    def resend(self, data):
        batch, saved = data.draw(st.sampled_from(self.accepted))
        again = self.store.save(self.transcript_id, batch)
        assert (again.dup, again.revision, again.versions) == (True, saved.revision, saved.versions)

    @precondition(lambda self: self.accepted)
    @rule(data=st.data())
    def reuse_an_op_id(self, data):
        batch, _ = data.draw(st.sampled_from(self.accepted))
        other = make_batch(*batch.edits, op_id=batch.op_id, visit="other", author=batch.author)
        with pytest.raises(ConflictError) as caught:
            self.store.save(self.transcript_id, other)
        assert caught.value.data["reason"] == "op_reused"

    @precondition(lambda self: self.accepted)
    @rule(author=st.sampled_from(["user:li", "user:wang"]))
    def undo_the_newest_step(self, author):
        """Where nobody else changed its records since, the step's inverse leads back to where it began."""
        steps = self.store.undo_steps(self.transcript_id, author)
        if not steps:
            return
        now = {id: item.version for id, item in self.segments.items()}
        edits = [
            edit_from_dict(edit if edit["action"] == "insert" else edit | {"version": now.get(edit["id"], 0)})
            for edit in steps[-1]["inverse"]
        ]
        step = steps[-1]["step"]
        history = self.store.history(self.transcript_id)
        mine = [item for item in history if (item.step, item.author) == (step, author)]
        before = self.states[self.begin_of(step, author)] if mine == history[: len(mine)] else None
        self.send(make_batch(*edits, author=author, undoes=step))
        if before is not None:
            assert self.segments == before

    def begin_of(self, step, author):
        """Revision before the newest unbroken run of batches of a step."""
        revision = len(self.accepted)
        while revision:
            batch = self.accepted[revision - 1][0]
            if (batch.visit or batch.op_id, batch.author) != (step, author):
                break
            revision -= 1
        return revision

    @invariant()
    def the_store_is_as_the_model(self):
        found = self.store.read(self.transcript_id)
        assert found.transcript.revision == len(self.states) - 1
        wanted = sorted(self.segments.values(), key=lambda item: (item.start_us, item.end_us, item.id))
        assert [(item, item.version) for item in found.segments] == [(item, item.version) for item in wanted]
        assert {
            draft.op_id: len(draft.edits) for draft in self.store.side_drafts(self.transcript_id)
        } == self.refused
        [counts] = self.store.counts("p")["r"]
        assert counts.segments == len(self.segments)
        assert counts.done == sum(item.status == "done" for item in self.segments.values())


Model.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=20,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking a run of synced saves takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
TestModel = pytest.mark.slow(Model.TestCase)
