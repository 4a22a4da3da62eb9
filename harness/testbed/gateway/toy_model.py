"""A small deterministic model that follows simple instructions, written as ordered rules."""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.testbed.gateway import tool_calls, web_search
from harness.testbed.gateway.model_types import Image, ModelRequest, Part, Result, ToolCall, Turn
from harness.testbed.gateway.png import image_colour
from harness.testbed.gateway.text import names

Output = str | tool_calls.Calls | None

_WORD = re.compile(r"\b(?:single|one) word: *\n?[\"']?([^\s\"']+)", re.IGNORECASE)
_WORD_IS = re.compile(r"\bword (?:to say )?is: *[\"']?([^\s\"']+)", re.IGNORECASE)
_ONE_WORD = re.compile(r"\b(?:single|one) word\b", re.IGNORECASE)
_COUNT = re.compile(r"\bcount from (\d{1,9}) to (\d{1,9})", re.IGNORECASE)
_PER_LINE = re.compile(r"\b(?:per|a|own|new|separate) line", re.IGNORECASE)
_REPEAT = re.compile(
    r"\b(?:repeat|say)(?: exactly| after me| this)*: *(.+)", re.IGNORECASE | re.DOTALL
)
_FACT = re.compile(r"\bmy ([\w ]{1,40}?) is (?:called |named )?([\w'-]+)", re.IGNORECASE)
_WHAT_NAME = re.compile(r"\bwhat is my ([\w ]{1,40}?)(?: called| named|'s name)?\?", re.IGNORECASE)
_OWN_ANSWER = re.compile(r"(?i)\b(?:which|what) (\w+) did you (?:name|say|mention|choose)")
_NAME_ONE = re.compile(r"^\W*name an? (\w+)", re.IGNORECASE)
_COLOUR = re.compile(r"\bcolou?r\b", re.IGNORECASE)
_CAPITAL = re.compile(r"\bcapital of (\w+)", re.IGNORECASE)
_POPULATION = re.compile(r"\bpopulation\b|\bhow many (?:people|inhabitants)\b", re.IGNORECASE)
_CAPITALS = {"France": "Paris", "Italy": "Rome", "Germany": "Berlin", "Japan": "Tokyo"}
_MILLIONS = {"Paris": "two", "Rome": "three", "Berlin": "four", "Tokyo": "fourteen"}
_EXAMPLES = {"colour": "Blue", "color": "Blue", "animal": "Horse"}


def respond(request: ModelRequest) -> Output:
    """Returns a text or tool calls: the output of the first rule that applies."""
    question = last_question(request)
    if request.choice in ("any", "only") and request.tools:
        return tool_calls.make_calls(request, question, forced=True)
    for rule in RULES:
        output = rule(request, question)
        if output:
            return output
    return "I am a small model and know no better answer."


def last_question(request: ModelRequest) -> str:
    """Returns the last text of the user."""
    texts = (turn.text for turn in reversed(request.turns) if turn.role == "user")
    return next((text for text in texts if text.strip()), "")


def requested_word(text: str) -> str | None:
    """Returns the single word that a text asks for; the last instruction counts."""
    words = _WORD.findall(text)
    if not words and _ONE_WORD.search(text):
        words = _WORD_IS.findall(text)
    return str(words[-1]).rstrip(".!") if words else None


def follow_system_message(request: ModelRequest, question: str) -> Output:
    return requested_word(request.instructions)


def use_fresh_results(request: ModelRequest, question: str) -> Output:
    """Reports the results of the tools that have just run."""
    last = request.turns[-1] if request.turns else None
    if last is None or not any(isinstance(part, Result) for part in last.parts):
        return None
    beside = (follow_user_message, recall_own_answer, recall_fact) if last.text.strip() else ()
    for rule in beside:
        if output := rule(request, question):
            return output
    fresh = {part.id for part in last.parts if isinstance(part, Result)}
    return _relevant(request, question) or _texts(
        [r for r in _results(request) if r[0].id in fresh]
    )


def follow_user_message(request: ModelRequest, question: str) -> Output:
    return requested_word(question)


def count(request: ModelRequest, question: str) -> Output:
    match = _COUNT.search(question)
    if not match:
        return None
    first, last = int(match[1]), min(int(match[2]), int(match[1]) + 999)
    separator = "\n" if _PER_LINE.search(question) else " "
    return separator.join(str(number) for number in range(first, last + 1))


def repeat(request: ModelRequest, question: str) -> Output:
    match = _REPEAT.search(question)
    return match[1] if match else None


def call_tools(request: ModelRequest, question: str) -> Output:
    if request.choice != "auto" or not request.tools or _relevant(request, question):
        return None
    return tool_calls.make_calls(request, question, forced=False)


def use_older_results(request: ModelRequest, question: str) -> Output:
    return _relevant(request, question)


def recall_own_answer(request: ModelRequest, question: str) -> Output:
    if not _OWN_ANSWER.search(question):
        return None
    answers = [
        turn.text for turn in request.turns if turn.role == "assistant" and turn.text.strip()
    ]
    text = answers[-1].strip().rstrip(".!") if answers else ""
    return text.partition(",")[0] if _ONE_WORD.search(question) else text


def recall_fact(request: ModelRequest, question: str) -> Output:
    match = _WHAT_NAME.search(question)
    if not match:
        return None
    text = "\n".join(turn.text for turn in request.turns if turn.role == "user")
    facts = {thing.lower(): name for thing, name in _FACT.findall(text)}
    return facts.get(match[1].lower())


def name_colour(request: ModelRequest, question: str) -> Output:
    images = [part.url for turn in request.turns for part in turn.parts if isinstance(part, Image)]
    if not _COLOUR.search(question) or not images:
        return None
    newest = [part.url for part in request.turns[-1].parts if isinstance(part, Image)]
    colours = [image_colour(url) for url in newest or images[-1:]]
    known = [colour for colour in colours if colour]
    return " and ".join(known).capitalize() if known else "I cannot open this image."


def name_one(request: ModelRequest, question: str) -> Output:
    match = _NAME_ONE.search(question)
    return _EXAMPLES.get(match[1].lower(), "Apple") if match else None


def answer_capital(request: ModelRequest, question: str) -> Output:
    match = _CAPITAL.search(question)
    country = match[1].title() if match else ""
    return f"The capital of {country} is {_CAPITALS[country]}." if country in _CAPITALS else None


def answer_population(request: ModelRequest, question: str) -> Output:
    """Answers for the city that was mentioned last."""
    if not _POPULATION.search(question):
        return None
    text = " ".join(turn.text for turn in request.turns)
    cities = [(text.rfind(city), city) for city in _MILLIONS if city in text]
    if not cities:
        return None
    city = max(cities)[1]
    return f"{city} has about {_MILLIONS[city]} million inhabitants."


RULES: tuple[Callable[[ModelRequest, str], Output], ...] = (
    follow_system_message,
    name_colour,
    tool_calls.call_requested_tool,
    use_fresh_results,
    follow_user_message,
    web_search.answer,
    count,
    repeat,
    call_tools,
    use_older_results,
    recall_own_answer,
    recall_fact,
    name_one,
    answer_capital,
    answer_population,
)


def _parts(turns: tuple[Turn, ...]) -> list[Part]:
    return [part for turn in turns for part in turn.parts]


def _results(request: ModelRequest) -> list[tuple[Result, str]]:
    """Returns each result with the arguments of its call."""
    arguments = {p.id: p.arguments for p in _parts(request.turns) if isinstance(p, ToolCall)}
    return [(p, arguments.get(p.id, "")) for p in _parts(request.turns) if isinstance(p, Result)]


def _relevant(request: ModelRequest, question: str) -> str:
    """Returns the results of calls whose arguments contain a name from the question."""
    question_names = names(question)
    return _texts([r for r in _results(request) if any(name in r[1] for name in question_names)])


def _texts(results: list[tuple[Result, str]]) -> str:
    text = ", ".join(result.text for result, _ in results)
    failed = all(result.failed for result, _ in results)
    prefix = "The tool failed" if failed else "The answer is"
    return f"{prefix}: {text}" if results else ""
