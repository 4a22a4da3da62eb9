"""Ask -> what a small, obedient, deterministic model says: ordered rules. May not know any API."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

from harness.testbed.gateway import tool_calls
from harness.testbed.gateway.model_types import Ask, Image, Part, Result, ToolCall, Turn
from harness.testbed.gateway.png import colour_name
from harness.testbed.gateway.text import names

Answer = str | tool_calls.Calls | None

_WORD = re.compile(r"\b(?:single|one) word: *\n?[\"']?([^\s\"']+)", re.I)
_SPLIT = re.compile(r"\bword (?:to say )?is: *[\"']?([^\s\"']+)", re.I)
_ONE_WORD = re.compile(r"\b(?:single|one) word\b", re.I)
_COUNT = re.compile(r"\bcount from (\d{1,9}) to (\d{1,9})", re.I)
_REPEAT = re.compile(r"\b(?:repeat|say)(?: exactly| after me| this)*: *(.+)", re.I | re.S)
_NAMED = re.compile(r"\bmy ([\w ]{1,40}?) is (?:called |named )?([\w'-]+)", re.I)
_WHAT_NAME = re.compile(r"\bwhat is my ([\w ]{1,40}?)(?: called| named|'s name)?\?", re.I)
_OWN = re.compile(r"\b(?:which|what) (\w+) did you (?:name|say|mention|choose|pick)", re.I)
_NAME_ONE = re.compile(r"^\W*name an? (\w+)", re.I)
_COLOUR = re.compile(r"\bcolou?r\b", re.I)
_CAPITAL = re.compile(r"\bcapital of (\w+)", re.I)
_POPULATION = re.compile(r"\bpopulation\b|\bhow many (?:people|inhabitants)\b", re.I)
_CAPITALS = {"France": "Paris", "Italy": "Rome", "Germany": "Berlin", "Japan": "Tokyo"}
_PEOPLE = {
    "Paris": "two million",
    "Rome": "three million",
    "Berlin": "four million",
    "Tokyo": "fourteen million",
}
_ONE_OF = {"fruit": "Apple", "colour": "Blue", "color": "Blue", "animal": "Horse", "city": "Paris"}


def say(ask: Ask) -> Answer:
    """Words, or tool calls. The first rule that has something to say wins."""
    question = asked(ask)
    forced = ask.choice in ("any", "only") and bool(ask.tools)
    if forced:
        return tool_calls.calls(ask, question, forced=True)
    for rule in RULES:
        answer = rule(ask, question)
        if answer:
            return answer
    return "I am a small model and know no better answer."


def asked(ask: Ask) -> str:
    """The last words of the user."""
    texts = (turn.text for turn in reversed(ask.turns) if turn.role == "user")
    return next((text for text in texts if text.strip()), "")


def directive(text: str) -> str | None:
    """The single word a text demands; a later demand overrides an earlier one."""
    whole = _WORD.findall(text)
    split = _SPLIT.findall(text) if _ONE_WORD.search(text) else []
    found = whole or split
    return str(found[-1]).rstrip(".!") if found else None


def obey_system(ask: Ask, question: str) -> Answer:
    return directive(ask.system)


def use_fresh_results(ask: Ask, question: str) -> Answer:
    """Right after tools have run: say what they found."""
    last = ask.turns[-1] if ask.turns else None
    if last is None or not any(isinstance(part, Result) for part in last.parts):
        return None
    fresh = {part.id for part in last.parts if isinstance(part, Result)}
    return _relevant(ask, question) or _texts([r for r in _results(ask) if r[0].id in fresh])


def obey_user(ask: Ask, question: str) -> Answer:
    return directive(question)


def count(ask: Ask, question: str) -> Answer:
    found = _COUNT.search(question)
    if not found:
        return None
    first, last = int(found[1]), min(int(found[2]), int(found[1]) + 999)
    return " ".join(str(number) for number in range(first, last + 1))


def repeat(ask: Ask, question: str) -> Answer:
    found = _REPEAT.search(question)
    return found[1] if found else None


def call_tools(ask: Ask, question: str) -> Answer:
    if ask.choice != "auto" or not ask.tools or _relevant(ask, question):
        return None
    return tool_calls.calls(ask, question, forced=False)


def use_older_results(ask: Ask, question: str) -> Answer:
    return _relevant(ask, question)


def recall_own_words(ask: Ask, question: str) -> Answer:
    if not _OWN.search(question):
        return None
    own = [turn.text for turn in ask.turns if turn.role == "assistant" and turn.text.strip()]
    return own[-1].strip().rstrip(".!") if own else None


def recall_fact(ask: Ask, question: str) -> Answer:
    wanted = _WHAT_NAME.search(question)
    if not wanted:
        return None
    told = "\n".join(turn.text for turn in ask.turns if turn.role == "user")
    facts = {thing.lower(): name for thing, name in _NAMED.findall(told)}
    return facts.get(wanted[1].lower())


def see_colour(ask: Ask, question: str) -> Answer:
    pictures = [part.url for turn in ask.turns for part in turn.parts if isinstance(part, Image)]
    if not _COLOUR.search(question) or not pictures:
        return None
    head, _, data = pictures[-1].partition(",")
    seen = colour_name(base64.b64decode(data)) if head.startswith("data:") else None
    return seen.capitalize() if seen else "I cannot open this image."


def name_one(ask: Ask, question: str) -> Answer:
    found = _NAME_ONE.search(question)
    return _ONE_OF.get(found[1].lower(), "Apple") if found else None


def know_capital(ask: Ask, question: str) -> Answer:
    found = _CAPITAL.search(question)
    country = found[1].title() if found else ""
    return f"The capital of {country} is {_CAPITALS[country]}." if country in _CAPITALS else None


def know_population(ask: Ask, question: str) -> Answer:
    """Of the city that is named, or was spoken of last."""
    if not _POPULATION.search(question):
        return None
    spoken = " ".join(turn.text for turn in ask.turns)
    cities = [(spoken.rfind(city), city) for city in _PEOPLE if city in spoken]
    return f"{max(cities)[1]} has about {_PEOPLE[max(cities)[1]]} inhabitants." if cities else None


RULES: tuple[Callable[[Ask, str], Answer], ...] = (
    obey_system,
    see_colour,
    use_fresh_results,
    obey_user,
    count,
    repeat,
    call_tools,
    use_older_results,
    recall_own_words,
    recall_fact,
    name_one,
    know_capital,
    know_population,
)


def _parts(turns: tuple[Turn, ...]) -> list[Part]:
    return [part for turn in turns for part in turn.parts]


def _results(ask: Ask) -> list[tuple[Result, str]]:
    """Each result with the arguments of the call that its id names."""
    asked_for = {p.id: p.arguments for p in _parts(ask.turns) if isinstance(p, ToolCall)}
    return [(p, asked_for.get(p.id, "")) for p in _parts(ask.turns) if isinstance(p, Result)]


def _relevant(ask: Ask, question: str) -> str:
    """The results of those calls whose arguments name what the question names."""
    wanted = names(question)
    return _texts([r for r in _results(ask) if any(name in r[1] for name in wanted)])


def _texts(results: list[tuple[Result, str]]) -> str:
    found = ", ".join(result.text for result, _ in results)
    failed = all(result.failed for result, _ in results)
    words = "The tool failed" if failed else "The answer is"
    return f"{words}: {found}" if results else ""
