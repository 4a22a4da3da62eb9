"""Runs of many targets, models and packs: planned, paced by host, and put side by side."""
