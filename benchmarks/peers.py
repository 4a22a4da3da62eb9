"""Writes the requests as a tavern file and as an OpenAPI file for schemathesis.

Both tools check the status and the schema of each answer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

SHAPES: dict[str, Any] = {
    "completion": {
        "type": "object",
        "required": ["id", "object", "created", "model", "choices", "usage"],
        "properties": {
            "id": {"type": "string"},
            "object": {"const": "chat.completion"},
            "created": {"type": "integer"},
            "model": {"type": "string"},
            "choices": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["index", "message", "finish_reason"],
                    "properties": {"index": {"type": "integer"}, "message": {"type": "object"}},
                },
            },
            "usage": {"type": "object", "required": ["prompt_tokens", "completion_tokens"]},
        },
    },
    "error": {
        "type": "object",
        "required": ["error"],
        "properties": {"error": {"type": "object", "required": ["message", "type"]}},
    },
}

EXTENSION = '''"""tavern checks a schema with this function. Validators are built once."""
import json
import pathlib
import jsonschema

SHAPES = json.loads((pathlib.Path(__file__).parent / "shapes.json").read_text())
VALIDATORS = {name: jsonschema.Draft202012Validator(shape) for name, shape in SHAPES.items()}

def conforms(response, shape):
    VALIDATORS[shape].validate(response.json())
'''


def shape_of(status: int) -> str:
    return "completion" if status < 400 else "error"


def escape_braces(value: Any) -> Any:
    """Double the braces in all texts, because tavern formats them with str.format."""
    if isinstance(value, str):
        return value.replace("{", "{{").replace("}", "}}")
    if isinstance(value, list):
        return [escape_braces(item) for item in value]
    if isinstance(value, dict):
        return {escape_braces(key): escape_braces(item) for key, item in value.items()}
    return value


def write_tavern(folder: Path, base: str, key: str, work: list[dict[str, Any]]) -> list[str]:
    """Write one test with one stage per request. Returns the arguments for Python."""
    (folder / "shapes.json").write_text(json.dumps(SHAPES), "utf-8")
    (folder / "extension.py").write_text(EXTENSION, "utf-8")
    tests = [
        {
            "test_name": f"request {number}",
            "stages": [
                {
                    "name": "send",
                    "request": {
                        "url": f"{base}/chat/completions",
                        "method": "POST",
                        "headers": {"authorization": f"Bearer {key}"},
                        "json": escape_braces(item["body"]),
                    },
                    "response": {
                        "status_code": item["status"],
                        "verify_response_with": {
                            "function": "extension:conforms",
                            "extra_kwargs": {"shape": shape_of(item["status"])},
                        },
                    },
                }
            ],
        }
        for number, item in enumerate(work)
    ]
    (folder / "test_work.tavern.yaml").write_text(yaml.dump_all(tests, allow_unicode=True), "utf-8")
    return ["-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder / "test_work.tavern.yaml")]


def write_schemathesis(folder: Path, base: str, key: str, work: list[dict[str, Any]]) -> list[str]:
    """Write one operation with one example per request. Returns the arguments for Python."""
    codes = {str(item["status"]): shape_of(item["status"]) for item in work}
    api = {
        "openapi": "3.1.0",
        "info": {"title": "chat", "version": "1"},
        "paths": {
            "/chat/completions": {
                "post": {
                    "requestBody": {
                        "required": True,
                        "content": {
                            "application/json": {
                                "schema": {},
                                "examples": {
                                    f"e{number}": {"value": item["body"]}
                                    for number, item in enumerate(work)
                                },
                            }
                        },
                    },
                    "responses": {
                        code: {
                            "description": shape,
                            "content": {"application/json": {"schema": SHAPES[shape]}},
                        }
                        for code, shape in codes.items()
                    },
                }
            }
        },
    }
    (folder / "api.json").write_text(json.dumps(api), "utf-8")
    checks = "status_code_conformance,response_schema_conformance"
    return [
        *("-m", "schemathesis.cli", "run", str(folder / "api.json"), "--url", base),
        *("-H", f"authorization: Bearer {key}", "--phases", "examples", "--checks", checks),
        *("--workers", "1", "--continue-on-failure", "--request-timeout", "60"),
    ]
