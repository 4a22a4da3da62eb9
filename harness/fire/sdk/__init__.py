"""The official SDKs as clients of the target: calls -> exchanges.

The records of the SDKs are in `harness.model.sdk`; `clients.Clients` sends.
"""
