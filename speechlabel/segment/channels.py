"""Which channels of a recording get segments of their own."""

from __future__ import annotations

from speechlabel.records import Layout

__all__ = ["channels_to_segment"]


def channels_to_segment(layout: Layout | None, n_channels: int) -> list[int | None]:
    """List the channels to segment; None is the mix of all.

    One channel, the same sound on all, and a scene that a person wants as one (``mixed``) are labelled as the
    mix.  Separate channels, and channels that nobody has looked at yet, are segmented one by one, so that
    voices that talk at once stay apart.
    """
    if n_channels < 1:
        raise ValueError(f"a recording has at least one channel, not {n_channels}")
    if n_channels == 1 or layout in ("mono", "dual_mono", "mixed"):
        return [None]
    return list(range(n_channels))
