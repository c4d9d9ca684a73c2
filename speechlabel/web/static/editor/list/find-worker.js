// A thread of its own for searching: a regular expression that never ends must not stop the typing.

import { findAll } from "../model/find.js";

self.onmessage = ({ data: { number, segments, source, flags } }) =>
  self.postMessage({ number, found: findAll(segments, new RegExp(source, flags)) });
