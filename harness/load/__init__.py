"""Loads packs, targets, claims and baselines from files, strictly, with file:line:column."""
