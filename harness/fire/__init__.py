"""Shots -> Exchanges: the only room that talks to the target. Never judges."""
