"""The official SDKs as clients of the target: each case is sent by an SDK in a process of its own.

`clients` builds the jobs and `session` runs them. `driver` talks to an SDK's process; `install`
installs the SDK. The SDK sends its requests to `proxy`, which puts the key in, forwards them to the
target and records them with `recorder`. `result` turns a job into an exchange. The SDKs are
declared in `harness.model.sdk`.
"""
