"""A client that looks at every answer: headers, the form of errors, no path of the server, no traceback."""

import numpy as np
from starlette.testclient import TestClient

RATE = 16_000
ON_EVERY_ANSWER = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class WatchingClient(TestClient):
    """Checks what must hold for every answer, whatever a test is about."""

    def __init__(self, app, secret, **options):
        options.setdefault("base_url", "http://127.0.0.1:7860")
        super().__init__(app, raise_server_exceptions=False, **options)
        self.secret = str(secret)  # a path that no answer may show

    def request(self, method, url, **options):
        answer = super().request(method, url, **options)
        look(answer, self.secret)
        return answer


def look(answer, secret):
    for name, value in ON_EVERY_ANSWER.items():
        assert answer.headers.get(name) == value, (answer.url, name)
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "permissions-policy" in answer.headers
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    shown = answer.content.replace(b"\\\\", b"\\")
    assert secret.encode() not in shown, answer.text[:500]
    assert b"Traceback" not in shown
    if answer.url.path.startswith("/api/"):
        assert answer.headers["cache-control"] == "no-store"
        if answer.status_code >= 400 and answer.request.method != "HEAD":
            error = answer.json()["error"]
            assert error["code"]
            assert error["message"]


def refused(answer, status, code=None):
    """Assert a refusal and return its error."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    if code is not None:
        assert error["code"] == code, error
    return error


def speechlike(seconds, channels=1, seed=0):
    """Bursts of noise with pauses between them: float32 (frames, channels)."""
    chance = np.random.default_rng(seed)
    n_frames = round(seconds * RATE)
    time = np.arange(n_frames) / RATE
    sound = chance.normal(0, 0.1, (n_frames, channels)) * (np.sin(2 * np.pi * time * 0.7) > 0)[:, None]
    return sound.astype(np.float32)
