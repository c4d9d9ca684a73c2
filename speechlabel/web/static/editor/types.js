// Types of the editor, as JSDoc.  Property names are the field names of speechlabel/records.py and the keys
// of the HTTP API; tests/web/test_types_js.py holds them together.  Times are integer microseconds.

/**
 * A word with its time in the recording; times are null where an engine left it untimed.
 * @typedef {object} Word
 * @property {string} word
 * @property {number|null} start_us
 * @property {number|null} end_us
 * @property {number|null} score
 */

/**
 * A timed sound inside a segment.
 * @typedef {object} Event
 * @property {string} label
 * @property {number|null} start_us
 * @property {number|null} end_us
 * @property {number|null} score
 */

/** @typedef {"speech"|"nonspeech"|"noise"|"music"|"silence"|"event"|"ignore"} Kind */
/** @typedef {"machine"|"draft"|"done"|"unsure"} Status */

/**
 * A stretch of one channel (null: the mix of all) and what is said about it.  Never changed in place: an
 * edit puts a new object where the old one was, so `===` tells whether anything changed.
 * @typedef {object} Segment
 * @property {string} id
 * @property {number|null} channel
 * @property {number} start_us
 * @property {number} end_us
 * @property {Kind} kind
 * @property {string|null} text  null: not transcribed; "": transcribed as nothing
 * @property {string|null} language
 * @property {string|null} speaker  id of a Speaker
 * @property {readonly string[]} noise_labels
 * @property {readonly string[]} tags
 * @property {readonly Event[]} events
 * @property {boolean} is_valid
 * @property {string|null} invalid_reason
 * @property {Readonly<Record<string, string>>} fields
 * @property {readonly Word[]} words
 * @property {Status} status
 * @property {boolean} is_locked
 * @property {number|null} confidence
 * @property {string|null} note
 * @property {string|null} tier
 * @property {string|null} parent_id
 * @property {Readonly<Record<string, unknown>>} custom
 * @property {number} version  revision that last changed it; 0: never saved
 */

/**
 * A voice in a recording.
 * @typedef {object} Speaker
 * @property {string} id
 * @property {string} name
 * @property {string|null} role
 * @property {"female"|"male"|"other"|null} gender
 * @property {string|null} age_band
 * @property {string|null} accent
 * @property {string|null} language
 * @property {number|null} channel
 * @property {string|null} color
 * @property {Readonly<Record<string, unknown>>} custom
 * @property {number} version
 */

/**
 * One audio file.  The server may send fewer fields than the record has; those here are always there.
 * @typedef {object} Recording
 * @property {string} id
 * @property {string} name
 * @property {number} sample_rate  Hz
 * @property {number} channels
 * @property {number} n_frames
 * @property {number} duration_us
 * @property {"mono"|"dual_mono"|"separate"|"mixed"|null} [layout]
 * @property {string} content_hash
 * @property {{title?: Record<string, string>}} [metadata]  title: by language
 */

/**
 * @typedef {object} Transcript
 * @property {string} id
 * @property {number} [revision]  absent: nothing was saved yet
 * @property {string} [author]
 * @property {string} [stage]
 */

/** @typedef {{en: string, "zh-CN": string}} Title */
/** @typedef {Record<string, string|{mark?: string, name?: string}>} ExportNames  by format; of no use to the editor */

/**
 * @typedef {object} GuidelineLabel
 * @property {string} name
 * @property {Title} title
 * @property {string} [key]
 * @property {string} [color]
 * @property {"segment"|"inline"} scope
 * @property {string} [mark]
 * @property {ExportNames} [export]
 */

/**
 * A further layer beside the text; what is left out has its default.
 * @typedef {object} GuidelineLayer
 * @property {string} name
 * @property {Title} title
 * @property {"text"|"choice"} [kind]
 * @property {readonly {name: string, title: Title}[]} [choices]
 * @property {string|null} [language]
 * @property {boolean} [multiline]
 * @property {boolean} [required]
 */

/**
 * The part of the guideline that the editor uses; layouts of deliveries and names for formats come along.
 * @typedef {object} Guideline
 * @property {string[]} languages
 * @property {GuidelineLabel[]} labels
 * @property {{name: string, title: Title, export?: Record<string, string>}[]} invalid_reasons
 * @property {string[]} speaker_roles
 * @property {readonly GuidelineLayer[]} [fields]
 * @property {readonly string[]} [terms]
 * @property {readonly {short: string, text: string}[]} [snippets]
 */

/** @typedef {"segment"|"speaker"} Target */

/**
 * JSON form of one edit, as posted (see speechlabel/edits.py).
 * @typedef {object} InsertEdit
 * @property {"insert"} action
 * @property {Target} target
 * @property {Record<string, any>} record  without the fields that have their default
 */
/**
 * @typedef {object} UpdateEdit
 * @property {"update"} action
 * @property {Target} target
 * @property {string} id
 * @property {number|null} version
 * @property {Record<string, any>} changes
 */
/**
 * @typedef {object} DeleteEdit
 * @property {"delete"} action
 * @property {Target} target
 * @property {string} id
 * @property {number|null} version
 */
/** @typedef {InsertEdit|UpdateEdit|DeleteEdit} Edit */

/**
 * One undo step as the server knows it; `undoes` names the step it took back (an undo, or the redo of one).
 * @typedef {object} UndoStep
 * @property {string} step
 * @property {string|null} undoes
 * @property {Edit[]} forward
 * @property {Edit[]} inverse
 */

/**
 * What the model hands to the client for every change.
 * @typedef {object} Step
 * @property {string} step  the visit if there is one, else the op_id
 * @property {string} op_id
 * @property {string|null} visit
 * @property {string|null} undoes
 * @property {Edit[]} edits
 * @property {Edit[]} inverse
 * @property {After} [after]  the records it touched, as it left them: what is needed when the pass itself is gone
 */
/** @typedef {{segment: Record<string, Segment|null>, speaker: Record<string, Speaker|null>}} After  null: deleted */
/** @typedef {{project: string, recording: string, name: string, title?: Record<string, string>|null}} Of  which recording a step belongs to */

/**
 * Steps of one transcript that the server does not have.
 * @typedef {object} Waiting
 * @property {string} transcript
 * @property {Of|null} of  null: an older page did not note it
 * @property {number} steps
 * @property {number} sinceMs  when the oldest was made, ms since 1970
 * @property {string|null} problem  why they wait; "gone": there is no such transcript any more
 * @property {boolean} isHere  they belong to the open recording
 */

/**
 * Answer of `GET /api/projects/{p}/recordings/{r}/open`.
 * @typedef {object} Opened
 * @property {{id: string, name: string, language?: string}} project
 * @property {Guideline} guideline
 * @property {Recording} recording
 * @property {string} media  address of the recording's peaks and PCM
 * @property {{tile_points: number, levels: {samples_per_point: number, n_points: number}[]}} peaks
 * @property {Transcript} transcript
 * @property {Record<string, any>[]} segments
 * @property {Record<string, any>[]} speakers
 * @property {UndoStep[]} undo
 * @property {string} author
 */

/**
 * A recording in the list of its project.
 * @typedef {object} RecordingRow
 * @property {string} id
 * @property {string} name
 * @property {Record<string, string>|null} [title]  by language
 * @property {string} state  "ready" once it can be labelled
 * @property {string|null} [error]
 * @property {string|null} [layout]
 * @property {number|null} [progress]  0 to 1, while it waits to be prepared or is
 * @property {number} segments
 * @property {number} done
 */

/** @typedef {{segment?: Record<string, number>, speaker?: Record<string, number>}} Versions */

/**
 * Answer of `POST /api/transcripts/{id}/edits`.
 * @typedef {object} Saved
 * @property {string} op_id
 * @property {number} revision
 * @property {Versions} versions
 * @property {boolean} [dup]
 */

/**
 * "change": `ids` are the segments touched (null: anything may have changed); `structure`: segments came,
 * went or moved; `speakers`: the list of speakers changed.
 * @typedef {object} ModelChange
 * @property {Set<string>|null} ids
 * @property {boolean} structure
 * @property {boolean} speakers
 */

/**
 * What undo and redo did.  `isStale`: nothing was done, because these records no longer are as that step
 * left them; ask, then call again with `{force: true}`.
 * @typedef {object} UndoResult
 * @property {"insert"|"delete"|"update"|"speaker"|"split"|"merge"|"recut"} kind  of the step taken back or done again
 * @property {string[]} ids  segments touched
 * @property {readonly Edit[]} edits  that took it back
 * @property {boolean} isStale
 */

/** @typedef {"saved"|"saving"|"offline"|"conflict"|"readonly"} SaveState */

/**
 * One record on which the server refused an edit.
 * @typedef {object} Conflict
 * @property {Target} target
 * @property {string} id
 * @property {Record<string, any>|null} theirs  the server's record; null: it is gone there
 * @property {Segment|Speaker|null} mine  what keeping the record of this page comes to; null: deleted here
 * @property {string} reason  "stale" | "version_missing" | "refused" | "op_reused"
 * @property {string} message  the server's own words
 */

/**
 * One tile of peaks.  `min` and `max` hold channel after channel: point `i` of channel `c` is at
 * `c * length + i`; values are int16 samples (−32768…32767).
 * @typedef {object} PeaksTile
 * @property {number} channels
 * @property {number} length  points
 * @property {number} sampleRate
 * @property {number} samplesPerPoint
 * @property {Int16Array} min
 * @property {Int16Array} max
 */

/**
 * @typedef {object} PlayRange
 * @property {number} startUs
 * @property {number} endUs
 * @property {number|null} [channel]  null or absent: the mix
 * @property {readonly import("./hear/tracks.js").Track[]} [tracks]  in place of one channel
 * @property {number} [rate]  0.5–3; absent: the player's own
 * @property {boolean} [loop]
 */

/**
 * @typedef {object} PlayerState
 * @property {boolean} playing
 * @property {boolean} loading  waiting for audio (at the start, or after a stall)
 * @property {boolean} blocked  the browser wants a click or a key before it plays
 * @property {boolean} ended  the range was played to its end
 * @property {string|null} error
 */

export {};
