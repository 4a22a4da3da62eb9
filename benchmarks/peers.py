"""The same requests as the peers want them: a tavern file, an OpenAPI file. May not run them.

Both are asked for what a status and schema test asks: this status, and an answer of this shape.
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

EXTENSION = '''"""tavern's way to check a schema: a function of ours. Validators are built once."""
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


def doubled(value: Any) -> Any:
    """Braces doubled: tavern formats every text with str.format."""
    if isinstance(value, str):
        return value.replace("{", "{{").replace("}", "}}")
    if isinstance(value, list):
        return [doubled(one) for one in value]
    if isinstance(value, dict):
        return {doubled(key): doubled(one) for key, one in value.items()}
    return value


def write_tavern(folder: Path, base: str, key: str, work: list[dict[str, Any]]) -> list[str]:
    """One test with one stage for each request. Returns the arguments of its pytest."""
    (folder / "shapes.json").write_text(json.dumps(SHAPES), "utf-8")
    (folder / "extension.py").write_text(EXTENSION, "utf-8")
    tests = [
        {
            "test_name": f"request {number}",
            "stages": [
                {
                    "name": "fire",
                    "request": {
                        "url": f"{base}/chat/completions",
                        "method": "POST",
                        "headers": {"authorization": f"Bearer {key}"},
                        "json": doubled(item["body"]),
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
    """One operation with one example for each request. Returns the arguments of its command."""
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
