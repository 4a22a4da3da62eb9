"""The official SDKs as clients of the target: each case is sent by an SDK in a process of its own.

`clients` runs the jobs. `driver` talks to an SDK's process, which `command` and `install`
prepare. The SDK sends its requests to `proxy`, which puts the keys in, forwards them to the target
and records them with `recorder`. `result` turns a job into an exchange. The SDKs are declared in
`harness.model.sdk`.
"""
