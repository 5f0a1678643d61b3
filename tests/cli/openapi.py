"""Holds responses to an OpenAPI 3.0 description: the parts of it that limner's
own uses. A keyword that is not known is an error, so that none is passed over
unchecked."""

import json
import re

IGNORED = {"description", "default", "format", "nullable"}


class Contract:
    def __init__(self, document):
        self.document = document
        self.paths = [(re.compile(re.sub(r"\\{[^}]*\\}", ".+",
                                         re.escape(path)) + "$"), entry)
                      for path, entry in document["paths"].items()]

    def resolve(self, node):
        while "$ref" in node:
            target = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def problems(self, method, path, status, headers, body):
        """What is wrong with a response, as a list of texts. headers: lower
        case names."""
        path = path.split("?")[0]
        method = "get" if method == "HEAD" else method.lower()
        entries = [entry for pattern, entry in self.paths
                   if pattern.match(path) and method in entry]
        if not entries:
            if status not in (404, 405):
                return [f"{status} for a path that is not described"]
            return self.of_content({"application/json": {
                "schema": {"$ref": "#/components/schemas/Error"}}}, headers,
                body)
        responses = entries[0][method]["responses"]
        if str(status) not in responses:
            return [f"status {status} is not described"]
        response = self.resolve(responses[str(status)])
        found = [f"header {name} is missing"
                 for name, about in response.get("headers", {}).items()
                 if about.get("required", True) and name.lower() not in headers]
        return found + self.of_content(response.get("content"), headers, body)

    def of_content(self, content, headers, body):
        kind = headers.get("content-type", "").split(";")[0].strip()
        if content is None:
            return [] if body == b"" else ["a body where none is described"]
        media = content.get(kind, content.get("*/*"))
        if media is None:
            return [f"type {kind!r} is not described"]
        if kind != "application/json":
            return [] if body else ["an empty body"]
        return list(self.of_value(media["schema"], json.loads(body), "body"))

    def of_value(self, schema, value, place):
        schema = self.resolve(schema)
        if value is None and schema.get("nullable"):
            return
        kinds = {"object": dict, "array": list, "string": str,
                 "boolean": bool, "integer": int, "number": (int, float)}
        for keyword, want in schema.items():
            wrong = None
            if keyword == "type":
                right = isinstance(value, kinds[want])
                if isinstance(value, bool) and want != "boolean":
                    right = False
                if not right:
                    yield f"{place}: {type(value).__name__}, expected {want}"
                    return
            elif keyword == "required":
                wrong = [name for name in want if name not in value]
            elif keyword == "properties":
                for name, inner in want.items():
                    if name in value:
                        yield from self.of_value(inner, value[name],
                                                 f"{place}.{name}")
            elif keyword == "items":
                for i, item in enumerate(value):
                    yield from self.of_value(want, item, f"{place}[{i}]")
            elif keyword == "enum":
                wrong = value not in want
            elif keyword == "pattern":
                wrong = not re.search(want, value)
            elif keyword == "minimum":
                wrong = value < want
            elif keyword == "maximum":
                wrong = value > want
            elif keyword in ("minItems", "minLength"):
                wrong = len(value) < want
            elif keyword in ("maxItems", "maxLength"):
                wrong = len(value) > want
            elif keyword not in IGNORED:
                yield f"{place}: this checker does not know {keyword!r}"
            if wrong:
                yield f"{place}: {keyword} {want}: {str(value)[:80]} {wrong}"
