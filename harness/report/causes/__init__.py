"""Faults: the causes of failed findings, found by comparing findings, answers and requests."""
