"""A mock provider that a gateway forwards to. It records requests and plays scripted replies."""
