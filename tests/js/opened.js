// What the server answers for `open`, made for tests.

export function opened({ segments = [], speakers = [], undo = [], revision = 1, durationUs = 60_000_000, layout = "separate" } = {}) {
  return {
    project: { id: "p", name: "p" },
    guideline: { languages: ["zh"], labels: [], invalid_reasons: [], speaker_roles: [] },
    recording: {
      id: "r",
      name: "r.wav",
      sample_rate: 16_000,
      channels: 2,
      n_frames: (durationUs / 1_000_000) * 16_000,
      duration_us: durationUs,
      layout,
      content_hash: "h",
    },
    media: "/media/p/r/h",
    peaks: { tile_points: 2048, levels: [{ samples_per_point: 128, n_points: 7500 }] },
    transcript: { id: "t", revision },
    segments,
    speakers,
    undo,
    author: "user:me",
  };
}

/** `n` segments of 1 s, one after the other. */
export function row(n, more = {}) {
  return Array.from({ length: n }, (_, i) => ({
    id: `s${i}`,
    start_us: i * 1_000_000,
    end_us: (i + 1) * 1_000_000,
    text: `第${i}句`,
    version: 1,
    ...more,
  }));
}
