"""The gate: who may ask, for what, how much, and what every answer carries."""

import pytest
from starlette.routing import Mount
from watching import WatchingClient, refused

from speechlabel.web.app import create_app
from speechlabel.web.gate import MAX_BODY, MAX_EVENT

KEY = "k" * 32
# Every route of Gradio's that our pages use.  All others must be refused, those of later versions too.
OPEN = {
    ("GET", "/"),
    ("HEAD", "/"),
    ("GET", "/config"),
    ("GET", "/theme.css"),
    ("GET", "/manifest.json"),
    ("GET", "/favicon.ico"),
    ("GET", "/robots.txt"),
    ("GET", "/assets/{path:path}"),
    ("GET", "/static/{path:path}"),
    ("GET", "/svelte/{path:path}"),
    ("GET", "/gradio_api/user"),
    ("GET", "/gradio_api/login_check"),
    ("GET", "/gradio_api/app_id"),
    ("GET", "/gradio_api/info"),
    ("GET", "/gradio_api/theme.css"),
    ("GET", "/gradio_api/startup-events"),
    ("GET", "/gradio_api/queue/data"),
    ("GET", "/gradio_api/heartbeat/{session_hash}"),
    ("POST", "/gradio_api/queue/join"),
    ("POST", "/gradio_api/cancel"),
    ("POST", "/gradio_api/reset"),
}
# Every route of ours.
API = {
    ("GET", "/api/openapi.json"),
    ("HEAD", "/api/openapi.json"),
    ("GET", "/api/health"),
    ("GET", "/api/start"),
    ("GET", "/api/presets"),
    ("GET", "/api/formats"),
    ("GET", "/api/projects"),
    ("POST", "/api/projects"),
    ("GET", "/api/projects/{project_id}"),
    ("PATCH", "/api/projects/{project_id}"),
    ("DELETE", "/api/projects/{project_id}"),
    ("GET", "/api/projects/{project_id}/removal"),
    ("GET", "/api/projects/{project_id}/guideline"),
    ("PUT", "/api/projects/{project_id}/guideline"),
    ("POST", "/api/samples/reset"),
    ("GET", "/api/projects/{project_id}/recordings"),
    ("POST", "/api/projects/{project_id}/ingest"),
    ("POST", "/api/projects/{project_id}/annotations"),
    ("PATCH", "/api/projects/{project_id}/recordings/{recording_id}"),
    ("DELETE", "/api/projects/{project_id}/recordings/{recording_id}"),
    ("GET", "/api/projects/{project_id}/recordings/{recording_id}/removal"),
    ("POST", "/api/projects/{project_id}/recordings/{recording_id}/prepare"),
    ("GET", "/api/projects/{project_id}/recordings/{recording_id}/open"),
    ("GET", "/api/projects/{project_id}/speakers"),
    ("POST", "/api/projects/{project_id}/speakers/rename"),
    ("POST", "/api/projects/{project_id}/speakers/change"),
    ("POST", "/api/transcripts/{transcript_id}/edits"),
    ("GET", "/api/transcripts/{transcript_id}/segments"),
    ("POST", "/api/transcripts/{transcript_id}/resegment"),
    ("GET", "/api/segmenters"),
    ("POST", "/api/projects/{project_id}/uploads"),
    ("GET", "/api/uploads/{upload_id}"),
    ("PATCH", "/api/uploads/{upload_id}"),
    ("POST", "/api/projects/{project_id}/imports"),
    ("PUT", "/api/imports/{import_id}/files"),
    ("GET", "/api/imports/{import_id}/preview"),
    ("POST", "/api/imports/{import_id}/preview"),
    ("POST", "/api/imports/{import_id}/take"),
    ("DELETE", "/api/imports/{import_id}"),
    ("POST", "/api/projects/{project_id}/exports/preview"),
    ("POST", "/api/projects/{project_id}/exports"),
    ("GET", "/api/projects/{project_id}/splits"),
    ("PUT", "/api/projects/{project_id}/splits/{name}"),
    ("GET", "/api/projects/{project_id}/snapshots"),
    ("POST", "/api/projects/{project_id}/snapshots"),
    ("GET", "/api/projects/{project_id}/snapshots/compare"),
    ("POST", "/api/projects/{project_id}/snapshots/correction"),
    ("GET", "/api/exports/{export_id}/download"),
    ("GET", "/media/{project_id}/{recording_id}/{content_hash}/peaks/{level}/{tile}"),
    ("GET", "/media/{project_id}/{recording_id}/{content_hash}/flac/{channel}/{index}"),
    ("GET", "/media/{project_id}/{recording_id}/{content_hash}/pcm/{channel}/{index}"),
    ("GET", "/media/{project_id}/{recording_id}/{content_hash}/spectrogram/{channel}/{level}/{index}"),
    ("GET", "/media/{project_id}/{recording_id}/{content_hash}/original"),
}


def routes_of(router, prefix=""):
    """Walk (method, path) of a router, with those that it includes and mounts."""
    for route in router.routes:
        if isinstance(route, Mount):
            if hasattr(route.app, "routes"):
                yield from routes_of(route.app, prefix + route.path)
            else:
                yield "FILES", prefix + route.path
        elif hasattr(route, "original_router"):
            added = getattr(route.include_context, "prefix", "") or ""
            yield from routes_of(route.original_router, prefix + added)
        else:
            for method in route.methods or ():
                yield method, prefix + route.path


@pytest.fixture
def client(app, tmp_path):
    """No lifespan: nothing here waits for the processes that prepare."""
    return WatchingClient(app, tmp_path)


@pytest.fixture
def paged(workspace, settings, tmp_path):
    """The application with Gradio's pages."""
    app = create_app(workspace, settings)
    yield app, WatchingClient(app, tmp_path)
    app.state.site.preparer.close()


def test_every_route_is_listed_or_refused(paged):
    app, client = paged
    found = set(routes_of(app))
    ours = {item for item in found if item[1].startswith(("/api/", "/media/"))}
    catch_all = {item for item in ours if item[1].endswith("{path:path}")}
    assert ours - catch_all == API
    gradios = {
        item for item in found - ours if item[0] != "FILES" and not item[1].startswith("/speechlabel-static")
    }
    assert len(gradios) > 60, "the walk no longer finds Gradio's routes"
    assert gradios >= OPEN, "Gradio has dropped a route that our pages use"
    asked = []
    for method, path in sorted(gradios - OPEN):
        filled = path.replace("{path:path}", "x").replace("{path_or_url:path}", "/etc/passwd")
        filled = filled.replace("{url_path:path}", "http://127.0.0.1/").replace("{", "").replace("}", "")
        refused(client.request(method, filled) if method != "HEAD" else client.get(filled), 404, "not_found")
        asked.append(path)
    for known_to_be_dangerous in (
        "upload",
        "file={path_or_url:path}",
        "proxy={url_path:path}",
        "component_server",
    ):
        assert f"/gradio_api/{known_to_be_dangerous}" in asked, known_to_be_dangerous
    assert any("vibe" in path for path in asked)
    assert any("/run/" in path for path in asked)


def test_the_page_answers_and_tells_other_sites_nothing(paged):
    _, client = paged
    page = client.get("/", headers={"Origin": "https://evil.example"})
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "http://" not in page.headers["content-security-policy"]
    assert client.get("/config").status_code == 200
    preflight = client.options(
        "/gradio_api/queue/join",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )
    assert "access-control-allow-origin" not in preflight.headers
    for path in ("/static/..%2f..%2f..%2fetc/passwd", "/assets/%2e%2e/%2e%2e/x", "/static//etc/passwd"):
        assert client.get(path).status_code in (403, 404), path
    refused(client.post("/gradio_api/queue/join", content=b"x" * (MAX_EVENT + 1)), 413, "too_large")


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:7860", "[::1]:7860", "a.localhost:1", "LOCALHOST:99"]
)
def test_loopback_names_are_answered(client, host):
    assert client.get("/api/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "", "[::1", "localhost.", "10.0.0.1", "[::2]:80", "127.1"],
)
def test_other_names_are_not(client, host):
    refused(client.get("/api/health", headers={"Host": host}), 400, "host")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),  # a script
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Sec-Fetch-Site": "none"}, 201),
        ({"Origin": "http://127.0.0.1:7860"}, 201),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:9999"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[bad"}, 403),
    ],
)
def test_only_our_page_changes_anything(client, workspace, headers, status):
    answer = client.post("/api/projects", json={"name": "new"}, headers=headers)
    assert answer.status_code == status
    assert len(workspace.store.projects()) == (2 if status == 201 else 1)


def test_a_link_from_elsewhere_opens_but_a_script_from_elsewhere_reads_nothing(client):
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert client.get("/api/health", headers=link).status_code == 200
    for kind in ("empty", "image", "iframe", "script", "audio"):
        asked = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": kind}
        refused(client.get("/api/projects", headers=asked), 403, "origin")


@pytest.fixture
def far(workspace, settings, tmp_path):
    """A client of a server that listens beyond loopback."""
    app = create_app(workspace, settings, key=KEY, pages=False)
    yield WatchingClient(app, tmp_path, base_url="http://10.0.0.7:7860", follow_redirects=False)
    app.state.site.preparer.close()


def test_beyond_loopback_every_route_needs_the_key(far):
    for method, path in [
        *sorted(API),
        ("GET", "/"),
        ("GET", "/speechlabel-static/x"),
        ("POST", "/gradio_api/upload"),
    ]:
        answer = far.request(method, path)
        assert answer.status_code == 401, path
    for headers in (
        {"Cookie": "speechlabel_key=no"},
        {"Authorization": f"Bearer {KEY}x"},
        {"Cookie": "a=[]\x7f;;="},
    ):
        refused(far.get("/api/health", headers=headers), 401, "key")
    refused(far.get("/api/health?key="), 401, "key")
    refused(far.post(f"/api/projects?key={KEY}", json={"name": "x"}), 401, "key")


def test_the_key_opens_and_is_kept_in_a_cookie(far):
    first = far.get(f"/?project=p&key={KEY}&recording=r")
    assert (first.status_code, first.headers["location"]) == (303, "/?project=p&recording=r")
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert KEY not in first.headers["location"]
    assert far.get("/api/health").status_code == 200  # by the cookie
    far.cookies.clear()
    assert far.get("/api/health", headers={"Authorization": f"Bearer {KEY}"}).status_code == 200
    refused(far.get("/api/health"), 401)
    away = far.get(f"http://10.0.0.7:7860//evil.example/?key={KEY}")
    assert away.request.url.path == "//evil.example/"
    assert away.headers["location"] == "/"


def test_a_body_without_end_is_cut_off(client):
    taken = 0

    def endless():
        nonlocal taken
        while taken <= 3 * MAX_BODY:
            taken += 1 << 20
            yield b"x" * (1 << 20)

    json = {"content-type": "application/json"}
    refused(client.post("/api/projects", content=endless(), headers=json), 413, "too_large")
    declared = json | {"content-length": "9" * 5000}
    refused(client.post("/api/projects", content=b"", headers=declared), 413, "too_large")


def test_an_error_of_ours_is_answered_without_its_details(app, client, caplog):
    @app.get("/api/broken")
    def broken():
        raise ZeroDivisionError("secret")

    app.router.routes.insert(0, app.router.routes.pop())
    answer = client.get("/api/broken")
    error = refused(answer, 500, "internal")
    assert "secret" not in answer.text
    assert "log" in error["message"]
    assert "ZeroDivisionError: secret" in caplog.text


def test_nobody_gets_a_web_socket(client):
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/api/health"):
        pass


def test_json_is_compressed_and_sound_is_not(client, recording):
    listed = client.get("/api/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert listed.headers["content-encoding"] == "gzip"
    media = f"/media/p/{recording.id}/{recording.content_hash}"
    for path in (f"{media}/pcm/mix/0", f"{media}/peaks/0/0", f"{media}/original"):
        answer = client.get(path, headers={"Accept-Encoding": "gzip, br"})
        assert answer.status_code == 200
        assert "content-encoding" not in answer.headers, path
        assert int(answer.headers["content-length"]) == len(answer.content)
