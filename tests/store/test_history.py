"""Steps of the journal that the laws of a store do not spell out."""

from speechlabel.testing import make_batch, make_segment, make_transcript, set_text


def test_typing_after_an_undo_in_the_same_visit_is_a_step_of_its_own(store):
    transcript = make_transcript(store, [make_segment("a", text="")])
    store.save(transcript.id, make_batch(set_text("a", 0, "x"), visit="v"))
    store.save(transcript.id, make_batch(set_text("a", 1, ""), op_id="back", visit="v", undoes="v"))
    store.save(transcript.id, make_batch(set_text("a", 2, "y"), op_id="on", visit="v"))
    newest, undone, first = store.history(transcript.id)
    assert [entry.after for entry in (first, undone, newest)] == [{"text": "x"}, {"text": ""}, {"text": "y"}]
    assert [entry.undoes for entry in (first, undone, newest)] == [None, "v", None]
    assert newest.before == {"text": ""}
