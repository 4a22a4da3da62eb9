"""Bytes of answers -> parsed responses and assembled streams."""
