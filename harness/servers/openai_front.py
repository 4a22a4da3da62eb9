"""HTTP request -> HTTP reply, as a Chat Completions endpoint gives it. May not open a socket.

Every method is an organ: a wrong gateway overrides exactly one of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from harness.servers.limits import Budget
from harness.servers.openai_checks import FIELDS, REQUIRED, check_together
from harness.servers.openai_manners import Reply, Request
from harness.servers.openai_reading import Body, Reading
from harness.servers.openai_writing import Writing
from harness.servers.refusal import Refusal, missing, wrong_type
from harness.servers.seal import Seal
from harness.servers.talk import Ask, Json, Said

MODELS = ("builtin-1", "builtin-2")
PAGES = {"/v1/chat/completions": ("POST", "chat"), "/v1/models": ("GET", "models")}


class OpenAIFront(Reading, Writing):
    def __init__(
        self,
        provider: Callable[[Ask], Said],
        meters: Mapping[str, Callable[[], Budget]],
        max_body: int,
        pace: float,
    ) -> None:
        super().__init__(meters, pace)
        self.provider, self.max_body = provider, max_body

    def respond(self, request: Request, seal: Seal) -> Reply:
        budget = None
        try:
            budget = self.meter(self.authorize(request["headers"]))
            self.admit(budget)
            reply = self.page(request, seal, budget)
        except Refusal as refusal:
            reply = self.refuse(refusal, seal, budget)
        return self.finish(reply)

    def page(self, request: Request, seal: Seal, budget: Budget) -> Reply:
        path = request["path"].partition("?")[0]
        method, page = PAGES.get(path, ("GET", ""))
        if not page and path.startswith("/v1/models/"):
            page = "model"
        if not page:
            message = f"Unknown request URL: {request['method']} {path}."
            raise Refusal(404, message, code="unknown_url")
        if request["method"] != method:
            message = f"Not allowed to {request['method']} on {path}."
            allow = (("allow", method),)
            raise Refusal(405, message, code="method_not_supported", headers=allow)
        if page == "chat":
            return self.chat(request, seal, budget)
        found = self.models() if page == "models" else self.find_model(path.split("/", 3)[3])
        return self.plain(200, found, self.headers(seal, budget, 0))

    def chat(self, request: Request, seal: Seal, budget: Budget) -> Reply:
        body = self.parse(request)
        self.check(body)
        self.find_model(body["model"])
        said = self.provider(self.understand(body))
        whole = self.completion(body, said, seal)
        headers = self.headers(seal, budget, said.read + said.wrote)
        if self.streams(body):
            return self.stream(self.frames(self.events(body, whole)), headers)
        return self.plain(200, whole, headers)

    def streams(self, body: Body) -> bool:
        return bool(body.get("stream"))

    def parse(self, request: Request) -> Body:
        """The body as an object. A content type that is not JSON is refused, none is forgiven."""
        if len(request["body"]) > self.max_body:
            raise Refusal(413, "Request too large.", code="request_too_large")
        kind = next((v for k, v in request["headers"] if k.lower() == "content-type"), "json")
        if "json" not in kind.lower():
            raise Refusal(415, "Unsupported media type: send application/json.")
        try:
            body = json.loads(request["body"].decode("utf-8"), parse_constant=_no_constant)
        except (ValueError, RecursionError):
            message = "We could not parse the JSON body of your request."
            raise Refusal(400, message, code="invalid_json") from None
        if not isinstance(body, dict):
            raise wrong_type("body", "an object", body)
        return body

    def check(self, body: Body) -> None:
        for name in REQUIRED:
            if name not in body:
                raise missing(name)
        for name, value in body.items():
            self.check_field(name, value)
        self.check_together(body)

    def check_field(self, name: str, value: Json) -> None:
        """Fields that are not supported are silently ignored, whatever they hold."""
        if name in FIELDS:
            FIELDS[name](name, value)

    def check_together(self, body: Body) -> None:
        check_together(body)

    def find_model(self, name: str) -> Body:
        for model in self.models()["data"]:
            if model["id"] == name:
                return dict(model)
        message = f"The model '{name}' does not exist or you do not have access to it."
        raise Refusal(404, message, param="model", code="model_not_found")

    def models(self) -> Body:
        return {"object": "list", "data": [self.model_card(name) for name in MODELS]}

    def model_card(self, name: str) -> Body:
        return {"id": name, "object": "model", "created": 1_750_000_000, "owned_by": "builtin"}


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")
