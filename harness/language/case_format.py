"""Writes the reference of the case format, as Markdown, from the schema of case files.

Run `python -m harness.language.case_format > docs/case-format.md` after a change of the schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import yaml

from harness.language.behaviours import BEHAVIOURS
from harness.language.case_schema import check_definitions, definitions

MAX_LINE: Final = 96  # characters
INTRODUCTION: Final = """\
<!-- Generated from schemas/case.schema.json by `python -m harness.language.case_format`. -->

# Case format

A case file is a YAML file in a pack's folder. It begins with the line that lets editors complete
and check it, and lists cases. A case names a row of the pack's field table, describes one or more
requests, and states what their answers must look like.

```yaml
# yaml-language-server: $schema=../../schemas/case.schema.json
pack: my-pack
cases:
  - id: temperature
    row: temperature
    behaviour: clamped
    range: [0, 1]
    values: [1.01, 2]

  - id: answer
    row: messages
    why: A question is answered.
    request: {body: {messages: [{role: user, content: "Reply with the single word: ready"}]}}
    expect:
      body:
        $.choices[0].message.content: {pattern: "(?i)ready"}
        $.choices[0].finish_reason: stop
```

Rules for the whole file:

- Every path is a JSONPath (RFC 9535). `field` names one place in the request.
- Where a value is expected, a string, number, null or list is compared exactly. An object is a
  JSON Schema, `true` accepts any value, and `false` means that nothing is there.
- In the JSON Schema of a text, `words: [red, crimson]` means that one of these words is there, in
  upper or lower case. A `pattern` for `red` would be found in "shared", and one for 17 in 1789.
- A key of `body`, `events`, `headers` or `forwarded` that ends in `?` may be absent. Quote it.
- A string that consists of `$name` or `$name.member` stands for a value of `define` in `pack.yaml`
  or for a captured value. `$$` is a plain dollar sign.
- `harness check` reports every mistake with its file, line and column. `harness explain CASE`
  prints the requests and assertions that a case stands for.
"""


def markdown() -> str:
    """Return the text of docs/case-format.md."""
    parts = definitions()
    common = parts["common"]["properties"]
    control = (
        f"{common['control']['description']} A change of the request, as in `same_as`, `more_than`"
        " and some behaviours, has the keys `body` and `omit` only."
    )
    return "\n".join(
        [
            INTRODUCTION,
            section("Keys of a case", parts["common"], ""),
            section("request", parts["request"]),
            section("control", parts["control"], control),
            section("steps", parts["step"], common["steps"]["description"]),
            section("client", parts["client"]),
            section("upstream", parts["upstream"]),
            "## Behaviours\n\nEach behaviour adds keys of its own, requests and assertions.\n",
            *(behaviour_section(each.id, parts[each.id]) for each in BEHAVIOURS),
            "## Checks\n\nChecks stand below `expect`, `should`, `may`, `assume` and"
            " `control: {expect: ...}`.\n",
            *(check_section(name, check) for name, check in check_definitions().items()),
        ]
    )


def section(title: str, schema: Any, text: str | None = None) -> str:
    text = schema["description"] if text is None else text
    rows = table(schema["properties"], schema.get("required", ()))
    return "\n".join([f"## {title}", "", *([text, ""] if text else []), *rows])


def behaviour_section(name: str, schema: Any) -> str:
    promise = f"{schema['description'][:1].upper()}{schema['description'][1:]}."
    keys, required = schema.get("properties", {}), schema.get("required", [])
    parts = [f"### {name}\n\n{promise}\n", *(["\n".join(table(keys, required))] if keys else [])]
    if set(required) - set(keys):
        parts.append(f"Required: {', '.join(f'`{key}`' for key in required)}.\n")
    return "\n".join([*parts, code(list_item(yaml_lines(schema["examples"][0])))])


def check_section(name: str, schema: Any) -> str:
    nested = dict(nested_properties(schema))
    parts = [f"### {name}\n\n{schema['description']}\n"]
    parts += ["\n".join(table(nested))] if nested else []
    return "\n".join([*parts, code(yaml_lines({name: schema["examples"][0]}))])


def code(lines: Iterable[str]) -> str:
    return "\n".join(["```yaml", *lines, "```\n"])


def yaml_lines(value: Any) -> Iterator[str]:
    """Yield a list or mapping as YAML, with the values that fit in one line in flow style."""
    for key, inner in value.items() if isinstance(value, Mapping) else ():
        line = f"{flow(key)}: {flow(inner)}"
        if len(line) <= MAX_LINE or not isinstance(inner, (list, dict)):
            yield line
        else:
            yield f"{flow(key)}:"
            yield from (f"  {below}" for below in yaml_lines(inner))
    for item in value if isinstance(value, list) else ():
        short = not isinstance(item, Mapping) or len(flow(item)) <= MAX_LINE
        yield from list_item([flow(item)] if short else yaml_lines(item))


def list_item(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a value as an item of a list."""
    for index, line in enumerate(lines):
        yield f"  {line}" if index else f"- {line}"


def flow(value: Any) -> str:
    text = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000
    )
    return text.removesuffix("...\n").strip()


def table(properties: Mapping[str, Any], required: Sequence[str] = ()) -> Iterator[str]:
    """Yield the rows of a table of keys; nested keys follow their parent as `parent.key`."""
    yield "| key | type | description |"
    yield "|---|---|---|"
    for name, schema in properties.items():
        mark = " (required)" if name in required else ""
        yield f"| `{name}`{mark} | {type_name(schema)} | {description(schema)} |"
        for inner, nested in nested_properties(schema):
            yield f"| `{name}.{inner}` | {type_name(nested)} | {description(nested)} |"
    yield ""


def nested_properties(schema: Any) -> Iterator[tuple[str, Any]]:
    """Yield (dotted name, schema) of the keys inside an object or a list of objects."""
    items = schema.get("items", {})
    for name, inner in {**schema.get("properties", {}), **items.get("properties", {})}.items():
        yield name, inner
        yield from ((f"{name}.{below}", nested) for below, nested in nested_properties(inner))


def description(schema: Any) -> str:
    text = schema.get("description") or resolve(schema).get("description", "")
    return str(text).replace("|", "\\|")


def type_name(schema: Any) -> str:
    """Return the type of a key in a few words."""
    schema = {**resolve(schema), **schema}
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(type_name(each) for each in schema["anyOf"]))
    kind = schema.get("type", "any value")
    if kind == "array":
        return f"list of {type_name(schema.get('items', {}))}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def resolve(schema: Any) -> Any:
    """Return the definition that a schema refers to, or an empty schema."""
    target: Any = {"$defs": definitions()} if "$ref" in schema else {}
    for token in schema.get("$ref", "").split("/")[1:]:
        target = target[token]
    return target


if __name__ == "__main__":
    print(markdown(), end="")
