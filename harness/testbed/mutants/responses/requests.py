"""Mutants of what the Responses endpoint reads: items, parts, tools and choices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.responses.items import ITEMS, PARTS
from harness.testbed.mutants.responses.operators import (
    calls,
    drops,
    forgives,
    has,
    items,
    parts,
    reads,
    refuses,
    responses,
    sets,
    tools,
    when,
    without_parts,
)

TEXT = "body $.output[?@.type=='message'].content[?@.type=='output_text'].text"
CALL = "body $.output[?@.type=='function_call']"
REFUSED, NAMED = "rejected.refused", "honoured_or_refused.named"
ROLES = ("user", "assistant", "system", "developer")


def items_of(body: Body) -> list[Any]:
    return body["input"] if isinstance(body.get("input"), list) else []


def has_part(kind: str) -> Callable[[Body], bool]:
    return lambda body: any(
        part.get("type") == kind
        for item in items_of(body)
        if isinstance(item, dict) and isinstance(item.get("content"), list)
        for part in item["content"]
    )


def keep_known_items(body: Body) -> None:
    if isinstance(body.get("input"), list):
        body["input"] = [i for i in body["input"] if i.get("type", "message") in ITEMS]


def drop_references(body: Body) -> None:
    if isinstance(body.get("input"), list):
        body["input"] = [i for i in body["input"] if i.get("type") != "item_reference"]


def known_parts(content: list[Body]) -> list[Body]:
    known = {kind for kinds in PARTS.values() for kind in kinds}
    return [part for part in content if part.get("type") in known]


def blank_output(content: list[Body]) -> list[Body]:
    return [{**p, "text": "-"} if p.get("type") == "output_text" else p for p in content]


def last_image(content: list[Body]) -> list[Body]:
    images = [part for part in content if part.get("type") == "input_image"]
    return [part for part in content if part not in images[:-1]]


def keep_functions(kind: str) -> Callable[[Body], None]:
    """Drops the tools of a kind, and the choice if no tool is left."""

    def change(body: Body) -> None:
        given = body.get("tools")
        if not isinstance(given, list) or not any(is_kind(tool, kind) for tool in given):
            return
        body["tools"] = [tool for tool in given if not is_kind(tool, kind)]
        if not body["tools"]:
            body.pop("tools")
            body.pop("tool_choice", None)

    return change


def is_kind(tool: Any, kind: str) -> bool:
    return isinstance(tool, dict) and (kind in tool or tool.get("type") == kind != "function")


def keep_valid_tools(body: Body) -> None:
    given = body.get("tools")
    if given is not None:
        valid = [t for t in given if isinstance(t, dict) and "name" in t] if given else []
        body["tools"] = valid if isinstance(given, list) else []


def is_bad_choice(body: Body) -> bool:
    choice = body.get("tool_choice")
    return choice == "sometimes" or (
        isinstance(choice, dict) and choice.get("name") == "no_such_tool"
    )


def any_of_named(body: Body) -> None:
    if isinstance(body.get("tool_choice"), dict) and "name" in body["tool_choice"]:
        body["tool_choice"] = "required"


def any_of_allowed(body: Body) -> None:
    if isinstance(body.get("tool_choice"), dict) and "mode" in body["tool_choice"]:
        body["tool_choice"] = body["tool_choice"]["mode"]


def without_last_result(body: Body) -> None:
    """Empties the results after the first."""
    results = [i for i in items_of(body) if i.get("type") == "function_call_output"]
    for item in results[1:]:
        item["output"] = ""


def shorten(item: Body) -> None:
    item["name"] = item["name"][:32]


def without_output_texts(item: Body) -> None:
    if isinstance(item.get("output"), list):
        item["output"] = ""


REQUESTS = (
    responses("input.items.typed", "refused", "refuses messages with their type", "status",
        refuses(lambda body: any(i.get("type") == "message" for i in items_of(body)
                                 if set(i) == {"type", "role", "content"}))),
    responses("input.parts", "last", "reads only the last text of a message", TEXT,
        reads(parts(lambda content: content[-1:]))),
    responses("input.assistant", "dropped", "drops earlier texts of the model", "any_of",
        reads(parts(blank_output))),
    responses("input.refusal", "refused", "refuses earlier refusals of the model", "status",
        refuses(has_part("refusal"))),
    responses("input.replayed", "refused", "refuses messages with a status", "status",
        refuses(lambda body: any("status" in item for item in items_of(body)))),
    responses("input.unknown-item", "dropped", "drops items of an unknown type", REFUSED,
        reads(keep_known_items)),
    responses("input.unknown-part", "dropped", "drops parts of an unknown type", REFUSED,
        reads(parts(known_parts))),
    responses("input.role-unknown", "user", "takes an unknown role for a user", REFUSED,
        reads(items(when(lambda item: "role" in item and item["role"] not in ROLES,
                         sets(role="user"))))),
    responses("input.reasoning", "refused", "refuses what the model thought", "status",
        refuses(lambda body: any(i.get("type") == "reasoning" for i in items_of(body)))),
    responses("input.reference", "dropped", "drops references to items", "any_of",
        reads(drop_references)),
    responses("images.base64", "unnamed", "refuses images without naming them", NAMED,
        refuses(has_part("input_image"))),
    responses("images.several", "last", "reads only the last image", "any_of",
        reads(parts(last_image))),
    responses("images.detail", "refused", "refuses the detail of an image", NAMED,
        refuses(lambda body: "'low'" in str(body.get("input")))),
    responses("images.file_id", "dropped", "drops images that were uploaded", REFUSED,
        reads(parts(lambda content: [part for part in content if "file_id" not in part]))),
    responses("files.data", "dropped", "drops files", "any_of", without_parts("input_file")),
    responses("tools.named", "any", "calls any function instead of the named one", f"{CALL}.name",
        reads(any_of_named)),
    responses("tools.allowed", "any", "calls any function instead of an allowed one",
        f"{CALL}.name", reads(any_of_allowed)),
    responses("tools.choice.impossible", "auto", "reads an invalid choice as auto", REFUSED,
        forgives(is_bad_choice, drops("tool_choice"))),
    responses("tools.parallel.off", "ignored", "ignores parallel_tool_calls", "body $.output",
        reads(drops("parallel_tool_calls"))),
    responses("tools.calls.item-id", "constant", "gives every call the same item id",
        "unique $.output[*].id", calls(sets(id="fc_1"))),
    responses("tools.calls.unique", "constant", "gives every call the same call_id",
        "unique $.output[?@.type=='function_call'].call_id", calls(sets(call_id="call_1"))),
    responses("tools.arguments.unicode", "replaced", "replaces letters of arguments",
        f"{CALL}.arguments",
        calls(lambda item: item.update(
            arguments=item["arguments"].encode("ascii", "replace").decode()))),
    responses("tools.name.longest", "cut", "cuts long names of functions", f"{CALL}.name",
        calls(shorten)),
    responses("tools.description", "dropped", "drops the descriptions of functions", "more_than",
        tools(drops("description"))),
    responses("tools.parameters", "dropped", "drops the parameters of functions", "any_of",
        tools(drops("parameters"))),
    responses("tools.malformed", "dropped", "drops invalid tools", REFUSED,
        reads(keep_valid_tools)),
    responses("tools.nested", "dropped", "drops functions of another form", "any_of",
        reads(keep_functions("function"))),
    responses("tools.custom", "dropped", "drops custom tools",
        "body $.output[?@.type=='custom_tool_call'].name", reads(keep_functions("custom"))),
    responses("tools.provider", "dropped", "drops tools that a provider runs",
        "any_of", reads(keep_functions("web_search"))),
    responses("tools.result", "dropped", "drops the results of functions", "any_of",
        reads(items(when(has("output"), sets(output=""))))),
    responses("tools.result.parts", "dropped", "drops results in parts", "any_of",
        reads(items(without_output_texts))),
    responses("tools.results.several", "first", "keeps the first of several results", "any_of",
        reads(without_last_result)),
    responses("stream.wrong-type", "ignored", "reads any stream as false", REFUSED,
        forgives(lambda body: body.get("stream") == "yes", drops("stream"))),
)  # fmt: skip
