"""The description of the API that scripts read: served, complete, and usable by generators."""

from test_gate import API


def test_it_names_every_route_once_with_words(client):
    described = client.get("/api/openapi.json").json()
    found = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert found == {item for item in API if item[1] != "/api/openapi.json"}
    operations = [operation for methods in described["paths"].values() for operation in methods.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert operation["summary"]
        assert operation["description"]
        assert operation["tags"]
    assert described["info"]["title"] == "speechlabel"


def test_every_reference_leads_somewhere(client):
    described = client.get("/api/openapi.json").json()

    def references(node):
        if isinstance(node, dict):
            if "$ref" in node:
                yield node["$ref"]
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    for reference in references(described):
        node = described
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        assert node
