"""`/openapi.json`: what a program must know of the calls beyond what their types say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from drafter.web.api.examples import examples
from drafter.web.api.idempotency import LONGEST, Repeatable
from drafter.web.callers import CSRF_HEADER, Needs, conditions
from drafter.web.cookies import SESSION_COOKIE
from drafter.web.problems import PROBLEM, Problem
from drafter.web.routes import routes

Described = dict[str, Any]

_TAGS: Final = {
    "check": "One text judged by the rules of a jurisdiction; nothing is kept.",
    "cases": "A debtor's message comes in, another follows, a lead takes over.",
    "suggestions": "A draft is asked for, watched while it is written, stopped.",
    "drafts": "Read, edited, approved by a signed-in person, taken back, put aside.",
    "review": "What reviewers read, rule on and hear appeals about.",
    "health": "Whether the desk is up, and whether what it needs answers.",
}
_SCHEMES: Final = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key of `drafter keys add`: for programs. It opens what its rights say; none approves.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "The session of a signed-in person.",
    },
    "page": {
        "type": "apiKey",
        "in": "header",
        "name": CSRF_HEADER,
        "description": "The token of the session's pages, which every call that changes something brings along.",
    },
}
_REFUSED: Final = {
    400: "The body is no text in UTF-8.",
    401: "Nobody is signed in, the session has ended, or the key is not known.",
    403: "The caller's role, or the key's rights, do not allow this; or the page's token is missing.",
    404: "There is nothing of this id, or nothing at this address.",
    409: "What was asked for no longer fits what is there: read it again, then decide anew.",
    410: "The texts of this case were erased.",
    413: "The body is larger than a megabyte.",
    422: "Something given cannot be used, or the text does not pass; `detail` says what.",
    429: "Too many requests in a minute from one session, key or address.",
    500: "Something went wrong inside; nothing was half done.",
    503: "The database, or the model, does not answer; what was kept stays kept.",
}
_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A name of the caller's own for this request, such as a UUID: sent again with the same body it gets "
    "the first answer again, marked `Idempotency-Replayed: true`, and changes nothing. Kept for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST},
    "example": "7f8c9f0e-7f43-4a52-9d6b-2f1c9f7c6c11",
}
_RETRY_AFTER: Final = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}
_ATTRIBUTES: Final = re.compile(r"\s*\n\nAttributes:\n", re.MULTILINE)
_ATTRIBUTE: Final = re.compile(r"^ {4}(\w[\w, ]*): ((?:.|\n {5,})+)", re.MULTILINE)


def described(app: FastAPI) -> Callable[[], Described]:
    """Return what gives the description of an application's API, made when it is first asked for."""

    @cache
    def once() -> Described:
        told = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
            tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
            routes=app.routes,
        )
        shown = examples()
        for operation, route in _operations(told):
            _tell_callers(operation, route)
            _tell_key(operation, route)
            _tell_refusals(operation, route)
            _tell_examples(operation, shown)
        _tell_schemas(told)
        return _with_plain_names(told)

    return once


def _operations(told: Described) -> Iterator[tuple[Described, APIRoute]]:
    for route in routes():
        for method in route.methods or ():
            operation = told["paths"].get(route.path, {}).get(method.lower())
            if operation is not None:
                yield operation, route


def _changes(route: APIRoute) -> bool:
    return route.methods != {"GET"}


def _needs(route: APIRoute) -> Needs | None:
    return next(conditions(route.dependant), None)


def _tell_callers(operation: Described, route: APIRoute) -> None:
    needs = _needs(route)
    if needs is None:
        return
    person: Mapping[str, list[str]] = {"session": [], "page": []} if _changes(route) else {"session": []}
    operation["security"] = [person] if needs.by_person else [{"key": []}, person]


def _tell_key(operation: Described, route: APIRoute) -> None:
    if isinstance(route, Repeatable) and route.keeps and _changes(route):
        operation.setdefault("parameters", []).append(_KEY)


def _tell_refusals(operation: Described, route: APIRoute) -> None:
    answers = operation["responses"]
    answers.pop("422", None)
    told = {500}
    if _needs(route) is not None:
        told |= {401, 403, 429, 503}
    if "{" in route.path:
        told.add(410)
    if "requestBody" in operation:
        told |= {400, 413, 422}
    if operation.get("parameters"):
        told |= {404, 422}
    if isinstance(route, Repeatable) and route.keeps and _changes(route):
        told.add(409)
    for status in sorted(told):
        answers.setdefault(str(status), {"description": _REFUSED[status]})
    if "429" in answers:
        answers["429"]["headers"] = {"Retry-After": _RETRY_AFTER}
    operation["responses"] = dict(sorted(answers.items()))
    for status, answer in operation["responses"].items():
        if int(status) >= 400:  # noqa: PLR2004 - where the errors of HTTP begin
            answer["content"] = {PROBLEM: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}


def _tell_examples(operation: Described, shown: Mapping[str, object]) -> None:
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    for body in bodies:
        for content in body.get("content", {}).values():
            name = _named(content.get("schema", {}))
            if name in shown:
                content["example"] = shown[name]


def _named(schema: Described) -> str:
    """Return the name of the schema that a schema refers to, alone or with null; the empty string where none is."""
    reference = schema.get("$ref") or next((one["$ref"] for one in schema.get("anyOf", ()) if "$ref" in one), "")
    return reference.rpartition("/")[2].partition("-")[0]


def _tell_schemas(told: Described) -> None:
    components = told["components"]
    components["securitySchemes"] = _SCHEMES
    schemas = components["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        del schemas[unused]
    schemas[Problem.__name__] = Problem.model_json_schema()
    for schema in schemas.values():
        _tell_attributes(schema)


def _tell_attributes(schema: Described) -> None:
    """Let each property say what the docstring of its value says of it."""
    said = _ATTRIBUTES.split(schema.get("description", ""))
    if len(said) == 1:
        return
    schema["description"] = said[0].strip()
    for names, meaning in _ATTRIBUTE.findall(said[1]):
        for name in names.split(", "):
            if name in schema.get("properties", {}):
                schema["properties"][name]["description"] = " ".join(meaning.split())


def _with_plain_names(told: Described) -> Described:
    """Return the document with names fit for a generated client, also where what is given and answered differ."""
    names = told["components"]["schemas"]
    renamed = {name: name.removesuffix("-Output") for name in names if name.endswith("-Output")}
    renamed |= {name: f"Given{name.removesuffix('-Input')}" for name in names if name.endswith("-Input")}
    text = json.dumps(told)
    for name, plain in renamed.items():
        text = text.replace(f'"{name}"', f'"{plain}"').replace(f'schemas/{name}"', f'schemas/{plain}"')
    found: Described = json.loads(text)
    return found
