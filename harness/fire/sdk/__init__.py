"""The official SDKs as clients of the target: each case is sent by an SDK in a process of its own.

`clients` runs the jobs. `driver` talks to an SDK's process, and `install` installs the SDK. The SDK
sends its requests to `proxy`, which puts the key in, forwards them to the target and records them
with `recorder`. `result` turns a job into an exchange. `harness.model.sdk` declares the SDKs.
"""
